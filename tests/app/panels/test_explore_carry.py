"""A mask drawn in Explore and carried along a clip: from the mouse to the last frame."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels import explore_carry
from app.panels.explore import ExplorePanel
from app.panels.explore_carried import Carried
from app.panels.explore_carry import DRAW, NO_PIXEL, READY, CarryCard, told
from app.panels.explore_layouts import Layouts
from app.panels.explore_probe import Probe
from tests.app.panels import sequenced, trained
from tests.app.panels.projecting import Server
from tests.app.panels.reachable import unnamed

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.getbasetemp() / "sequenced"


@pytest.fixture
def run(loaded, place, qtbot, tmp_path):
    """A workspace with a run of video colourisation open; checkpoints at 2 and 4."""
    trained.open_run(qtbot, loaded, sequenced.run(place, tmp_path / "run"))
    return loaded


def probe(run, recipe=None):
    return Probe(np.arange(20), run.catalogue, recipe or run.directory.recipe())


@pytest.fixture
def card(run, qtbot):
    made = CarryCard(run)
    qtbot.addWidget(made)
    made.resize(620, 640)
    made.show()
    qtbot.waitExposed(made)
    assert made.set_probe(probe(run))
    qtbot.waitUntil(lambda: not made.canvas.is_empty(), timeout=20_000)
    yield made
    qtbot.waitUntil(lambda: not run.tasks.running(), timeout=20_000)


def drag(qtbot, canvas, start, stop):
    place = canvas.place()
    points = [
        QPoint(round(place.left() + x * place.width()), round(place.top() + y * place.height()))
        for x, y in (start, stop)
    ]
    qtbot.mousePress(canvas, LEFT, pos=points[0])
    qtbot.mouseMove(canvas, points[1])
    qtbot.mouseRelease(canvas, LEFT, pos=points[1])


def carry(card, qtbot):
    drag(qtbot, card.canvas, (0.2, 0.3), (0.7, 0.8))
    qtbot.mouseClick(card.start, LEFT)
    qtbot.waitUntil(lambda: card.start.isVisible() and card.slider.isEnabled(), timeout=20_000)
    return card._found


def test_a_box_is_dragged_and_carried_along_the_clip(card, qtbot):
    assert card.words.text() == DRAW
    assert not card.start.isEnabled()
    assert card.clip.count() == 4
    drag(qtbot, card.canvas, (0.2, 0.3), (0.7, 0.8))
    assert card.words.text() == READY
    qtbot.mouseClick(card.start, LEFT)
    assert card.cancel.isVisible()
    assert not card.start.isVisible()
    qtbot.waitUntil(card.start.isVisible, timeout=20_000)
    found = card._found
    assert found.frames.shape == (12, 16, 16, 3)
    assert np.array_equal(found.masks[0], card.canvas.marked(16, 16))
    assert card.slider.value() == 11
    assert card.where.text() == "Frame 12 of 12"
    assert card.words.text() == told(found)
    assert "by the checkpoint of step 4" in card.words.text()
    assert card.slider.hasFocus()
    assert not unnamed(card)


def test_the_slider_and_the_strip_scrub_through_the_frames(card, qtbot):
    found = carry(card, qtbot)
    last = card.canvas.grab().toImage()
    qtbot.keyClick(card.slider, Qt.Key.Key_Home)
    assert card.where.text() == "Frame 1 of 12"
    assert card.canvas.grab().toImage() != last
    assert np.array_equal(card.canvas._mask, found.masks[0])
    qtbot.mouseClick(card.strip, LEFT, pos=card.strip.place(3).center().toPoint())
    shown = card.strip._thumbnails[3].row
    assert card.slider.value() == shown
    assert np.array_equal(card.canvas._mask, found.masks[shown])
    card.resize(300, 640)
    rows = card.strip.visible_rows
    assert len(rows) == len(card.strip._thumbnails) < 12
    assert (rows[0], rows[-1]) == (0, 11), "evenly spaced, with both ends"


def test_small_pictures_are_made_of_the_frames_the_strip_shows(card, qtbot, monkeypatch):
    made = []
    blend = explore_carry._over

    def counted(picture, mask):
        made.append(picture)
        return blend(picture, mask)

    monkeypatch.setattr(explore_carry, "_over", counted)
    card.resize(300, 640)
    found = carry(card, qtbot)
    card.strip.grab()
    rows = card.strip.visible_rows
    assert len(rows) < 12
    assert len(made) == len(rows), "one of each"
    assert all(np.array_equal(made[at], found.frames[row]) for at, row in enumerate(rows))
    qtbot.keyClick(card.slider, Qt.Key.Key_Home)  # the strip is painted anew
    card.strip.grab()
    assert len(made) == len(rows)
    expected = blend(found.frames[rows[-1]], found.masks[rows[-1]]).toImage()
    assert card._pictured(rows[-1]).toImage() == expected
    assert card._pictured(12) is None


def test_drawing_is_for_the_first_frame_and_lets_go_of_what_was_found(card, qtbot):
    carry(card, qtbot)
    box = card.canvas.box
    drag(qtbot, card.canvas, (0.1, 0.1), (0.5, 0.5))
    assert card.canvas.box == box, "the last frame is only looked at"
    qtbot.keyClick(card.slider, Qt.Key.Key_Home)
    drag(qtbot, card.canvas, (0.1, 0.1), (0.5, 0.5))
    assert card._found is None
    assert not card.slider.isEnabled()
    assert not card.strip.isVisible()
    assert card.words.text() == READY
    carry(card, qtbot)
    qtbot.mouseClick(card.outlines["ellipse"], LEFT)
    assert card._found is None
    marked = card.canvas.marked(16, 16)
    assert 0 < marked.sum() < 64


def test_another_clip_begins_anew_and_frames_can_be_fewer(card, qtbot, run):
    carry(card, qtbot)
    before = card._first
    card.clip.setFocus()
    qtbot.keyClick(card.clip, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: card._first is not None, timeout=20_000)
    assert not np.array_equal(card._first, before)
    assert card.canvas.box is None
    card.frames.setFocus()
    qtbot.keyClick(card.frames, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(card.frames, "3")
    qtbot.keyClick(card.frames, Qt.Key.Key_Return)
    assert len(carry(card, qtbot).frames) == 3


def test_it_can_be_called_off_and_problems_are_told(card, qtbot, run):
    drag(qtbot, card.canvas, (0.2, 0.3), (0.7, 0.8))
    qtbot.mouseClick(card.start, LEFT)
    qtbot.mouseClick(card.cancel, LEFT)
    assert card.start.isVisible()
    assert card._found is None
    qtbot.waitUntil(lambda: not run.tasks.running(), timeout=20_000)
    assert card._found is None
    run.record.checkpoints.clear()
    qtbot.mouseClick(card.start, LEFT)
    qtbot.waitUntil(lambda: card.words.property("role") == "danger", timeout=20_000)
    assert "no checkpoint yet, so nothing can carry a mask" in card.words.text()
    assert card.start.isVisible()


def test_an_outline_without_a_pixel_is_told(card, qtbot):
    drag(qtbot, card.canvas, (0.508, 0.508), (0.531, 0.531))
    assert card.canvas.box is not None
    qtbot.mouseClick(card.start, LEFT)
    assert card.words.text() == NO_PIXEL
    assert card.start.isVisible()


def test_a_run_that_cannot_is_refused_and_the_same_map_keeps_what_was_drawn(card, qtbot, run):
    drag(qtbot, card.canvas, (0.2, 0.3), (0.7, 0.8))
    box = card.canvas.box
    assert card.set_probe(probe(run))
    assert card.canvas.box == box
    other = run.directory.recipe().with_set({"method.key": "frame_prediction"})
    assert not card.set_probe(probe(run, other))
    assert card.canvas.is_empty()
    assert card.clip.count() == 0
    assert not card.start.isEnabled()


def test_words_say_where_it_was_lost():
    masks = np.zeros((4, 5, 4), bool)
    masks[0, :2], masks[1, 0, 0] = True, True
    words = told(Carried(70, np.zeros((4, 5, 4, 3), np.uint8), masks))
    assert words == (
        "Carried to 3 frames by the checkpoint of step 70: it covers 40.0 % of the first frame and "
        "0.0 % of the last. In 2 nothing is left of it, first in frame 3."
    )


def test_explore_offers_it_for_such_a_run(run, qtbot):
    layouts = Layouts(run.tasks, server=Server)
    panel = ExplorePanel(run, layouts=layouts)
    layouts.setParent(panel)
    qtbot.addWidget(panel, before_close_func=lambda one: one.layouts.close())
    assert not panel.main.tabs.isTabVisible(2)
    panel.resize(1300, 800)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: panel.main.tabs.isTabVisible(2), timeout=20_000)
    qtbot.mouseClick(panel.main.tabs, LEFT, pos=panel.main.tabs.tabRect(2).center())
    qtbot.waitUntil(lambda: not panel.carry.canvas.is_empty(), timeout=20_000)
    carry(panel.carry, qtbot)
    run.run_changed.emit()  # as where another run is opened
    assert not panel.main.tabs.isTabVisible(2)
    assert panel.main.page == "map"
    qtbot.waitUntil(lambda: not run.tasks.running(), timeout=20_000)
