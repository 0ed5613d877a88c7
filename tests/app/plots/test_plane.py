import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from app.plots import dot_image, plane
from app.plots.plane import Plane

MANY = 60_000


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(size=(200, 2)) * [4, 2] + [50, -7]


@pytest.fixture
def shown(qtbot, points):
    made = Plane()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.set_points(points)
    made.show()
    return made


def test_points_glide_to_their_new_places_and_settle_there(shown, qtbot, points):
    moved = points[::-1].copy()
    start = shown.place_of(0)
    rested = []
    shown.settled.connect(rested.append)
    shown.set_points(moved)
    assert shown.place_of(0) == start
    assert rested == []
    qtbot.waitUntil(lambda: len(rested) == 1, timeout=5000)
    assert np.array_equal(rested[0], moved)
    assert shown.place_of(0) != start


def test_a_zoomed_map_stays_where_it_is_when_points_move(shown, qtbot, points):
    shown.zoom(2.0, QPointF(250, 200))
    camera = shown.camera
    with qtbot.waitSignal(shown.settled, timeout=5000):
        shown.set_points(points + 0.1)
    assert shown.camera == camera


def test_other_points_are_fitted_and_nothing_of_the_old_ones_stays(shown):
    shown.set_emphasis(np.ones(200, bool))
    shown.set_chosen(np.arange(200) < 5)
    assert shown.accessibleDescription() == "200 points, 5 chosen"
    shown.set_points(np.random.default_rng(1).normal(size=(30, 2)) * 1000)
    assert shown.emphasis is shown.chosen is None
    assert shown.accessibleDescription() == "30 points"
    assert all(shown.rect().contains(shown.place_of(i).toPoint()) for i in range(30))


def test_none_of_them_chosen_is_no_choice(shown):
    shown.set_chosen(np.zeros(200, bool))
    assert shown.chosen is None


def test_what_does_not_fit_is_refused(shown):
    with pytest.raises(ValueError, match=r"shape \(N, 2\), got \(3, 3\)"):
        shown.set_points(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="200 points need as many colours"):
        shown.set_colours(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="200 points need as many flags"):
        shown.set_emphasis(np.zeros(3, bool))
    with pytest.raises(ValueError, match="200 points need as many flags"):
        shown.set_chosen(np.zeros(3, bool))
    with pytest.raises(ValueError, match="200 points need as many marks"):
        shown.set_marks(np.zeros(3, int))


def test_resizing_keeps_a_fitted_map_fitted(shown):
    shown.resize(300, 700)
    QApplication.processEvents()
    assert all(shown.rect().contains(shown.place_of(i).toPoint()) for i in range(200))


def test_marks_make_the_dots_large_enough_to_be_told_apart(shown):
    plain = shown.diameter()
    shown.set_marks(np.arange(200) % 4)
    assert shown.diameter() >= plane.MARKED > plain
    shown.set_diameter(4)
    assert shown.diameter() == 4, "a person's choice goes before"
    shown.set_diameter(0)
    shown.set_marks(None)
    assert shown.diameter() == plain


@pytest.fixture
def crowd(qtbot):
    made = Plane()
    qtbot.addWidget(made)
    made.resize(300, 240)
    made.set_points(np.random.default_rng(2).normal(size=(MANY, 2)))
    made.changes = []
    made.drawing_changed.connect(lambda: made.changes.append(made.shades_density))
    return made


def test_a_crowd_is_shaded_until_one_looks_closer(crowd):
    assert not crowd.shades_density
    crowd.grab()
    assert crowd.shades_density
    crowd.zoom(30.0)
    crowd.grab()
    assert not crowd.shades_density
    crowd.fit()
    crowd.grab()
    assert crowd.changes == [True, False, True]


def test_between_two_limits_it_stays_as_it_is(crowd, monkeypatch):
    crowd.grab()
    monkeypatch.setattr(plane, "CROWDED", 1e9)
    monkeypatch.setattr(plane, "CALM", 0.5)
    crowd.invalidate()
    crowd.grab()
    assert crowd.changes == [True]


def test_the_drawing_can_be_chosen(crowd, shown):
    crowd.set_drawing("dots")
    dots = crowd.grab().toImage()
    assert not crowd.shades_density
    crowd.set_drawing("density")
    assert crowd.grab().toImage() != dots
    crowd.set_drawing("dots")
    assert crowd.grab().toImage() == dots
    assert crowd.changes == [True, False]
    shown.set_drawing("density")
    assert shown.shades_density, "also for few, when asked"
    shown.set_drawing("automatic")
    shown.grab()
    assert not shown.shades_density
    assert dot_image.CROWDED_FROM > 200


def test_a_map_without_points(qtbot):
    empty = Plane()
    qtbot.addWidget(empty)
    assert empty.is_empty()
    empty.zoom(2.0)
    empty.pan(3, 4)
    empty.fit()
    empty.set_points(np.full((3, 2), np.nan))
    empty.grab()
