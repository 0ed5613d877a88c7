import pytest
from PySide6.QtCore import Qt

from app.panels.tiles import SMALLEST, Entry, Tiles
from app.pictures import Pictures
from tests.app.panels.reachable import unnamed

KEY = Qt.Key


@pytest.fixture
def tiles(opened, qtbot):
    made = Tiles(Pictures(opened), "test", opened.selection)
    qtbot.addWidget(made)
    made.resize(340, 400)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)


def entries(rows):
    return [Entry(row, f"0.{row:02d}", f"cat/{row}.png") for row in rows]


def focused(tiles):
    return next((one.text() for one in tiles.buttons if one.hasFocus()), None)


def test_tiles_stand_in_rows_of_three(tiles):
    tiles.show_entries(entries(range(5)))
    places = [(one.x(), one.y()) for one in tiles.buttons]
    assert len({x for x, _ in places}) == 3
    assert places[0][1] == places[1][1] == places[2][1] < places[3][1] == places[4][1]
    assert places[3][0] == places[0][0]
    assert max(one.geometry().right() for one in tiles.buttons) < tiles.viewport().width()
    assert tiles.widget().height() >= tiles.buttons[-1].geometry().bottom()
    assert not unnamed(tiles)


def test_tiles_fill_another_width_and_are_fewer_side_by_side_when_narrow(tiles):
    tiles.show_entries(entries(range(5)))
    before = tiles.buttons[0].width()
    tiles.resize(260, 400)
    assert SMALLEST <= tiles.buttons[0].width() < before
    assert max(one.geometry().right() for one in tiles.buttons) < tiles.viewport().width()
    tiles.resize(180, 400)
    assert len({one.x() for one in tiles.buttons}) == 2
    assert tiles.buttons[0].width() >= SMALLEST


def test_arrow_keys_walk(tiles, qtbot):
    tiles.show_entries(entries(range(8)))
    tiles.buttons[0].setFocus()
    walked = []
    for key in (KEY.Key_Right, KEY.Key_Right, KEY.Key_Down, KEY.Key_Down, KEY.Key_Down,
                KEY.Key_Left, KEY.Key_Up, KEY.Key_Up, KEY.Key_Up, KEY.Key_End, KEY.Key_Right,
                KEY.Key_Home, KEY.Key_Left):  # fmt: skip
        qtbot.keyClick(held(tiles), key)
        walked.append(int(focused(tiles)[2:]))
    assert walked == [1, 2, 5, 7, 7, 6, 3, 0, 0, 7, 7, 0, 0]


def held(tiles):
    return next(one for one in tiles.buttons if one.hasFocus())


def test_tab_stops_once_where_the_focus_was(tiles, qtbot):
    tiles.show_entries(entries(range(6)))
    stops = [one for one in tiles.buttons if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == [tiles.buttons[0]]
    tiles.buttons[0].setFocus()
    qtbot.keyClick(tiles.buttons[0], KEY.Key_Down)
    stops = [one for one in tiles.buttons if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == [tiles.buttons[3]]


def test_walking_scrolls(tiles, qtbot):
    tiles.show_entries(entries(range(24)))
    tiles.buttons[0].setFocus()
    qtbot.keyClick(tiles.buttons[0], KEY.Key_End)
    assert tiles.verticalScrollBar().value() > 0
    assert not tiles.buttons[23].visibleRegion().isEmpty()
    tiles.show_entries(entries(range(24, 6, -1)))
    assert tiles.verticalScrollBar().value() == 0


def test_a_click_tells_row_and_keys_held(tiles, qtbot):
    told = []
    tiles.clicked.connect(lambda row, held: told.append((row, held)))
    tiles.show_entries(entries((3, 8)))
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(tiles.buttons[1], Qt.MouseButton.LeftButton, shift)
    qtbot.keyClick(tiles.buttons[0], KEY.Key_Space)
    tiles.show_entries(entries((5,)))
    qtbot.mouseClick(tiles.buttons[0], Qt.MouseButton.LeftButton)
    none = Qt.KeyboardModifier.NoModifier
    assert told == [(8, shift), (3, none), (5, none)]


def test_chosen_images_are_marked_and_pictures_come(tiles, opened, qtbot):
    opened.selection.choose([8])
    tiles.show_entries(entries((3, 8)))
    assert [one.chosen for one in tiles.buttons] == [False, True]
    assert tiles.buttons[1].accessibleDescription() == "chosen"
    opened.selection.choose([3])
    assert [one.chosen for one in tiles.buttons] == [True, False]
    qtbot.waitUntil(lambda: all(one._picture is not None for one in tiles.buttons), timeout=10_000)
