from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from app.panels.data_disk import DiskCard

LEFT = Qt.MouseButton.LeftButton


def test_it_is_measured_when_shown_and_the_cache_can_be_freed(loaded, qtbot, monkeypatch):
    settings = loaded.settings
    for folder in (settings.cache_folder / "pixels", settings.runs_folder / "one" / "checkpoints"):
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x" * 1500)
    (settings.runs_folder / "one" / "recipe.toml").write_text("")
    card = DiskCard(loaded)
    qtbot.addWidget(card)
    card.show()
    qtbot.waitUntil(lambda: card.cache.text() == "1.5 kB", timeout=10_000)
    assert card.checkpoints.text() == "1.5 kB in 1 run; remove runs in Runs"
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answers.pop(0))
    qtbot.mouseClick(card.clear, LEFT)
    assert (settings.cache_folder / "pixels").exists()
    qtbot.mouseClick(card.clear, LEFT)
    qtbot.waitUntil(lambda: card.cache.text() == "0 bytes", timeout=10_000)
    assert not card.clear.isEnabled()
    assert (settings.runs_folder / "one" / "checkpoints" / "file").exists()
