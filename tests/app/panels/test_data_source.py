import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.panels.data_source import SourceCard
from app.workspace import Workspace


@pytest.fixture
def calls(monkeypatch):
    made = []
    for name in ("open_folder", "open_demo"):
        monkeypatch.setattr(
            Workspace, name, lambda self, *words, name=name: made.append((name, *words))
        )
    return made


@pytest.fixture
def card(workspace, calls, qtbot):
    made = SourceCard(workspace)
    qtbot.addWidget(made)
    made.show()
    return made


def test_buttons_open_what_is_chosen_and_nothing_else(card, calls, qtbot, monkeypatch):
    folders = ["", "photos"]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: folders.pop(0))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("table.csv", ""))
    for button in (card.folder, card.folder, card.table, card.demo):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert [one[:2] for one in calls[:2]] == [
        ("open_folder", Path("photos")),
        ("open_folder", "table.csv"),
    ]
    assert calls[2][0] == "open_demo"
    assert len(calls) == 3


def test_standard_sets_are_offered_with_their_size(card, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "app.panels.data_source.open_standard_set", lambda _, key: asked.append(key)
    )
    card.standard.menu().aboutToShow.emit()
    first, *others = card.standard.menu().actions()
    assert first.text().startswith("CIFAR-10: ")
    assert "60,000 images of 32 px, 170 MB" in first.toolTip()
    assert len(others) >= 5
    first.trigger()
    assert asked == ["cifar10"]


def test_recent_folders_are_offered_newest_first(card, calls, workspace, pictures, tmp_path):
    assert not card.recent.isEnabled()
    workspace.settings.last_folder = str(tmp_path)
    workspace.settings.last_folder = str(pictures)
    card.refresh()
    assert card.recent.isEnabled()
    card.recent.menu().aboutToShow.emit()
    actions = card.recent.menu().actions()
    assert [one.text() for one in actions] == [str(pictures), str(tmp_path)]
    actions[1].trigger()
    assert calls == [("open_folder", str(tmp_path))]


def test_the_zone_says_what_is_open(opened, pictures, qtbot):
    card = SourceCard(opened)
    qtbot.addWidget(card)
    card.show()
    assert card.zone.title.text() == pictures.name
    assert card.zone.toolTip() == str(pictures)
    assert "another folder" in card.zone.words.text()


def test_the_zone_lights_up_under_a_folder(card):
    card.zone.resize(300, 90)
    cold = card.zone.grab().toImage()
    card.zone.set_hot(True)
    hot = card.zone.grab().toImage()
    assert hot != cold
    card.zone.set_hot(False)
    assert card.zone.grab().toImage() == cold


def test_a_scan_tells_how_far_it_is_and_is_cancelled(card, workspace, qtbot):
    go = threading.Event()

    def scan(ticket):
        ticket.progress(1_200, 0)
        go.wait(10)
        ticket.progress(30, 40)
        while not ticket.cancelled():
            threading.Event().wait(0.002)

    assert not card.scanning
    task = workspace.tasks.start("Reading the folder", scan, key="scan")
    assert card.scanning
    assert card.step.text() == "Listing"
    qtbot.waitUntil(lambda: card.step.text() == "1,200 found", timeout=5_000)
    go.set()
    qtbot.waitUntil(lambda: card.step.text() == "30 of 40", timeout=5_000)
    assert (card.bar.value(), card.bar.maximum()) == (30, 40)
    qtbot.mouseClick(card.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not task.running, timeout=5_000)
    assert not card.cancel.isVisible()
