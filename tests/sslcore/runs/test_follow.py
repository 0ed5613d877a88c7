"""Following a run that another process trains; here a small one that is quickly there."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sslcore.engine.control import Control
from sslcore.events import (
    Paused,
    Preparing,
    Resumed,
    RunEvent,
    RunStopped,
    Snapshot,
    StepDone,
    Warned,
)
from sslcore.runs import follow
from sslcore.runs.claim import Holder
from sslcore.runs.directory import RunDirectory, RunError
from sslcore.runs.follow import Follower
from tests.sslcore.runs.test_directory import directory

__all__ = ["directory"]

SOON = 30.0


def step(number: int) -> StepDone:
    return StepDone(number, number / 10, 1.0 / number, {}, 0.1, 100.0, 0)


class Trainer:
    """Somebody who trains in the directory; its life is in the hands of the test."""

    def __init__(self, path: Path) -> None:
        self.directory = RunDirectory.open(path)
        self.alive = True
        self.started = threading.Event()

    def start(self, path: Path) -> "Trainer":
        assert path == self.directory.path
        self.started.set()
        return self

    def say(self, *events: RunEvent) -> None:
        for event in events:
            self.directory.append(event)

    def end(self) -> None:
        self.directory.close()
        self.directory.release()
        self.alive = False

    def last_words(self) -> str:
        return "It was the cat."

    def heard(self) -> list[str]:
        path = self.directory.path / "control.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line)["control"] for line in lines]


class Reader:
    """Iterates a follower on a thread, like the window."""

    def __init__(self, follower: Follower) -> None:
        self.control = Control()
        self.events: list[RunEvent] = []
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._read, args=(follower,), daemon=True)
        self._thread.start()

    def _read(self, follower: Follower) -> None:
        try:
            for event in follower.events(self.control):
                self.events.append(event)
        except OSError as error:
            self.error = error

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def join(self) -> None:
        self._thread.join(SOON)
        assert self.over


def begin(directory: RunDirectory, trainer: Trainer) -> Reader:
    reader = Reader(Follower(directory, seconds=0.01))
    assert trainer.started.wait(SOON)
    return reader


def until(condition) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def trainer(directory, monkeypatch) -> Iterator[Trainer]:
    """Stands in for the process that a follower starts."""
    made = Trainer(directory.path)
    monkeypatch.setattr(follow, "TrainingProcess", made.start)
    yield made
    made.end()


def test_what_is_written_is_read_once_and_in_order(directory, trainer) -> None:
    directory.append(step(99))  # of an earlier session
    directory.close()
    with directory.log_path.open("ab") as log:
        log.write(b'{"event": "StepD')  # and of the kill that ended it
    reader = begin(directory, trainer)
    trainer.say(Preparing("decoding", 1, 2))
    until(lambda: len(reader.events) == 1)
    expected: list[RunEvent] = [Preparing("decoding", 1, 2)]
    for number in range(1, 40):
        trainer.say(step(number))
        expected.append(step(number))
    trainer.say(RunStopped(39, "completed", "", 5.0))
    reader.join()
    assert reader.events == [*expected, RunStopped(39, "completed", "", 5.0)]


def test_requests_wait_until_the_process_can_hear_them(directory, trainer) -> None:
    reader = begin(directory, trainer)
    reader.control.pause()
    time.sleep(0.05)
    assert trainer.heard() == []
    trainer.directory.claim()
    until(lambda: trainer.heard() == ["pause"])
    trainer.say(Paused(1))
    until(lambda: len(reader.events) == 1)
    reader.control.resume()
    until(lambda: trainer.heard() == ["pause", "resume"])
    trainer.say(Resumed(1))
    reader.control.snapshot_now()
    until(lambda: trainer.heard()[2:] == ["snapshot_now"])
    reader.control.pause()
    reader.control.stop()
    until(lambda: "stop" in trainer.heard())
    trainer.say(RunStopped(1, "stopped"))
    reader.join()
    assert trainer.heard()[-1] == "stop"
    assert trainer.heard().count("stop") == 1


def test_a_pause_that_somebody_else_asked_for_is_seen_and_can_be_ended(directory, trainer) -> None:
    trainer.directory.claim()
    reader = begin(directory, trainer)
    trainer.say(Paused(3))
    until(lambda: reader.control.pausing)
    assert trainer.heard() == []
    trainer.say(Resumed(3))
    until(lambda: not reader.control.pausing)
    trainer.say(Paused(4))
    until(lambda: reader.control.pausing)
    reader.control.resume()
    until(lambda: trainer.heard() == ["resume"])
    trainer.say(Resumed(4), RunStopped(4, "stopped"))
    reader.join()
    assert not reader.control.pausing


def test_a_process_that_dies_is_given_a_last_word_on_the_disk_too(directory, trainer) -> None:
    trainer.directory.claim()
    reader = begin(directory, trainer)
    trainer.say(step(1), step(2))
    trainer.end()
    reader.join()
    assert reader.events[:-1] == [step(1), step(2)]
    last = reader.events[-1]
    assert isinstance(last, RunStopped)
    assert (last.step, last.reason, last.error) == (2, "failed", "It was the cat.")
    assert list(directory.replay())[-1] == last
    assert not directory.busy


def test_the_log_of_a_run_that_another_process_took_over_is_left_alone(directory, trainer) -> None:
    reader = begin(directory, trainer)
    other = RunDirectory.open(directory.path)
    other.claim()
    trainer.alive = False
    reader.join()
    assert isinstance(reader.events[-1], RunStopped)
    assert list(directory.replay()) == []
    other.release()


def test_leaving_ends_the_events_and_nothing_else(directory, trainer) -> None:
    trainer.directory.claim()
    follower = Follower(directory, seconds=SOON)
    reader = Reader(follower)
    trainer.say(step(1))
    follower.leave()
    reader.join()
    assert all(not isinstance(one, RunStopped) for one in reader.events)
    assert directory.busy
    assert trainer.heard() == []


def test_a_live_process_is_joined_where_the_record_ends(directory) -> None:
    """Here the process is a real one, killed as the system would."""
    child = subprocess.Popen([sys.executable, "-c", CLAIM, str(directory.path)])
    until(lambda: directory.busy and directory.log_end() > 0)
    holder, offset = directory.holder, directory.log_end()
    (directory.path / "training.log").write_text("Traceback\nMemoryError\n")
    reader = Reader(Follower(directory, holder, offset, 7, seconds=0.01))
    time.sleep(0.05)
    assert not reader.over
    child.kill()
    reader.join()
    child.wait()
    assert [type(one) for one in reader.events] == [RunStopped]
    assert reader.events[0].step == 7
    assert reader.events[0].error.splitlines()[1:] == ["Traceback", "MemoryError"]


CLAIM = """
import sys, time
from pathlib import Path
from sslcore.events import Preparing
from sslcore.runs.directory import RunDirectory
directory = RunDirectory.open(Path(sys.argv[1]))
directory.claim()
directory.append(Preparing("waiting", 0, 1))
time.sleep(600)
"""


def test_a_claim_given_back_without_a_last_word_is_an_end_after_a_while(
    directory, monkeypatch
) -> None:
    monkeypatch.setattr(follow, "GRACE", 0.2)
    elsewhere = {"pid": os.getpid(), "host": "another machine", "started": 0.0, "token": "a"}
    (directory.path / "run.lock").write_text(json.dumps(elsewhere))
    reader = Reader(Follower(directory, Holder(elsewhere), 0, seconds=0.01))
    time.sleep(0.3)
    assert not reader.over, "unknown on another machine, where it counts as running"
    (directory.path / "run.lock").unlink()
    reader.join()
    assert "without a word" in reader.events[0].error


def test_what_cannot_be_read_or_sent_is_told_once(directory, trainer, monkeypatch) -> None:
    trainer.directory.claim()
    (directory.path / "control.jsonl").mkdir()

    def gone(self, offset):
        raise RunError("the network is away")

    with monkeypatch.context() as patch:
        patch.setattr(RunDirectory, "read_from", gone)
        reader = begin(directory, trainer)
        reader.control.pause()
        until(lambda: len(reader.events) == 2)
        time.sleep(0.1)
    assert [one.code for one in reader.events if isinstance(one, Warned)] == [
        "log_unreadable",
        "request_lost",
    ]
    (directory.path / "control.jsonl").rmdir()
    until(lambda: trainer.heard() == ["pause"])
    trainer.say(step(1), RunStopped(1, "stopped"))
    reader.join()
    assert reader.events[2:] == [step(1), RunStopped(1, "stopped")]


def test_pictures_are_read_before_anybody_looks(directory, trainer) -> None:
    reader = begin(directory, trainer)
    trainer.say(Snapshot(1, 0.1, {}), Snapshot(2, 0.2, {}))
    trainer.say(RunStopped(2, "stopped"))
    reader.join()
    shown = [one for one in reader.events if isinstance(one, Snapshot)]
    for file in (directory.path / "snapshots").iterdir():
        file.unlink()
    assert dict(shown[-1].diagnostics) == {}
    assert shown[-1].diagnostics.problem == ""


def test_a_process_that_cannot_be_started_is_an_error(directory, monkeypatch) -> None:
    def full(path):
        raise OSError(28, "No space left on device", "training.log")

    monkeypatch.setattr(follow, "TrainingProcess", full)
    reader = Reader(Follower(directory))
    reader.join()
    assert isinstance(reader.error, OSError)
