import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.plots.pick import grow
from app.plots.point_map import PointMap

NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


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


def test_other_points_lose_pin_and_hover(plot, qtbot):
    plot.set_pinned(199, [1, 2])
    qtbot.mouseMove(plot, plot.place_of(17).toPoint())
    plot.set_points(np.random.default_rng(1).normal(size=(30, 2)) * 1000)
    assert plot._pinned == -1
    assert plot.hovered_index == -1
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


def test_a_map_without_points(qtbot):
    plot = PointMap()
    qtbot.addWidget(plot)
    assert plot.index_at(QPointF(5, 5)) == -1
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    plot.grab()


# Tools, outlines and what is chosen.


def drag(qtbot, plot, places, button=Qt.MouseButton.LeftButton, keys=NONE):
    """Press, go, release, as a person does; the map hears of every place."""
    places = [QPoint(*one) for one in places]
    qtbot.mousePress(plot, button, keys, pos=places[0])
    for place in places[1:]:
        where = QPointF(place)
        event = QMouseEvent(QEvent.Type.MouseMove, where, plot.mapToGlobal(where),
                            Qt.MouseButton.NoButton, button, keys)  # fmt: skip
        QApplication.sendEvent(plot, event)
    yield
    qtbot.mouseRelease(plot, button, keys, pos=places[-1])
    yield


def drawn(qtbot, plot, places, **options):
    """What a whole drag picks: (indices, mode) of every signal."""
    told = []
    plot.picked.connect(lambda rows, mode: told.append((rows.tolist(), mode)))
    list(drag(qtbot, plot, places, **options))
    return told


def inside(plot, polygon):
    """The slow way, in pixels."""
    found = []
    for index in range(len(plot._points)):
        place = plot.place_of(index)
        odd = False
        for (x0, y0), (x1, y1) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
            if (y0 <= place.y()) != (y1 <= place.y()):
                odd ^= place.x() > x0 + (place.y() - y0) * (x1 - x0) / (y1 - y0)
        if odd:
            found.append(index)
    return found


LOOP = [(150, 120), (340, 130), (360, 300), (240, 220), (140, 310)]


def test_a_lasso_picks_what_lies_within(plot, qtbot):
    qtbot.keyClick(plot, Qt.Key.Key_L)
    assert plot.tool == "lasso"
    told = drawn(qtbot, plot, LOOP)
    assert told == [(inside(plot, LOOP), "replace")]
    assert len(told[0][0]) > 10


@pytest.mark.parametrize(
    ("keys", "mode"), [(SHIFT, "add"), (CTRL, "subtract"), (SHIFT | CTRL, "toggle")]
)
def test_a_box_with_keys_held_adds_or_takes_away(plot, qtbot, keys, mode):
    qtbot.keyClick(plot, Qt.Key.Key_B)
    told = drawn(qtbot, plot, [(400, 300), (300, 250), (200, 150)], keys=keys)
    box = [(200, 150), (400, 150), (400, 300), (200, 300)]
    assert told == [(inside(plot, box), mode)]


def test_an_outline_leaves_out_what_the_legend_greyed(plot, qtbot):
    plot.set_emphasis(np.arange(200) % 2 == 0)
    qtbot.keyClick(plot, Qt.Key.Key_L)
    ((rows, _),) = drawn(qtbot, plot, LOOP)
    assert rows == [one for one in inside(plot, LOOP) if one % 2 == 0]


def test_the_outline_is_seen_and_counted_while_it_is_drawn(plot, qtbot):
    qtbot.keyClick(plot, Qt.Key.Key_L)
    before = plot.grab().toImage()
    steps = drag(qtbot, plot, LOOP)
    next(steps)
    during = plot.grab().toImage()
    assert during != before
    assert len(plot._inside()) == len(inside(plot, LOOP))
    told = []
    plot.picked.connect(lambda rows, mode: told.append(rows.tolist()))
    caught = inside(plot, LOOP)
    place = QPointF(*LOOP[-1])
    turn(plot, place, 240)  # the wheel zooms, the outline goes with the points
    next(steps)
    assert told == [caught]
    plot.fit()
    qtbot.mouseMove(plot, QPoint(1, 1))
    assert plot.grab().toImage() == before


def test_an_outline_that_leaves_the_map_takes_only_what_is_seen(plot, qtbot):
    turn(plot, QPointF(250, 200), 600)
    seen = [i for i in range(200) if plot.rect().contains(plot.place_of(i).toPoint())]
    assert 0 < len(seen) < 200
    qtbot.keyClick(plot, Qt.Key.Key_B)
    ((rows, _),) = drawn(qtbot, plot, [(1, 1), (200, 200), (2000, 2000)])
    assert set(rows) <= set(seen)


