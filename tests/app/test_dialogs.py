from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox

from app import theme
from app.dialogs import HelpDialog, SettingsDialog


def test_settings_change_the_theme_at_once(window, qtbot):
    dialog = SettingsDialog(window.workspace, window)
    qtbot.addWidget(dialog)
    dialog.themes.setCurrentIndex(1)
    assert theme.current().name == "light"
    assert window.workspace.settings.theme == "light"


def test_a_process_of_its_own_is_chosen_by_a_click_and_remembered(window, qtbot):
    settings = window.workspace.settings
    for wanted in (True, False):
        dialog = SettingsDialog(window.workspace, window)
        qtbot.addWidget(dialog)
        dialog.show()
        assert dialog.own_process.isChecked() is not wanted
        qtbot.mouseClick(dialog.own_process, Qt.MouseButton.LeftButton)
        assert settings.own_process is wanted
        dialog.close()
    qtbot.waitUntil(lambda: not window.workspace.tasks.running())


def test_where_tags_are_kept_is_chosen_and_remembered(window, qtbot):
    settings = window.workspace.settings
    assert settings.tags_place == "data"
    for key, place in ((Qt.Key.Key_Down, "run"), (Qt.Key.Key_Up, "data")):
        dialog = SettingsDialog(window.workspace, window)
        qtbot.addWidget(dialog)
        assert dialog.tags.currentData() != place
        qtbot.keyClick(dialog.tags, key)
        assert settings.tags_place == place
    qtbot.waitUntil(lambda: not window.workspace.tasks.running())


def test_cache_is_measured_and_cleared_but_the_demo_set_stays(window, qtbot, monkeypatch):
    workspace = window.workspace
    cache = workspace.settings.cache_folder
    for name in ("pixels", "demo"):
        (cache / name).mkdir(parents=True)
        (cache / name / "file").write_bytes(b"x" * 1000)
    dialog = SettingsDialog(workspace, window)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.cache_size.text() == "2.0 kB")
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *arguments: answers.pop(0))
    qtbot.mouseClick(dialog.clear, Qt.MouseButton.LeftButton)
    assert (cache / "pixels").exists()
    qtbot.mouseClick(dialog.clear, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.cache_size.text() == "1.0 kB")
    assert not (cache / "pixels").exists()
    assert (cache / "demo" / "file").exists()


def test_help_lists_every_shortcut(window, qtbot):
    dialog = HelpDialog(window.commands, window)
    qtbot.addWidget(dialog)
    words = {label.text() for label in dialog.findChildren(QLabel)}
    keys = {command.keys for command in window.commands.all() if command.keys}
    assert {"Ctrl+R", "Ctrl+P", "Ctrl+O", "Space", "F1", "Ctrl+5"} <= keys
    assert keys <= words
    assert {"Ctrl+click", "Shift+click", "Ctrl+drag"} <= words
