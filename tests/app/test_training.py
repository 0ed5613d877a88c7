"""Runs that train in a process of their own, driven by the buttons of the window."""

from contextlib import suppress

import psutil
import pytest
from PySide6.QtCore import Qt

from app.run_bar import RunBar
from app.workspace import Workspace
from sslcore.engine.control import Control
from sslcore.events import RunStopped, StepDone
from sslcore.runs.record import RunRecord
from tests.app.test_closing import LONG, answer

LEFT = Qt.MouseButton.LeftButton
ENDLESS = {"schedule.epochs": 20_000, "run.snapshot_every": 50, "run.evaluate_every": 1000.0}


@pytest.fixture
def bar(opened, qtbot):
    """The run bar of a workspace that trains in processes."""
    opened.settings.own_process = True
    opened.set_recipe(opened.recipe.with_set(ENDLESS))
    made = RunBar(opened)
    qtbot.addWidget(made)
    made.show()
    yield made
    for process in trainers(opened.directory.path):
        process.kill()


def test_a_process_is_started_paused_resumed_and_stopped_by_the_buttons(bar, opened, qtbot):
    qtbot.mouseClick(bar.primary, LEFT)
    assert opened.running
    assert opened.isolated
    assert bar.stage.text() == "starting"
    record, directory = opened.record, opened.directory
    folds = []
    opened.record_changed.connect(lambda: folds.append(record.step))
    qtbot.waitUntil(lambda: record.step >= 2, timeout=LONG)
    assert directory.holder.pid != psutil.Process().pid
    assert opened.state == "running"
    qtbot.mouseClick(bar.primary, LEFT)
    assert bar.primary.text() == "Resume"
    qtbot.waitUntil(lambda: opened.state == "paused", timeout=20_000)
    at = record.step
    qtbot.wait(200)
    assert record.step == at
    qtbot.mouseClick(bar.primary, LEFT)
    qtbot.waitUntil(lambda: record.step > at, timeout=20_000)
    assert opened.open_folder(opened.catalogue.root) is None, "not while it trains"
    qtbot.mouseClick(bar.stop_button, LEFT)
    assert bar.stage.text() == "saving and stopping"
    qtbot.waitUntil(lambda: not opened.running, timeout=20_000)
    assert record.stopped.reason == "stopped"
    assert record.checkpoints[-1].step == record.step
    assert bar.continue_button.isVisible()
    assert folds == sorted(folds)
    again = RunRecord.fold(directory.replay())
    assert list(again.series["loss"].values) == list(record.series["loss"].values)
    assert again.snapshots == record.snapshots
    assert set(opened.diagnostics()) == set(record.latest.diagnostics) != set()


def test_a_run_is_left_found_again_and_its_violent_end_told(
    bar, opened, core, window, qtbot, settings
):
    qtbot.mouseClick(bar.primary, LEFT)
    qtbot.waitUntil(lambda: opened.record.step >= 1, timeout=LONG)
    path = opened.directory.path
    asked = answer(qtbot, "Keep running without the window")
    window.close()
    assert asked == ["Keep running without the window"]
    assert not window.isVisible(), "a process needs no preparation to go on"
    assert not opened.running
    assert opened.directory.busy

    again = Workspace(settings)
    told = []
    again.notice.connect(lambda *words: told.append(words))
    again.take_core(core)
    second = RunBar(again)
    qtbot.addWidget(second)
    second.show()
    again.open_run(path)
    qtbot.waitUntil(lambda: again.isolated and again.catalogue is not None, timeout=20_000)
    at = again.record.step
    qtbot.waitUntil(lambda: again.record.step > at + 2, timeout=20_000)
    assert len(again.record.series["loss"]) == again.record.step, "none twice, none missing"
    qtbot.mouseClick(second.primary, LEFT)
    qtbot.waitUntil(lambda: again.state == "paused", timeout=20_000)

    again.open_run(path)  # once more: the old feed is left, the new one sees the pause
    qtbot.waitUntil(lambda: not again.tasks.running(), timeout=20_000)
    assert again.isolated
    assert second.primary.text() == "Resume"
    qtbot.mouseClick(second.primary, LEFT)
    at = again.record.step
    qtbot.waitUntil(lambda: again.record.step > at, timeout=20_000)

    psutil.Process(again.directory.holder.pid).kill()
    qtbot.waitUntil(lambda: not again.running, timeout=20_000)
    stopped = again.record.stopped
    assert stopped.reason == "failed"
    assert second.stage.text() == "failed"
    assert told[-1][0] == "danger"
    assert "ended without a word" in told[-1][1]
    assert "training.log ends with:" in told[-1][1]
    assert list(again.directory.replay())[-1] == stopped, "the next who opens it is told, too"
    again.close()


def test_a_process_that_is_killed_is_told_and_the_run_can_begin_again(bar, opened, qtbot):
    told = []
    opened.notice.connect(lambda *words: told.append(words))
    qtbot.mouseClick(bar.primary, LEFT)
    qtbot.waitUntil(lambda: bool(trainers(opened.directory.path)), timeout=20_000)
    for process in trainers(opened.directory.path):
        process.kill()
    qtbot.waitUntil(lambda: not opened.running, timeout=20_000)
    assert opened.record.stopped.reason == "failed"
    assert told[-1][:1] == ("danger",)
    assert "The training process was killed by SIGKILL" in told[-1][1]
    assert bar.stage.text() == "failed"
    assert bar.primary.text() == "Start"
    assert bar.primary.isEnabled()


def trainers(path):
    """Processes that were started for a run directory and have not ended."""
    found = []
    for one in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # of which a zombie is a kind
            if str(path) in one.cmdline():
                found.append(one)
    return found


def test_a_process_that_cannot_start_is_a_notice(bar, opened, qtbot, monkeypatch):
    told = []
    opened.notice.connect(lambda *words: told.append(words))
    monkeypatch.setattr("sslcore.runs.process.sys.executable", "/no/such/python")
    qtbot.mouseClick(bar.primary, LEFT)
    qtbot.waitUntil(lambda: not opened.running, timeout=20_000)
    assert opened.record.stopped.reason == "failed"
    assert told[-1][0] == "danger"
    assert "/no/such/python" in told[-1][1]
    assert bar.primary.text() == "Start"


def test_a_thread_is_not_isolated_and_hands_over_once(loaded, qtbot, monkeypatch):
    """The hand-over alone, with a run of three events instead of a training."""
    apart = []
    monkeypatch.setattr(Workspace, "train_apart", lambda self: apart.append(self.record.step))

    class Core:
        def train(self, recipe, control: Control, directory, resume):
            yield StepDone(1, 0.1, 1.0, {}, 0.1, 1.0, 0)
            control.pause()
            control.wait(20)
            yield RunStopped(1, "stopped")

    class Directory:
        def append(self, event):
            pass

        def close(self):
            pass

    loaded.record, loaded.directory = RunRecord(), Directory()
    loaded.keep_running()
    assert apart == [], "there is nothing to hand over"
    loaded.train_here(Core(), None, None)
    assert loaded.running
    assert not loaded.isolated
    loaded.keep_running()
    assert loaded.stopping
    qtbot.waitUntil(lambda: apart == [1], timeout=20_000)
    qtbot.waitUntil(lambda: not loaded.running, timeout=20_000)
    loaded.train_here(Core(), None, None)
    loaded.stop()
    with qtbot.waitSignal(loaded.training_ended, timeout=20_000):
        pass
    assert apart == [1]