def test_esc_drops_an_outline_then_the_choice(plot, qtbot):
    qtbot.keyClick(plot, Qt.Key.Key_L)
    told = []
    plot.picked.connect(lambda rows, mode: told.append((rows.tolist(), mode)))
    plot.set_chosen(np.arange(200) < 3)
    steps = drag(qtbot, plot, LOOP)
    next(steps)
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    next(steps)
    assert told == []
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert told == [([], "replace")]


def test_other_buttons_pan_while_the_lasso_is_taken(plot, qtbot):
    qtbot.keyClick(plot, Qt.Key.Key_L)
    for button in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
        before = plot.place_of(5)
        assert drawn(qtbot, plot, [(200, 200), (230, 190), (260, 180)], button=button) == []
        moved = plot.place_of(5) - before
        assert (moved.x(), moved.y()) == pytest.approx((60, -20))
    qtbot.keyClick(plot, Qt.Key.Key_V)
    assert plot.tool == "pan"
    before = plot.place_of(5)
    assert drawn(qtbot, plot, [(200, 200), (230, 190), (260, 180)]) == []
    assert plot.place_of(5) != before


def test_a_click_pins_and_with_keys_held_it_chooses(plot, qtbot):
    told, pinned = [], []
    plot.picked.connect(lambda rows, mode: told.append((rows.tolist(), mode)))
    plot.clicked.connect(pinned.append)
    place = plot.place_of(8).toPoint()
    index = nearest(plot, place)
    for tool in (Qt.Key.Key_V, Qt.Key.Key_L):
        qtbot.keyClick(plot, tool)
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, SHIFT, pos=place)
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, CTRL, pos=place)
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, SHIFT, pos=QPoint(1, 1))
        qtbot.mouseClick(plot, Qt.MouseButton.RightButton, pos=place)
    assert pinned == [index] * 2
    assert told == [([index], "add"), ([index], "toggle")] * 2


def test_from_point_to_point_by_keyboard(plot, qtbot):
    told = []
    plot.picked.connect(lambda rows, mode: told.append((rows.tolist(), mode)))
    visited = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Left):
        before = plot.hovered_index
        start = plot.place_of(before) if before >= 0 else QPointF(250, 200)
        qtbot.keyClick(plot, key, CTRL)
        by = plot.place_of(plot.hovered_index) - start
        assert {Qt.Key.Key_Right: by.x(), Qt.Key.Key_Left: -by.x(), Qt.Key.Key_Up: -by.y()}[key] > 0
        qtbot.keyClick(plot, Qt.Key.Key_Return, SHIFT)
        visited.append(plot.hovered_index)
    assert told == [([one], "add") for one in visited]
    with qtbot.waitSignal(plot.clicked) as clicked:
        qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert clicked.args == [visited[-1]]
    qtbot.mouseMove(plot, QPoint(1, 1))


def test_ctrl_a_chooses_all_that_are_in_colour(plot, qtbot, points):
    told = []
    plot.picked.connect(lambda rows, mode: told.append((rows.tolist(), mode)))
    qtbot.keyClick(plot, Qt.Key.Key_A, CTRL)
    plot.set_emphasis(np.arange(200) < 7)
    qtbot.keyClick(plot, Qt.Key.Key_A, CTRL)
    assert told == [(list(range(200)), "replace"), (list(range(7)), "replace")]


def test_a_coloured_point_within_reach_goes_before_a_greyed_one(plot):
    place = plot.place_of(8)
    plot.set_emphasis(np.arange(200) != 8)
    found = plot.index_at(place)
    distances = [
        (np.hypot(plot.place_of(i).x() - place.x(), plot.place_of(i).y() - place.y()), i)
        for i in range(200)
        if i != 8
    ]
    assert found == (min(distances)[1] if min(distances)[0] <= 14 else 8)
    plot.set_emphasis(np.zeros(200, bool))
    assert plot.index_at(place) == 8


def test_with_a_tree_the_same_is_found_after_pan_and_zoom(plot, points):
    places = [QPointF(x, y) for x in range(30, 490, 41) for y in range(30, 390, 37)]

    def found():
        return [plot.index_at(place) for place in places]

    trees = []
    plot.settled.connect(lambda at: trees.append(grow(at)))
    plot.fit()
    for change in (lambda: None, lambda: plot.pan(40, -30), lambda: plot.zoom(3.0)):
        change()
        plain = found()
        plot.set_tree(trees[-1])
        assert found() == plain
        assert {-1} < set(plain)
        plot._tree = None
    plot.set_tree(trees[-1])
    plot.hide()
    plot.set_points(points + 5)  # an old tree is not asked for new places
    assert plot.index_at(plot.place_of(3), 0.5) == 3
