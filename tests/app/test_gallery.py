import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDrag, QHelpEvent, QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from app import gallery as module
from app import thumbnails
from app.gallery import ThumbnailGrid
from app.selection import Selection
from app.tasks import Ticket
from sslcore.data.reading import Reading

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def grid(opened, qtbot):
    made = ThumbnailGrid(opened.tasks)
    qtbot.addWidget(made)
    made.resize(430, 330)
    made.show()
    made.told = []
    made.current_changed.connect(made.told.append)
    made.show_rows(opened.catalogue, range(len(opened.catalogue)))
    settled(opened, qtbot)
    return made


@pytest.fixture
def bound(grid):
    grid.bind(Selection(grid))
    grid.chosen = grid._choice.selection
    return grid


def settled(workspace, qtbot):
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=20_000)


def click(qtbot, grid, position, modifiers=Qt.KeyboardModifier.NoModifier):
    qtbot.mouseClick(grid.viewport(), LEFT, modifiers, grid.cell(position).center())


def test_keys_walk_by_one_by_line_and_by_page_and_stay_inside(grid, qtbot):
    columns = grid.columns()
    steps = [
        (Qt.Key.Key_Right, 0),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 1 + columns),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_PageDown, 1 + columns * (grid.viewport().height() // grid.step())),
        (Qt.Key.Key_PageUp, 1),
        (Qt.Key.Key_End, 23),
        (Qt.Key.Key_Down, 23),
        (Qt.Key.Key_Home, 0),
    ]
    for key, expected in steps:
        qtbot.keyClick(grid, key)
        assert grid.current == expected, key
        assert grid.viewport().rect().contains(grid.cell(expected)), "it is brought into sight"
    assert grid.told == [expected for _, expected in steps]
    assert grid.accessibleDescription() == "cat/00.png, 1 of 24"


def test_keys_walk_over_sections(bound, opened, qtbot):
    columns = bound.columns()
    bound.show_rows(
        opened.catalogue, (), None, [("a", np.arange(columns + 1)), ("b", [20, 21, 22])]
    )
    for key, expected in (
        (Qt.Key.Key_Right, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, columns),
        (Qt.Key.Key_Down, 20),
        (Qt.Key.Key_Right, 21),
    ):
        qtbot.keyClick(bound, key)
        assert bound.current == expected
    assert bound.chosen.rows.tolist() == [21]


def test_the_mouse_chooses_rows_of_the_catalogue(grid, opened, qtbot):
    grid.show_rows(opened.catalogue, [20, 3])
    qtbot.mousePress(grid.viewport(), LEFT, pos=grid.cell(1).center())
    assert grid.told == [3]
    assert isinstance(grid.picture(20), QPixmap), "read before, kept"


def test_clicks_and_keys_choose_many_where_a_selection_is_bound(bound, qtbot):
    click(qtbot, bound, 2)
    click(qtbot, bound, 5, SHIFT)
    assert bound.chosen.rows.tolist() == [2, 3, 4, 5]
    click(qtbot, bound, 3, CONTROL)
    assert bound.chosen.rows.tolist() == [2, 4, 5]
    qtbot.keyClick(bound, Qt.Key.Key_Home)
    qtbot.keyClick(bound, Qt.Key.Key_Right, SHIFT)
    qtbot.keyClick(bound, Qt.Key.Key_Right, SHIFT)
    assert bound.chosen.rows.tolist() == [0, 1, 2]
    qtbot.keyClick(bound, Qt.Key.Key_End, CONTROL)
    qtbot.keyClick(bound, Qt.Key.Key_Space, CONTROL)
    assert bound.chosen.rows.tolist() == [0, 1, 2, 23]
    assert bound.current == 23
    qtbot.keyClick(bound, Qt.Key.Key_A, CONTROL)
    assert len(bound.chosen) == 24
    gap = bound.cell(20).topRight() + QPoint(3, 3)
    qtbot.mouseClick(bound.viewport(), LEFT, pos=gap)
    assert len(bound.chosen) == 24, "a miss loses nothing"


def test_what_is_chosen_elsewhere_is_framed_here(bound):
    spot = bound.cell(4).topLeft() + QPoint(1, 40)
    before = bound.grab().toImage().pixelColor(spot)
    bound.chosen.choose([4])
    after = bound.grab().toImage().pixelColor(spot)
    assert before != after
    assert bound.current == -1, "the keys stay where they were"


def test_letting_go_within_the_chosen_leaves_one(bound, qtbot):
    bound.chosen.choose(range(6))
    qtbot.mousePress(bound.viewport(), LEFT, pos=bound.cell(3).center())
    assert len(bound.chosen) == 6, "it may become a drag"
    qtbot.mouseRelease(bound.viewport(), LEFT, pos=bound.cell(3).center())
    assert bound.chosen.rows.tolist() == [3]


