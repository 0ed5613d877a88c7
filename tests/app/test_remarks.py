"""What a run warns of is said once, and what was said long ago is not said again."""

import shutil

import pytest

from sslcore.events import Warned
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed


@pytest.fixture
def told(loaded):
    found = []
    loaded.notice.connect(lambda *words: found.append(words))
    return found


def show(workspace, record):
    workspace.record = record
    workspace.run_changed.emit()


def test_a_warning_is_said_once_when_it_comes(loaded, told):
    record = RunRecord.fold([replayed.started(), Warned(0, "old", "Long ago.", "")])
    show(loaded, record)
    loaded.record_changed.emit()
    assert told == [], "it was replayed"
    record.apply(Warned(7, "stuck", "The loss stands.", "Raise the rate."))
    loaded.record_changed.emit()
    loaded.record_changed.emit()
    assert told == [("warning", "The loss stands.", "Raise the rate.")]


def test_a_resumed_run_says_again_what_happens_again(loaded, told):
    record = RunRecord.fold([replayed.started()])
    show(loaded, record)
    for step in (3, 9):
        record.apply(Warned(step, "stuck", f"At {step}.", ""))
        loaded.record_changed.emit()
    record.apply(replayed.started(first_step=5))
    loaded.record_changed.emit()
    record.apply(Warned(9, "stuck", "At 9.", ""))
    loaded.record_changed.emit()
    record.apply(replayed.started(first_step=5))  # back and on again before anybody looked
    record.apply(Warned(9, "stuck", "At 9.", ""))
    loaded.record_changed.emit()
    assert [message for _, message, _ in told] == ["At 3.", "At 9.", "At 9.", "At 9."]


def test_of_several_at_once_the_bar_says_how_many_there_are(loaded, told):
    record = RunRecord.fold([replayed.started()])
    show(loaded, record)
    for step in (3, 4, 9):
        record.apply(Warned(step, "stuck", f"At {step}.", "Wait."))
    loaded.record_changed.emit()
    assert told == [("warning", "At 9. (2 more warnings in Train)", "Wait.")]


def test_images_that_vanish_while_it_trains_are_told(opened, told, pictures, tmp_path, qtbot):
    folder = tmp_path / "copy"
    shutil.copytree(pictures, folder)
    (folder / "cat" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with qtbot.waitSignal(opened.catalogue_changed, timeout=20_000):
        opened.open_folder(folder)
    opened.start()
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    assert opened.record.stopped.reason == "completed"
    assert any("broken.png" in message for level, message, _ in told if level == "warning")
