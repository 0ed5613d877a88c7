from PySide6.QtCore import Qt

from app import theme

CTRL = Qt.KeyboardModifier.ControlModifier


def test_finds_a_command_by_a_few_letters_and_runs_it(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_K, CTRL)
    palette = window.command_palette
    assert palette.isVisible()
    assert palette.line.hasFocus()
    qtbot.keyClicks(palette.line, "light dark")
    assert palette.titles() == ["Switch between light and dark"]
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert theme.current().name == "light"
    assert not palette.isVisible()


def test_arrows_choose_and_wrap_around(window, qtbot):
    window.commands.run("palette")
    palette = window.command_palette
    qtbot.keyClicks(palette.line, "go to")
    assert len(palette.titles()) == 5
    qtbot.keyClick(palette.line, Qt.Key.Key_Up)
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.place == "explore"


def test_a_command_that_cannot_be_done_stays_listed_but_does_nothing(window, qtbot):
    window.commands.run("palette")
    palette = window.command_palette
    qtbot.keyClicks(palette.line, "start training")
    assert palette.titles() == ["Start training"]
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert not window.workspace.running


def test_escape_closes_and_gives_the_focus_back(window, qtbot):
    button = window.rail.buttons["views"]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    window.commands.run("palette")
    qtbot.keyClick(window.command_palette.line, Qt.Key.Key_Escape)
    assert not window.command_palette.isVisible()
    assert button.hasFocus()


def test_methods_are_found_once_they_are_loaded(window, core, qtbot):
    window.workspace.take_core(core)
    window.commands.run("palette")
    qtbot.keyClicks(window.command_palette.line, "simclr")
    qtbot.keyClick(window.command_palette.line, Qt.Key.Key_Return)
    assert window.workspace.recipe.method.key == "simclr"