def test_the_chosen_files_are_dragged_away(bound, opened, qtbot, monkeypatch):
    dragged = []
    monkeypatch.setattr(QDrag, "exec", lambda drag, _: dragged.append(drag.mimeData().urls()))

    def drag(position):
        start = bound.cell(position).center()
        qtbot.mousePress(bound.viewport(), LEFT, pos=start)
        for step in (QPoint(2, 0), QPoint(40, 10), QPoint(60, 20)):
            event_at = start + step
            send_move(bound, event_at)
        qtbot.mouseRelease(bound.viewport(), LEFT, pos=start + QPoint(60, 20))

    bound.chosen.choose([2, 5])
    drag(5)
    drag(7)
    names = [[url.toLocalFile() for url in urls] for urls in dragged]
    path = opened.catalogue.path
    assert names == [[path(2).as_posix(), path(5).as_posix()], [path(7).as_posix()]]
    assert bound.chosen.rows.tolist() == [7], "the drag did not choose one of the two"
    monkeypatch.setattr("app.gallery_files.DRAGGED", 1)
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda where, words, *_: told.append(words))
    bound.chosen.choose([2, 5])
    drag(5)
    assert len(dragged) == 2
    assert "too many to drag" in told[0]


def send_move(grid, point):
    """A move with the button held; pytest-qt's has none."""
    QApplication.sendEvent(
        grid.viewport(),
        QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(point),
            QPointF(grid.viewport().mapToGlobal(point)),
            Qt.MouseButton.NoButton,
            LEFT,
            Qt.KeyboardModifier.NoModifier,
        ),
    )


def test_files_are_opened_by_enter_and_by_a_double_click(grid, opened, qtbot, monkeypatch):
    shown = []
    monkeypatch.setattr(module, "open_file", lambda _, path: shown.append(path))
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert shown == [], "none is current"
    grid.choose(3)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    click(qtbot, grid, 5)
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=grid.cell(5).center())
    gap = grid.cell(0).bottomRight() + QPoint(3, 3)
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=gap)
    assert shown == [opened.catalogue.path(3), opened.catalogue.path(5)]


def test_space_and_other_keys_are_left_to_the_window(bound):
    bound.choose(0)
    left = []
    for key in (Qt.Key.Key_Space, Qt.Key.Key_P, Qt.Key.Key_Escape, Qt.Key.Key_Right):
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(bound, event)
        if not event.isAccepted():
            left.append(key)
    assert left == [Qt.Key.Key_Space, Qt.Key.Key_P, Qt.Key.Key_Escape]
    assert bound.chosen.rows.tolist() == [1]


@pytest.fixture
def menus(monkeypatch):
    """Menus that were opened; the offscreen screen cannot show them."""
    found = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: found.append(menu))
    return found


def words_of(menu):
    return [one.text().partition("\t")[0] for one in menu.actions() if one.text()]


@pytest.mark.parametrize("way", ["mouse", "key", "system"])
def test_the_menu_is_about_the_chosen_images(bound, qtbot, menus, way):
    asked = []
    bound.map_asked.connect(lambda rows: asked.append(rows.tolist()))
    bound.chosen.choose([2, 4])
    bound.choose(4, CONTROL)
    if way == "key":
        qtbot.keyClick(bound, Qt.Key.Key_F10, SHIFT)
        qtbot.keyClick(bound, Qt.Key.Key_Menu)  # some systems send two: one menu opens
    elif way == "system":
        reason = QContextMenuEvent.Reason.Keyboard
        QApplication.sendEvent(bound, QContextMenuEvent(reason, QPoint(1, 1), QPoint(1, 1)))
    else:
        right_click(bound, 2)
    (menu,) = menus
    assert words_of(menu)[0] == "Show 2 images in map"
    menu.aboutToHide.emit()  # as Qt does: first it is hidden, then the action acts
    menu.actions()[0].trigger()
    assert asked == [[2, 4]]
    assert bound.chosen.rows.tolist() == [2, 4]


def right_click(grid, position):
    point = grid.cell(position).center()
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, point, grid.viewport().mapToGlobal(point))
    QApplication.sendEvent(grid.viewport(), event)


def test_the_menu_of_another_image_chooses_it_and_offers_no_map_where_there_is_none(bound, menus):
    bound.chosen.choose([2, 4])
    right_click(bound, 7)
    (menu,) = menus
    assert bound.chosen.rows.tolist() == [7]
    assert words_of(menu) == [
        "Open file",
        "Show in folder",
        "Copy path",
        "Select images of class cat (12)",
    ]
    menu.aboutToHide.emit()
    right_click(bound, 8)
    assert len(menus) == 2


def test_answers_about_another_folder_are_dropped(grid, opened, core, tmp_path, qtbot, monkeypatch):
    go = threading.Event()
    read = thumbnails.read_thumbnails

    def late(*given):
        go.wait(20)
        return read(*given)

    monkeypatch.setattr(thumbnails, "read_thumbnails", late)
    Image.new("RGB", (20, 20)).save(tmp_path / "one.png")
    first = core.scan(tmp_path, Ticket(lambda: None))
    second = core.scan(tmp_path, Ticket(lambda: None), Reading(labels="none"))
    grid.show_rows(first, [0])
    grid.show_rows(second, [])
    go.set()
    settled(opened, qtbot)
    assert grid.picture(0) is None


def test_the_mouse_is_told_the_file(grid, opened, monkeypatch):
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda where, words, *_: shown.append(words))
    for point in (grid.cell(2).center(), grid.cell(0).bottomRight() + QPoint(3, 3)):
        QApplication.sendEvent(grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, point, point))
    assert [one for one in shown if one] == [opened.catalogue.paths[2]]
