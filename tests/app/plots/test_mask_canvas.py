"""An outline dragged or keyed over a frame, and what of the frame it marks."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app import theme
from app.plots.mask_canvas import FIRST, STEP, MaskCanvas, veil

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def canvas(qtbot):
    made = MaskCanvas("First frame")
    qtbot.addWidget(made)
    made.resize(404, 304)
    made.show_frame(np.full((50, 100, 3), 128, np.uint8))
    made.allow(drawing=True)
    made.show()
    qtbot.waitExposed(made)
    return made


def at(canvas, right, down):
    place = canvas.place()
    return QPoint(
        round(place.left() + right * place.width()), round(place.top() + down * place.height())
    )


def drag(qtbot, canvas, start, stop):
    qtbot.mousePress(canvas, LEFT, pos=at(canvas, *start))
    qtbot.mouseMove(canvas, at(canvas, *[(a + b) / 2 for a, b in zip(start, stop, strict=True)]))
    qtbot.mouseMove(canvas, at(canvas, *stop))
    qtbot.mouseRelease(canvas, LEFT, pos=at(canvas, *stop))


def test_a_frame_keeps_its_shape_in_the_middle(canvas):
    place = canvas.place()
    assert (place.width(), place.height()) == (400, 200)
    assert place.center() == canvas.rect().toRectF().center()


def test_a_box_is_dragged_from_any_corner(canvas, qtbot):
    with qtbot.waitSignal(canvas.drawn):
        drag(qtbot, canvas, (0.75, 0.8), (0.25, 0.2))
    assert canvas.box == pytest.approx((0.25, 0.2, 0.75, 0.8), abs=0.01)
    marked = canvas.marked(10, 20)
    expected = np.zeros((10, 20), bool)
    expected[2:8, 5:15] = True
    assert np.array_equal(marked, expected)
    drag(qtbot, canvas, (0.5, 0.5), (3.0, 3.0))
    assert canvas.box == pytest.approx((0.5, 0.5, 1, 1), abs=0.01), "it ends with the frame"


def test_a_click_draws_nothing_and_keeps_what_there_is(canvas, qtbot):
    qtbot.mouseClick(canvas, LEFT, pos=at(canvas, 0.5, 0.5))
    assert canvas.box is None
    drag(qtbot, canvas, (0.1, 0.1), (0.4, 0.4))
    before = canvas.box
    with qtbot.assertNotEmitted(canvas.drawn):
        qtbot.mouseClick(canvas, LEFT, pos=at(canvas, 0.8, 0.8))
    assert canvas.box == before


def test_an_ellipse_marks_what_lies_in_it(canvas):
    canvas.set_outline("ellipse")
    canvas.set_box((0.2, 0.1, 0.8, 0.9))
    marked = canvas.marked(40, 60)
    for row, column in ((20, 30), (5, 30), (5, 14), (20, 13), (34, 46), (3, 30)):
        x, y = (column + 0.5) / 60, (row + 0.5) / 40
        assert marked[row, column] == (((x - 0.5) / 0.3) ** 2 + ((y - 0.5) / 0.4) ** 2 <= 1)
    assert marked.mean() == pytest.approx(math.pi * 0.3 * 0.4, abs=0.01)


def test_keys_draw_move_resize_and_delete(canvas, qtbot):
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.box == FIRST
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.box == pytest.approx((0.35 + STEP, 0.35, 0.65 + STEP, 0.65))
    qtbot.keyClick(canvas, Qt.Key.Key_Down, SHIFT)
    assert canvas.box == pytest.approx((0.35 + STEP, 0.35, 0.65 + STEP, 0.65 + STEP))
    for _ in range(60):
        qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.box[1] == 0.0
    for _ in range(60):
        qtbot.keyClick(canvas, Qt.Key.Key_Left, SHIFT)
    assert 0 < canvas.box[2] - canvas.box[0] <= STEP + 1e-9
    with qtbot.waitSignal(canvas.drawn):
        qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.box is None
    assert not canvas.marked(4, 4).any()


def test_where_one_may_only_look_nothing_is_drawn(canvas, qtbot):
    canvas.allow(drawing=False)
    drag(qtbot, canvas, (0.1, 0.1), (0.9, 0.9))
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.box is None
    empty = MaskCanvas("First frame")
    qtbot.addWidget(empty)
    empty.allow(drawing=True)
    qtbot.keyClick(empty, Qt.Key.Key_Right)
    assert empty.is_empty()
    assert empty.box is None
    empty.grab()


def test_the_mask_lies_over_the_frame_and_the_outline_over_both(canvas):
    plain = canvas.grab().toImage()
    mask = np.zeros((5, 10), bool)
    mask[:, 5:] = True
    canvas.show_frame(np.full((50, 100, 3), 128, np.uint8), mask)
    shown = canvas.grab().toImage()
    assert shown.pixelColor(at(canvas, 0.25, 0.5)) == plain.pixelColor(at(canvas, 0.25, 0.5))
    assert shown.pixelColor(at(canvas, 0.75, 0.5)) != plain.pixelColor(at(canvas, 0.75, 0.5))
    canvas.set_box((0.2, 0.2, 0.4, 0.8))
    assert canvas.grab().toImage().pixelColor(at(canvas, 0.3, 0.5)) != shown.pixelColor(
        at(canvas, 0.3, 0.5)
    )
    assert veil(mask).pixelColor(0, 0).alpha() == 0
    before = canvas.grab().toImage()
    theme.current().apply("light")
    assert canvas.grab().toImage() != before
