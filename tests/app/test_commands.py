import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.commands import Command, Commands


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_keys_run_a_command_only_while_it_can_be_done(window, qtbot):
    ran, able = [], [True]
    commands = Commands(window)
    commands.add(
        Command("run.start", "Start", lambda: ran.append(1), "Run", "Ctrl+R", lambda: able[0])
    )
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert ran == [1]
    able[0] = False
    commands.refresh()
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert ran == [1]
    assert not commands.run("run.start")


def test_two_commands_cannot_have_the_same_keys(window):
    commands = Commands(window)
    commands.add(Command("a", "One", print, keys="Ctrl+R"))
    with pytest.raises(ValueError, match=r"Ctrl\+R already runs a, not b"):
        commands.add(Command("b", "Two", print, keys="Ctrl+R"))


def test_a_command_can_be_replaced(window):
    commands = Commands(window)
    commands.add(Command("a", "One", print, keys="Ctrl+R"))
    commands.add(Command("a", "Uno", print, keys="Ctrl+R"))
    assert [one.title for one in commands.all()] == ["Uno"]
    assert len(window.actions()) == 1


def test_find_wants_all_words_and_puts_possible_ones_first(window):
    commands = Commands(window)
    commands.add(Command("a", "Stop training", print, enabled=lambda: False))
    commands.add(Command("b", "Start training", print))
    commands.add(Command("c", "Open a folder", print))
    assert [one.id for one in commands.find("train")] == ["b", "a"]
    assert [one.id for one in commands.find("training st")] == ["b", "a"]
    assert [one.id for one in commands.find("open tr")] == []


def test_menu_has_a_submenu_per_group(window, qtbot):
    commands = Commands(window)
    commands.add(Command("a", "Start", print, "Run"))
    commands.add(Command("b", "Hidden", print))
    menu = commands.menu(window)
    titles = {
        entry.menu().title(): [inner.text() for inner in entry.menu().actions()]
        for entry in menu.actions()
    }
    assert titles["Run"] == ["Start"]
    assert "Hidden" not in str(titles)


def test_a_command_may_say_what_it_would_do_now(window):
    commands, words = Commands(window), ["Undo"]
    commands.add(Command("a", "Undo", print, "Edit", says=lambda: words[0]))
    assert commands.menu(window).actions()[1].menu().actions()[0].text() == "Undo"
    words[0] = "Undo tag cats & dogs"
    commands.refresh()
    assert commands.action("a").text() == "Undo tag cats && dogs", "no letter to press"
    assert [one.words for one in commands.find("dogs")] == ["Undo tag cats & dogs"]
