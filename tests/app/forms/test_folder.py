from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.forms.choosing import editor_for
from app.forms.folder import FolderEditor
from sslcore.config import Config, knob, knobs


class Settings(Config):
    folder: str = knob("", help="Where.")
    name: str = knob("a", help="What.")


@pytest.fixture
def editor(qtbot):
    made = editor_for(knobs(Settings)[0])
    qtbot.addWidget(made)
    made.show()
    return made


def test_texts_called_folder_get_a_button_others_none(editor):
    assert isinstance(editor, FolderEditor)
    assert not isinstance(editor_for(knobs(Settings)[1]), FolderEditor)
    assert editor.pick.accessibleName() == "Folder: choose a folder"


def test_a_picked_folder_counts_at_once(editor, qtbot, monkeypatch):
    asked = []

    def choose(parent, title, start):
        asked.append(start)
        return "/pictures/birds"

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    with qtbot.waitSignal(editor.edited) as said:
        qtbot.mouseClick(editor.pick, Qt.MouseButton.LeftButton)
    assert said.args == ["/pictures/birds"]
    assert asked == [str(Path.home())]
    qtbot.mouseClick(editor.pick, Qt.MouseButton.LeftButton)
    assert asked[1] == "/pictures/birds"


def test_calling_the_choice_off_changes_nothing(editor, qtbot, monkeypatch):
    editor.set_value("/pictures")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    with qtbot.assertNotEmitted(editor.edited):
        qtbot.mouseClick(editor.pick, Qt.MouseButton.LeftButton)
    assert editor.value() == "/pictures"
    assert editor.line.toolTip() == "/pictures"


def test_a_path_can_be_typed(editor, qtbot):
    editor.line.setFocus()
    with qtbot.waitSignal(editor.edited) as said:
        qtbot.keyClicks(editor.line, "/a b")
        qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert said.args == ["/a b"]
