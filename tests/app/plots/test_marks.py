import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter

from app.plots.marks import MARKS, draw, footprint, mark_of


def pixels(shape, reach):
    on = np.zeros((2 * reach + 1, 2 * reach + 1), bool)
    for dy, dx, run in shape:
        on[dy + reach, dx + reach : dx + reach + run] = True
    return on


@pytest.mark.parametrize("diameter", [1, 2, 3, 4, 5, 6, 7, 8, 16])
def test_a_circle_is_round_and_as_wide_as_asked(diameter):
    circle = footprint("circle", diameter)
    on = pixels(circle.whole, circle.reach)
    rows, columns = np.flatnonzero(on.any(1)), np.flatnonzero(on.any(0))
    box = on[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert box.shape == (diameter, diameter)
    assert np.array_equal(box, box.T)
    assert np.array_equal(box, box[::-1])
    if diameter >= 5:
        assert not pixels(circle.full, circle.reach)[rows[0], columns[0]], "no corner"


@pytest.mark.parametrize("mark", MARKS)
def test_parts_of_a_mark_lie_in_each_other(mark):
    for diameter in (1, 2, 5, 9):
        one = footprint(mark, diameter)
        full, whole, around = (
            pixels(part, one.reach) for part in (one.full, one.whole, one.around)
        )
        assert (full <= whole).all()
        assert (whole <= around).all()
        assert whole.sum() == one.area > 0


def test_marks_of_nine_pixels_are_told_apart():
    shapes = [footprint(mark, 9) for mark in MARKS]
    reach = max(one.reach for one in shapes)
    pictures = [pixels(one.full, reach) for one in shapes]
    for index, picture in enumerate(pictures):
        for other in pictures[:index]:
            assert (picture ^ other).sum() >= 12


def test_marks_come_round_again():
    assert [mark_of(number) for number in range(7)] == [*MARKS, MARKS[0]]


@pytest.mark.parametrize("mark", MARKS)
def test_a_drawn_mark_looks_like_its_pixels(qapp, mark):
    image = QImage(41, 41, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.white)
    draw(painter, mark, QPointF(20.5, 20.5), 31)
    painter.end()
    drawn = np.array([[image.pixelColor(x, y).red() > 127 for x in range(41)] for y in range(41)])
    one = footprint(mark, 31)
    expected = np.zeros((41, 41), bool)
    for dy, dx, run in one.full:
        expected[20 + dy, 20 + dx : 20 + dx + run] = True
    assert (drawn ^ expected).sum() < 0.12 * expected.sum()
