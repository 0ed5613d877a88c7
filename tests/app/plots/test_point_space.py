import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app import theme
from app.plots import colours
from app.plots.orbit import Orbit
from app.plots.point_map import PointMap
from app.plots.point_space import PER_PIXEL, START, STEP, PointSpace

RNG = np.random.default_rng(0)
CLOUD = RNG.normal(size=(300, 3)) * [3, 2, 2] + [5, 0, -4]
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def space(qtbot):
    made = PointSpace()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.set_points(CLOUD)
    made.set_colours(colours.by_class(np.arange(300) % 4))
    made.show()
    qtbot.waitExposed(made)
    made.rested = []
    made.settled.connect(made.rested.append)
    return made


def drag(qtbot, space, button, by, start=QPoint(20, 20)):  # noqa: B008 - not changed
    qtbot.mousePress(space, button, pos=start)
    for part in (0.5, 1.0):
        place = start + QPoint(round(by[0] * part), round(by[1] * part))
        # The mouseMove of pytest-qt knows of no held button.
        where = QPointF(place)
        event = QMouseEvent(
            QEvent.Type.MouseMove, where, space.mapToGlobal(where), Qt.MouseButton.NoButton,
            button, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(space, event)
    qtbot.mouseRelease(space, button, pos=place)


def places(space):
    return np.array([space.place_of(one).toTuple() for one in range(300)])


def test_dragging_turns_the_cloud_and_the_other_button_moves_it(space, qtbot):
    assert space.deep
    assert space.orbit == START
    before = places(space)
    drag(qtbot, space, LEFT, (60, -30))
    turned = START.turned(60 * PER_PIXEL, -30 * PER_PIXEL)
    assert space.orbit.yaw == pytest.approx(turned.yaw)
    assert space.orbit.pitch == pytest.approx(turned.pitch)
    assert np.abs(places(space) - before).max() > 20
    assert len(space.rested) == 1, "the points rest once, at the end"
    assert space.rested[0] is space._points
    after = places(space)
    drag(qtbot, space, RIGHT, (30, 10))
    np.testing.assert_allclose(places(space) - after, np.tile([30, 10], (300, 1)), atol=1e-6)
    assert space.orbit.yaw == pytest.approx(turned.yaw)


def test_the_keyboard_turns_moves_zooms_and_resets(space, qtbot):
    fitted = space.camera
    qtbot.keyClick(space, Qt.Key.Key_Right)
    qtbot.keyClick(space, Qt.Key.Key_Down)
    assert space.orbit == START.turned(STEP, 0).turned(0, STEP)
    assert space.camera == fitted, "turning does not zoom"
    qtbot.keyClick(space, Qt.Key.Key_Right, SHIFT)
    assert space.camera.x != fitted.x
    qtbot.keyClick(space, Qt.Key.Key_Plus)
    assert space.camera.scale > fitted.scale
    qtbot.keyClick(space, Qt.Key.Key_0)
    assert (space.orbit, space.camera) == (START, fitted)


def test_the_whole_cloud_stays_in_sight_while_it_is_turned(space):
    for _ in range(12):
        space.turn(0.5, 0.2)
        seen = places(space)
        assert (seen > 0).all()
        assert (seen < [500, 400]).all()


def test_hover_finds_the_foremost_point_under_the_mouse(space, qtbot):
    x, y = space.camera.pixels(space._shown)
    depth = space._near
    for index in range(0, 300, 17):
        place = QPoint(round(x[index]), round(y[index]))
        qtbot.mouseMove(space, place)
        distances = np.hypot(x - place.x(), y - place.y())
        under = [one for one in range(300) if distances[one] <= space.diameter() / 2 + 1]
        assert space.hovered_index == max(under, key=lambda one: depth[one])
    qtbot.mouseMove(space, QPoint(2, 2))
    assert space.hovered_index == -1


def test_greyed_points_are_found_only_if_no_other_is(space):
    index = space.index_at(space.place_of(5))
    mask = np.ones(300, bool)
    mask[index] = False
    space.set_emphasis(mask)
    other = space.index_at(space.place_of(index))
    assert other != index
    mask[:] = False
    space.set_emphasis(mask)
    assert space.index_at(space.place_of(index)) == index


def test_clicking_pins_and_a_box_takes_all_behind_it(space, qtbot):
    clicked, picked = [], []
    space.clicked.connect(clicked.append)
    space.picked.connect(lambda rows, mode: picked.append((rows, mode)))
    place = space.place_of(7).toPoint()
    qtbot.mouseClick(space, LEFT, pos=place)
    assert clicked == [space.index_at(space.place_of(7))]
    space.set_pinned(7, (8, 9))
    space.grab()
    qtbot.keyClick(space, Qt.Key.Key_B)
    drag(qtbot, space, LEFT, (150, 150), QPoint(170, 120))
    seen = places(space)
    inside = ((seen > [170, 120]) & (seen < [320, 270])).all(1)
    rows, mode = picked[0]
    assert mode == "replace"
    assert set(rows.tolist()) == set(np.flatnonzero(inside).tolist())
    assert space.orbit == START, "the tool draws and does not turn"


def test_a_flat_map_is_the_map_it_always_was(qtbot):
    plain, space = PointMap(), PointSpace()
    tints = colours.by_class(np.arange(300) % 4)
    pictures = []
    for one in (plain, space):
        qtbot.addWidget(one)
        one.resize(300, 240)
        one.set_points(CLOUD[:, :2])
        one.set_colours(tints)
        pictures.append(one.grab().toImage())
    assert pictures[0] == pictures[1]
    assert not space.deep
    qtbot.keyClick(space, Qt.Key.Key_Right)
    qtbot.keyClick(plain, Qt.Key.Key_Right)
    assert space.camera == plain.camera, "arrows move it"
    assert space.orbit == Orbit()


def test_points_glide_out_of_the_plane_and_back(space, qtbot):
    for deep, target in ((False, CLOUD[:, :2]), (True, CLOUD)):
        seen = places(space)
        space.set_points(target)
        space._glide_to(0.0)
        first = places(space)
        np.testing.assert_allclose(first - first.mean(0), seen - seen.mean(0), atol=90)
        assert space.deep is deep
        qtbot.waitUntil(lambda: bool(space.rested) and space.rested[-1] is space._points)
        space.rested.clear()
    assert space.orbit == START
    straight = PointSpace()
    qtbot.addWidget(straight)
    straight.resize(500, 400)
    straight.set_points(CLOUD)
    np.testing.assert_allclose(places(space), places(straight), atol=1e-6)


def test_points_that_stay_in_space_keep_the_side_they_are_seen_from(space, qtbot):
    space.turn(0.4, 0.1)
    orbit = space.orbit
    space.set_points(CLOUD + RNG.normal(scale=0.1, size=CLOUD.shape))
    qtbot.waitUntil(lambda: bool(space.rested))
    assert space.orbit == orbit
    space.set_points(CLOUD[:20])
    assert space.hovered_index == -1
    assert len(space.emphasis if space.emphasis is not None else space._points) == 20


def test_points_without_a_place_are_left_out(space, qtbot):
    holed = CLOUD.copy()
    holed[::3] = np.nan
    space.set_points(holed)
    qtbot.waitUntil(lambda: bool(space.rested))
    space.grab()
    assert space.index_at(space.place_of(1)) >= 0
    assert space.index_at(space.place_of(1)) % 3 != 0


@pytest.mark.parametrize("name", theme.NAMES)
def test_axes_and_a_hint_are_painted_until_it_was_turned(space, name):
    theme.current().apply(name)
    corner = (0, 300, 100, 100)
    ground = colours.bytes_of(theme.tokens().surface)

    def ink(x, y, width, height):
        image = space.grab().toImage().copy(x, y, width, height)
        return sum(
            image.pixelColor(i, j).getRgb()[:3] != tuple(ground)
            for i in range(0, width)
            for j in range(0, height)
        )

    space.set_points(CLOUD[:3] * 0)
    assert ink(*corner) > 60
    hinted = ink(100, 380, 300, 20)
    space.turn(0.1, 0)
    assert ink(100, 380, 300, 20) < hinted
    space.set_points(CLOUD[:4, :2])
    assert ink(*corner) == 0


def test_says_what_it_is_to_a_screen_reader(space):
    assert "300 points, in three dimensions" in space.accessibleDescription()
    assert "arrow keys to turn" in space.accessibleDescription()
    space.set_points(CLOUD[:, :2])
    assert space.accessibleDescription() == "300 points"


@pytest.mark.parametrize("points", [np.zeros(3), np.zeros((3, 1)), np.zeros((3, 4))])
def test_refuses_other_shapes(space, points):
    with pytest.raises(ValueError, match=r"\(N, 2\) or \(N, 3\)"):
        space.set_points(points)


def test_guests_are_marked_and_turn_with_the_cloud(space):
    def marked():
        image = space.grab().toImage()
        flat = space._flattened(np.array([[5.0, 9.0, -4.0]]))[0]
        x, y = space.camera.pixels(flat)
        return image.pixelColor(round(x[0]), round(y[0])).name()

    wanted = theme.tokens().text.lower()
    assert marked() != wanted
    space.set_guests(np.array([[5.0, 9.0, -4.0], [np.nan, 0, 0]]))
    assert marked() == wanted
    space.turn(0.8, 0.3)
    assert marked() == wanted
    space.set_guests(None)
    assert marked() != wanted
    space.set_guests(np.zeros((1, 2)))
    space.grab()
