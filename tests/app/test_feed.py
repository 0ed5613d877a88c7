import threading

import pytest

from app.feed import Feed
from sslcore.events import Resumed, RunStopped, StepDone


class Record:
    def __init__(self):
        self.events = []

    def apply(self, event):
        self.events.append(event)


class Journal:
    def __init__(self, fail_at=None):
        self.lines = []
        self.fail_at = fail_at
        self.closed = False

    def append(self, event):
        if self.fail_at is not None and len(self.lines) == self.fail_at:
            raise OSError(28, "No space left on device", "events.jsonl")
        self.lines.append(event)

    def close(self):
        self.closed = True


def step(number):
    return StepDone(number, number / 10, 1.0 / number, {}, 0.1, 100.0, 0)


@pytest.fixture
def made(qapp):
    """Make feeds that are closed at the end."""
    feeds = []

    def make(source, journal=None):
        record = Record()
        feed = Feed(source, journal or Journal(), record)
        feeds.append(feed)
        return feed, record

    yield make
    for feed in feeds:
        feed.close()
        feed.deleteLater()


def test_every_event_is_folded_once_and_in_order(made, qtbot):
    journal = Journal()

    def train(control):
        for number in range(1, 5001):
            yield step(number)
        yield RunStopped(5000, "completed")

    feed, record = made(train, journal)
    folds = []
    feed.folded.connect(lambda: folds.append(len(record.events)))
    with qtbot.waitSignal(feed.ended, timeout=10_000):
        feed.start()
    assert record.events == journal.lines
    assert [event.step for event in record.events[:-1]] == list(range(1, 5001))
    assert isinstance(record.events[-1], RunStopped)
    assert len(folds) < 500, "one signal per event would flood the window"
    assert not feed.running
    assert journal.closed


def test_events_are_written_before_they_are_shown(made, qtbot):
    written_first = []
    journal = Journal()

    def train(control):
        for number in range(1, 50):
            yield step(number)

    feed, record = made(train, journal)
    feed.folded.connect(lambda: written_first.append(len(journal.lines) >= len(record.events)))
    with qtbot.waitSignal(feed.ended):
        feed.start()
    assert written_first
    assert all(written_first)


def test_failure_in_training_becomes_the_last_event(made, qtbot):
    def train(control):
        yield step(1)
        raise RuntimeError("out of memory")

    feed, record = made(train)
    with qtbot.waitSignal(feed.ended):
        feed.start()
    last = record.events[-1]
    assert (last.reason, last.error, last.step) == ("failed", "out of memory", 1)


def test_failure_to_write_stops_training_loudly(made, qtbot):
    closed = threading.Event()

    def train(control):
        try:
            for number in range(1, 1000):
                yield step(number)
        finally:
            closed.set()

    feed, record = made(train, Journal(fail_at=3))
    with qtbot.waitSignal(feed.ended):
        feed.start()
    assert [type(one) for one in record.events] == [StepDone] * 3 + [RunStopped]
    assert "No space left" in record.events[-1].error
    assert closed.is_set()


def test_an_end_that_cannot_be_written_is_shown_with_its_own_reason(made, qtbot):
    def train(control):
        yield step(1)
        yield step(2)
        yield RunStopped(2, "failed", "checkpoints: the disk is full")

    feed, record = made(train, Journal(fail_at=2))
    with qtbot.waitSignal(feed.ended):
        feed.start()
    assert [type(one) for one in record.events] == [StepDone, StepDone, RunStopped]
    assert record.events[-1].error == "checkpoints: the disk is full"


def test_an_end_that_was_told_is_not_told_twice(made, qtbot):
    def train(control):
        yield RunStopped(0, "failed", "disk full")
        raise OSError("disk full")

    feed, record = made(train)
    with qtbot.waitSignal(feed.ended):
        feed.start()
    assert [one.error for one in record.events] == ["disk full"]


def test_close_stops_a_paused_run_and_joins_its_thread(made, qtbot):
    def train(control):
        control.pause()
        yield step(1)
        control.wait()
        yield Resumed(1)
        yield RunStopped(1, "stopped" if control.stopping else "completed")

    feed, record = made(train)
    feed.start()
    qtbot.waitUntil(lambda: len(record.events) == 1)
    feed.close()
    assert record.events[-1].reason == "stopped"
    assert not feed.running


def test_a_run_that_goes_on_by_itself_is_left_and_not_written(made, qtbot, qapp):
    left = threading.Event()

    def follow(control):
        yield step(1)
        left.wait(20)
        assert not control.stopping

    record = Record()
    feed = Feed(follow, None, record, leave=left.set)
    assert feed.isolated
    feed.start()
    qtbot.waitUntil(lambda: len(record.events) == 1)
    feed.close()
    assert record.events == [step(1)]
    assert not feed.running
    feed.deleteLater()


def test_a_thread_of_the_window_cannot_be_left(made, qtbot):
    def train(control):
        yield step(1)
        control.pause()
        control.wait(20)

    feed, record = made(train)
    assert not feed.isolated
    feed.start()
    feed.leave()
    qtbot.waitUntil(lambda: len(record.events) == 1)
    assert feed.running
