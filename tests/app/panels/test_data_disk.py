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


def test_the_budget_of_a_run_is_the_recipes(opened, qtbot):
    card = DiskCard(opened)
    qtbot.addWidget(card)
    card.show()
    assert card.budget.value() == opened.recipe.data.cache_gigabytes == 4.0
    card.budget.setFocus()
    card.budget.selectAll()
    qtbot.keyClicks(card.budget, "0.5")
    qtbot.keyClick(card.budget, Qt.Key.Key_Return)
    assert opened.recipe.data.cache_gigabytes == 0.5
    opened.set_recipe(opened.recipe.with_set({"data.cache_gigabytes": 8.0}))
    assert card.budget.value() == 8.0
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=5_000)


def test_clearing_is_not_offered_while_a_run_is_trained(opened, qtbot, monkeypatch):
    (opened.settings.cache_folder / "pixels").mkdir(parents=True, exist_ok=True)
    (opened.settings.cache_folder / "pixels" / "file").write_bytes(b"x")
    card = DiskCard(opened)
    qtbot.addWidget(card)
    card.show()
    qtbot.waitUntil(card.clear.isEnabled, timeout=10_000)
    monkeypatch.setattr(type(opened), "running", property(lambda _: True))
    opened.run_changed.emit()
    qtbot.waitUntil(lambda: not card.clear.isEnabled(), timeout=10_000)
