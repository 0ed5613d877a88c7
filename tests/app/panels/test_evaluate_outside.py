import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.panels.evaluate_outside import OutsideDialog
from sslcore.assessment import outside
from sslcore.config import ConfigError
from tests.app.panels import trained

SQUEEZED = "torchvision:squeezenet1_1"


@pytest.fixture
def dialog(loaded, pictures, tmp_path, qtbot):
    trained.open_run(qtbot, loaded, trained.run(pictures, tmp_path / "run"))
    made = OutsideDialog(loaded)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def add(dialog, qtbot, text):
    dialog.line.setText(text)
    qtbot.mouseClick(dialog.add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.add.isEnabled(), timeout=60_000)


def listed(dialog):
    return list(outside.listed(dialog._workspace.directory))


def test_an_encoder_is_opened_and_joins_the_list(dialog, qtbot):
    add(dialog, qtbot, SQUEEZED)
    qtbot.waitUntil(lambda: dialog.texts == [SQUEEZED], timeout=60_000)
    assert listed(dialog) == [SQUEEZED]
    assert "512 numbers" in dialog.words.text()
    assert dialog.line.text() == ""
    assert not dialog.remove.isEnabled()
    dialog.list.setCurrentRow(0)
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert dialog.texts == listed(dialog) == []
    assert "off the list" in dialog.words.text()


def test_what_cannot_be_had_is_said_and_stays_off(dialog, qtbot, monkeypatch):
    add(dialog, qtbot, "torchvision:resnet19")
    qtbot.waitUntil(lambda: "no such network" in dialog.words.text(), timeout=60_000)
    assert dialog.words.property("role") == "danger"
    assert listed(dialog) == []
    assert dialog.line.text() == "torchvision:resnet19"
    add(dialog, qtbot, "pixels")
    assert "there is an encoder of this name already" in dialog.words.text()
    before = dialog.words.text()
    add(dialog, qtbot, "   ")
    assert dialog.words.text() == before


def test_enter_adds_and_another_run_can_be_picked(dialog, qtbot, monkeypatch):
    run = str(dialog._workspace.directory.path)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: run)
    qtbot.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.texts == [run], timeout=60_000)
    qtbot.waitUntil(lambda: dialog.add.isEnabled(), timeout=60_000)
    dialog.line.setFocus()
    qtbot.keyClicks(dialog.line, "nothing at all")
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "names no encoder" in dialog.words.text(), timeout=60_000)
    assert dialog.isVisible()


def test_the_list_of_a_run_is_shown_and_a_damaged_one_told(dialog, qtbot, loaded):
    directory = loaded.directory
    outside.keep(directory, [SQUEEZED])
    again = OutsideDialog(loaded)
    qtbot.addWidget(again)
    assert again.texts == [SQUEEZED]
    (directory.path / outside.FILE).write_text("{")
    broken = OutsideDialog(loaded)
    qtbot.addWidget(broken)
    assert broken.texts == []
    assert "cannot be read" in broken.words.text()


def test_without_a_run_nothing_can_be_added(loaded, qtbot):
    made = OutsideDialog(loaded)
    qtbot.addWidget(made)
    assert not made.add.isEnabled()
    assert "no run" in made.words.text()


def test_a_disk_that_refuses_is_told(dialog, qtbot, monkeypatch):
    def refuse(directory, texts):
        raise ConfigError("disk full; free space")

    monkeypatch.setattr(outside, "keep", refuse)
    dialog.list.addItem(SQUEEZED)
    dialog.list.setCurrentRow(0)
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert "disk full" in dialog.words.text()
    assert dialog.texts == [SQUEEZED]


def test_closing_calls_off_what_is_being_opened(dialog, qtbot):
    dialog.line.setText(SQUEEZED)
    qtbot.mouseClick(dialog.add, Qt.MouseButton.LeftButton)
    task = dialog._task
    dialog.reject()
    assert task.ticket.cancelled()
    qtbot.waitUntil(lambda: dialog._task is None, timeout=60_000)
    assert dialog.texts == []
