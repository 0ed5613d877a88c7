"""What becomes of a run when its window closes."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.closing import ClosingDialog, ask_before_closing
from app.workspace import Workspace
from sslcore.engine.store import SaveError
from sslcore.runs.directory import RunDirectory
from sslcore.runs.process import LOG

LEFT = Qt.MouseButton.LeftButton
LONG = 120_000
"""Milliseconds a process may need to load torch on a busy machine."""
LENGTH = {
    "schedule.epochs": 30,
    "run.snapshot_every": 20,
    "run.evaluate_every": 10.0,
    "run.checkpoint_every": 10.0,
}


def answer(qtbot, words):
    """Click a button of the question as soon as it is there; returns whether it was."""
    found = []

    def look():
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, ClosingDialog):
            found.append(dialog.defaultButton().text())
            button = next(one for one in dialog.buttons() if one.text() == words)
            qtbot.mouseClick(button, LEFT)
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(10, look)
    return found


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize(
    ("words", "way"),
    [
        ("Stop and save", "stop"),
        ("Keep running without the window", "keep"),
        ("Cancel", "cancel"),
    ],
)
def test_the_question_has_three_answers(window, qtbot, words, way, isolated):
    asked = answer(qtbot, words)
    assert ask_before_closing(window, isolated=isolated) == way
    assert asked == ["Keep running without the window" if isolated else "Cancel"]


def test_escape_leaves_everything_as_it_is(window, qtbot):
    def press():
        qtbot.keyClick(QApplication.activeModalWidget(), Qt.Key.Key_Escape)

    QTimer.singleShot(20, press)
    assert ask_before_closing(window, isolated=True) == "cancel"


def test_a_window_without_a_run_closes_unasked(window):
    window.close()
    assert not window.isVisible()


def test_cancel_trains_on_and_stop_saves_and_closes(window, opened, qtbot):
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 500}))
    qtbot.mouseClick(window.run_bar.primary, LEFT)
    qtbot.waitUntil(lambda: opened.record.step >= 1, timeout=60_000)
    assert answer(qtbot, "Cancel") == []
    window.close()
    assert window.isVisible()
    assert window.isEnabled()
    assert opened.running
    answer(qtbot, "Stop and save")
    window.close()
    window.close()  # once more while it saves: no second question
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=60_000)
    assert opened.record.stopped.reason == "stopped"
    assert opened.record.checkpoints[-1].step == opened.record.step


def test_a_run_that_ends_during_the_question_needs_no_more(window, opened, qtbot):
    opened.start()

    def press():
        if opened.running:
            QTimer.singleShot(10, press)
            return
        dialog = QApplication.activeModalWidget()
        qtbot.mouseClick(dialog.stop, LEFT)

    QTimer.singleShot(10, press)
    window.close()
    assert not window.isVisible()
    assert opened.record.stopped.reason == "completed"


def test_a_run_that_cannot_be_saved_keeps_its_window_open(window, opened, qtbot, monkeypatch):
    def full(self, *_):
        raise SaveError("checkpoints: the disk is full; free space")

    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 500}))
    opened.start()
    qtbot.waitUntil(lambda: opened.record.step >= 1, timeout=60_000)
    monkeypatch.setattr(RunDirectory, "save_checkpoint", full)
    answer(qtbot, "Keep running without the window")
    window.close()
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    assert window.isVisible()
    assert window.isEnabled()
    assert "disk is full" in window.notice.message.text()
    window.close()
    assert not window.isVisible(), "what was seen need not be seen again"


def test_a_run_goes_on_without_its_window_as_if_nothing_had_happened(window, opened, core, qtbot):
    opened.set_recipe(opened.recipe.with_set(LENGTH))
    opened.start()
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    whole, record = opened.directory, opened.record
    assert record.stopped.reason == "completed"

    qtbot.mouseClick(window.run_bar.primary, LEFT)
    qtbot.waitUntil(lambda: opened.record.step >= 3, timeout=60_000)
    qtbot.mouseClick(window.run_bar.primary, LEFT)
    qtbot.waitUntil(lambda: opened.state == "paused", timeout=60_000)
    at, path = opened.record.step, opened.directory.path
    assert 3 <= at < record.step
    answer(qtbot, "Keep running without the window")
    window.close()
    assert not window.isEnabled()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    assert not opened.running, "its feed is gone"
    assert (path / LOG).exists()

    again = Workspace(opened.settings)
    again.take_core(core)
    with qtbot.waitSignal(again.run_changed, timeout=20_000):
        again.open_run(path)
    qtbot.waitUntil(lambda: not again.running, timeout=LONG)
    try:
        assert again.record.stopped.reason == "completed", again.record.stopped.error
        assert again.record.started.first_step == at
        assert again.record.step == record.step
        assert list(again.record.series["loss"].values) == list(record.series["loss"].values)
        weights, wanted = (one.load("auto").files for one in (again.directory, whole))
        assert weights["weights.safetensors"] == wanted["weights.safetensors"]
    finally:
        again.close()
