import threading

from PySide6.QtCore import Qt

from app.run_bar import RunBar
from sslcore.events import CheckpointSaved, Preparing, RunStopped, StepDone
from tests.app.test_timeline import record_with


def shown(bar):
    return {
        name: figure.value.text() for name, figure in bar.figures.items() if not figure.isHidden()
    }


def test_figures_come_from_the_record(workspace, qtbot):
    bar = RunBar(workspace)
    qtbot.addWidget(bar)
    assert shown(bar) == {}
    record = record_with([], total=1000)
    record.apply(StepDone(25, 2.5, 0.5, {}, 0.1, 1284.4, 3_100_000_000))
    record.apply(CheckpointSaved(20, 2.0, "checkpoints/20"))
    record.apply(RunStopped(25, "stopped"))
    workspace.record = record
    workspace.record_changed.emit()
    assert shown(bar) == {
        "step": "25 / 1,000",
        "epoch": "2.5 of 10",
        "speed": "1,284 images/s",
        "device": "cpu · 3.1 GB",
    }
    assert bar.stage.text() == "stopped"
    assert bar.saved.text() == "saved at step 20"
    assert not bar.continue_button.isHidden()


def test_buttons_drive_a_run_from_start_to_stop(opened, qtbot):
    bar = RunBar(opened)
    qtbot.addWidget(bar)
    bar.show()
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 500}))
    assert bar.primary.text() == "Start"
    assert "images to train on" in bar.stage.text()
    assert bar.stop_button.isHidden()
    qtbot.mouseClick(bar.primary, Qt.MouseButton.LeftButton)
    assert opened.running
    qtbot.waitUntil(lambda: opened.record.step >= 1, timeout=60_000)
    assert bar.primary.text() == "Pause"
    qtbot.mouseClick(bar.primary, Qt.MouseButton.LeftButton)
    assert bar.primary.text() == "Resume"
    qtbot.waitUntil(lambda: opened.record.state == "paused", timeout=10_000)
    assert bar.stage.text() == "paused"
    step = opened.record.step
    qtbot.wait(50)
    assert opened.record.step == step
    qtbot.mouseClick(bar.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: opened.record.step > step, timeout=10_000)
    qtbot.mouseClick(bar.stop_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not opened.running, timeout=30_000)
    assert bar.primary.text() == "Start"
    assert bar.stop_button.isHidden()
    assert not bar.continue_button.isHidden()


def test_a_stopped_run_that_goes_on_is_starting(workspace, qtbot, monkeypatch):
    bar = RunBar(workspace)
    qtbot.addWidget(bar)
    workspace.record = record_with([])
    workspace.record.apply(RunStopped(4, "stopped"))
    workspace.record_changed.emit()
    assert bar.stage.text() == "stopped"
    monkeypatch.setattr(type(workspace), "running", True)
    workspace.record_changed.emit()
    assert bar.stage.text() == "starting", "its process takes seconds to load"
    monkeypatch.undo()


def test_preparation_shows_its_progress(workspace, qtbot, monkeypatch):
    bar = RunBar(workspace)
    qtbot.addWidget(bar)
    monkeypatch.setattr(type(workspace), "running", True)
    workspace.record = record_with([])
    workspace.record.apply(Preparing("decoding images", 1200, 3000))
    workspace.record_changed.emit()
    assert bar.stage.text() == "decoding images  1,200 / 3,000"
    assert bar.bar.value() == 1200
    assert bar.bar.maximum() == 3000
    monkeypatch.undo()


def test_a_folder_on_its_way_is_not_asked_for(loaded, qtbot):
    bar = RunBar(loaded)
    qtbot.addWidget(bar)
    bar.show()
    assert bar.stage.text() == "open a folder to start"
    go = threading.Event()
    task = loaded.tasks.start("Preparing the demo set", lambda _: go.wait(10), key="scan")
    assert bar.stage.text() == "preparing the demo set"
    go.set()
    qtbot.waitUntil(lambda: not task.running, timeout=5_000)
    assert bar.stage.text() == "open a folder to start"
