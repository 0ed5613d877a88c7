import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.plots.point_map import PointMap


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(size=(200, 2)) * [4, 2] + [50, -7]


@pytest.fixture
def plot(qtbot, points):
    made = PointMap()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.set_points(points)
    made.show()
    return made


def turn(plot, place, delta):
    event = QWheelEvent(place, plot.mapToGlobal(place), QPoint(), QPoint(0, delta),
                        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(plot, event)


def nearest(plot, place):
    """The slow way."""
    best, found = 15.0, -1
    for index in range(len(plot._points)):
        there = plot.place_of(index)
        distance = ((there.x() - place.x()) ** 2 + (there.y() - place.y()) ** 2) ** 0.5
        if distance < best:
            best, found = distance, index
    return found if best <= 14 else -1


def test_hover_finds_the_nearest_point(plot, qtbot):
    heard = []
    plot.hovered.connect(heard.append)
    for x in range(40, 480, 37):
        place = QPoint(x, 210)
        qtbot.mouseMove(plot, place)
        assert plot.hovered_index == nearest(plot, place)
    assert heard[-1] == plot.hovered_index
    assert any(index >= 0 for index in heard)
    qtbot.mouseMove(plot, QPoint(2, 2))
    assert plot.hovered_index == -1


def test_the_card_is_asked_for_after_a_rest(plot, qtbot):
    place = plot.place_of(17).toPoint()
    with qtbot.waitSignal(plot.card_requested, timeout=2000) as asked:
        qtbot.mouseMove(plot, place)
        assert plot.hovered_index >= 0  # the ring is there at once
    assert asked.args[0] == plot.hovered_index
    assert (asked.args[1] - place).manhattanLength() <= 20


def test_no_card_where_the_mouse_did_not_rest(plot, qtbot):
    with qtbot.assertNotEmitted(plot.card_requested, wait=250):
        qtbot.mouseMove(plot, plot.place_of(17).toPoint())
        qtbot.mouseMove(plot, QPoint(1, 1))


def test_the_wheel_keeps_the_point_under_the_mouse(plot):
    for index, delta in ((3, 120), (3, 360), (3, -240)):
        place = plot.place_of(index)
        before = plot.camera.scale
        turn(plot, place, delta)
        assert (plot.camera.scale > before) == (delta > 0)
        assert plot.place_of(index).x() == pytest.approx(place.x(), abs=1e-6)
        assert plot.place_of(index).y() == pytest.approx(place.y(), abs=1e-6)


def test_zoom_has_ends(plot):
    for _ in range(100):
        turn(plot, QPointF(100, 100), 1200)
    largest = plot.camera.scale
    turn(plot, QPointF(100, 100), 1200)
    assert plot.camera.scale == pytest.approx(largest)
    assert np.isfinite(plot.place_of(0).x())


def test_a_drag_pans_and_is_no_click(plot, qtbot):
    before = plot.place_of(5)
    with qtbot.assertNotEmitted(plot.clicked):
        qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
        qtbot.mouseMove(plot, QPoint(230, 190))
        qtbot.mouseMove(plot, QPoint(260, 180))
        qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(260, 180))
    moved = plot.place_of(5) - before
    assert (moved.x(), moved.y()) == pytest.approx((60, -20))


def test_a_click_gives_the_point_or_none(plot, qtbot):
    place = plot.place_of(8).toPoint()
    with qtbot.waitSignal(plot.clicked) as clicked:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == [nearest(plot, place)]
    with qtbot.waitSignal(plot.clicked) as clicked:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert clicked.args == [-1]


def test_keys_pan_zoom_and_fit(plot, qtbot):
    fitted = plot.camera
    x = plot.place_of(0).x()
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.place_of(0).x() == pytest.approx(x - 60)
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    assert plot.camera.scale > fitted.scale
    qtbot.keyClick(plot, Qt.Key.Key_Minus)
    assert plot.camera.scale == pytest.approx(fitted.scale)
    qtbot.keyClick(plot, Qt.Key.Key_0)
    assert plot.camera == fitted


def test_points_glide_to_their_new_places(plot, qtbot, points):
    moved = points[::-1].copy()
    start = plot.place_of(0)
    plot.set_points(moved)
    assert plot.place_of(0) == start
    qtbot.waitUntil(lambda: np.array_equal(plot._shown, moved), timeout=3000)
    assert plot.place_of(0) != start


def test_a_zoomed_map_stays_where_it_is_when_points_move(plot, qtbot, points):
    turn(plot, QPointF(250, 200), 360)
    camera = plot.camera
    plot.set_points(points + 0.1)
    qtbot.waitUntil(lambda: np.array_equal(plot._shown, points + 0.1), timeout=3000)
    assert plot.camera == camera


def test_other_points_are_fitted_and_lose_colours_and_pin(plot):
    plot.set_pinned(199, [1, 2])
    plot.set_emphasis(np.ones(200, bool))
    plot.set_points(np.random.default_rng(1).normal(size=(30, 2)) * 1000)
    assert plot.emphasis is None
    assert plot._pinned == -1
    assert all(plot.rect().contains(plot.place_of(i).toPoint()) for i in range(30))
    plot.grab()


def test_emphasis_pins_and_colours_are_painted(plot):
    plain = plot.grab().toImage()
    plot.set_colours(np.tile([[10, 200, 30]], (200, 1)))
    coloured = plot.grab().toImage()
    assert coloured.pixelColor(plot.place_of(199).toPoint()).name() == "#0ac81e"
    plot.set_emphasis(np.arange(200) == 3)
    greyed = plot.grab().toImage()
    assert greyed.pixelColor(plot.place_of(3).toPoint()).name() == "#0ac81e"
    plot.set_emphasis(None)
    plot.set_pinned(3, [4, 5])
    ringed = plot.grab().toImage()
    assert len({image.cacheKey() for image in (plain, coloured, greyed, ringed)}) == 4
    assert plain != coloured != greyed
    assert ringed != coloured


def test_points_without_a_place_are_neither_drawn_nor_found(plot, points):
    points[0] = np.nan
    plot.set_points(points[:100])
    assert plot.index_at(QPointF(250, 200)) != 0
    plot.set_pinned(0)
    plot.grab()


def test_what_does_not_fit_is_refused(plot):
    with pytest.raises(ValueError, match=r"shape \(N, 2\), got \(3, 3\)"):
        plot.set_points(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="200 points need as many colours"):
        plot.set_colours(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="200 points need as many flags"):
        plot.set_emphasis(np.zeros(3, bool))


def test_resizing_keeps_a_fitted_map_fitted(plot):
    plot.resize(300, 700)
    QApplication.processEvents()
    assert all(plot.rect().contains(plot.place_of(i).toPoint()) for i in range(200))


def test_a_map_without_points(qtbot):
    plot = PointMap()
    qtbot.addWidget(plot)
    assert plot.index_at(QPointF(5, 5)) == -1
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    plot.grab()
