import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu

from app import theme
from app.panels.explore_names import Names

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
GIVEN = [(3, "ant"), (5, "bee"), (8, "cat")]


@pytest.fixture
def names(qtbot):
    made = Names()
    qtbot.addWidget(made)
    made.resize(400, 60)
    made.names.set_names(GIVEN)
    made.show()
    qtbot.waitExposed(made)
    made.told = []
    made.isolate_asked.connect(lambda *words: made.told.append(("isolate", *words)))
    made.select_asked.connect(lambda *words: made.told.append(("select", *words)))
    return made


def place(names, row):
    return names.visualRect(names.names.index(row)).center()


def test_a_click_isolates_and_with_ctrl_adds(names, qtbot):
    qtbot.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=place(names, 1))
    qtbot.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, CTRL, pos=place(names, 2))
    qtbot.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(390, 50))
    assert names.told == [("isolate", 5, False), ("isolate", 8, True)]


def test_a_press_that_leaves_the_name_is_no_click(names, qtbot):
    qtbot.mousePress(names.viewport(), Qt.MouseButton.LeftButton, pos=place(names, 1))
    qtbot.mouseRelease(names.viewport(), Qt.MouseButton.LeftButton, pos=place(names, 2))
    assert names.told == []


def test_keys_walk_isolate_and_select(names, qtbot):
    names.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(names, Qt.Key.Key_Home)
    qtbot.keyClick(names, Qt.Key.Key_Right)
    qtbot.keyClick(names, Qt.Key.Key_Return)
    qtbot.keyClick(names, Qt.Key.Key_Space, CTRL)
    qtbot.keyClick(names, Qt.Key.Key_Right)
    qtbot.keyClick(names, Qt.Key.Key_S)
    qtbot.keyClick(names, Qt.Key.Key_S, SHIFT)
    assert names.told == [
        ("isolate", 5, False),
        ("isolate", 5, True),
        ("select", 8, "replace"),
        ("select", 8, "add"),
    ]


def test_other_letters_are_left_to_the_map(names):
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_L, Qt.KeyboardModifier.NoModifier, "l")
    names.keyPressEvent(event)
    assert not event.isAccepted()


def test_the_name_with_the_keyboard_is_framed(names, qtbot):
    names.clearFocus()
    before = names.viewport().grab().toImage()
    names.activateWindow()
    names.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(names, Qt.Key.Key_Home)
    qtbot.waitUntil(names.hasFocus)
    after = names.viewport().grab().toImage()
    edge = names.visualRect(names.names.index(0))
    assert after != before
    accent = theme.tokens().accent.lower()
    assert accent in {after.pixelColor(x, edge.top()).name() for x in range(edge.width())}


def test_a_context_menu_says_what_can_be_done(names, monkeypatch):
    opened = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, where: opened.append(menu))
    for reason, at in (
        (QContextMenuEvent.Reason.Mouse, place(names, 1)),
        (QContextMenuEvent.Reason.Mouse, QPoint(390, 50)),
        (QContextMenuEvent.Reason.Keyboard, QPoint(0, 0)),
    ):
        names.setCurrentIndex(names.names.index(2))
        event = QContextMenuEvent(reason, at, names.mapToGlobal(at))
        QApplication.sendEvent(names.viewport(), event)
    menu, by_key = opened  # beside all names there is none
    by_key.actions()[0].trigger()
    assert names.told.pop() == ("isolate", 8, False)
    actions = [one for one in menu.actions() if not one.isSeparator()]
    for action in actions:
        action.trigger()
    assert names.told == [
        ("isolate", 5, False),
        ("isolate", 5, True),
        ("select", 5, "replace"),
        ("select", 5, "add"),
        ("select", 5, "subtract"),
    ]
    assert [one.text() for one in actions][2] == "Select its images"


def test_a_screen_reader_hears_what_a_click_does(names):
    index = names.names.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Isolate ant"
    assert "S to select" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert names.accessibleName()


def test_filtering_ignores_case_and_wants_every_word(names):
    names.names.set_names([(0, "Red Fox"), (1, "red deer"), (2, "Arctic fox")])
    names.names.filter("FOX red")
    assert names.names.listed == [(0, "Red Fox")]
    names.names.filter("  ")
    assert names.names.rowCount() == 3


def test_the_height_of_all_rows(names, qtbot):
    one = names.height_wanted()
    names.resize(70, 30)
    qtbot.waitUntil(lambda: names.height_wanted() > 2 * one)
    names.names.set_names([])
    assert names.height_wanted() > 0
