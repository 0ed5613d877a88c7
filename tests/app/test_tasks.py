import threading
from concurrent.futures import Future

import pytest

from app.tasks import Task, Tasks


@pytest.fixture
def tasks(qapp):
    made = Tasks()
    yield made
    made.close()
    made.deleteLater()


def test_result_comes_back_on_the_windows_thread(tasks, qtbot):
    seen = []

    def job(ticket):
        return threading.current_thread().name

    task = tasks.start("work", job, lambda name: seen.append((name, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0].startswith("task")
    assert seen[0][1] is threading.main_thread()
    assert not task.running
    assert tasks.running() == []


def test_a_job_is_over_only_after_its_last_word(tasks, qtbot):
    """Else the window's thread might delete it while the worker still sends that word."""

    class Slow(Future):
        """Finished, but its callbacks are still to come, as for a moment on a busy machine."""

        def _invoke_callbacks(self):
            self.held = True

    task = Task("work", "", tasks)
    future = Slow()
    task.follow(future)
    future.set_result("answer")
    assert future.done()
    task.ticket.progress(1, 1)
    with qtbot.waitSignal(task.progress):
        pass
    assert task.running
    with qtbot.waitSignal(task.succeeded) as told:
        Future._invoke_callbacks(future)
    assert told.args == ["answer"]
    assert not task.running


def test_progress_is_told_in_order(tasks, qtbot):
    go, told = threading.Event(), []

    def job(ticket):
        ticket.progress(1, 3)
        go.wait(5)
        for done in range(2, 4):
            ticket.progress(done, 3)

    task = tasks.start("work", job)
    task.progress.connect(lambda done, total: told.append((done, total)))
    qtbot.waitUntil(lambda: told == [(1, 3)])
    go.set()
    qtbot.waitUntil(lambda: not task.running)
    assert told[-1] == (3, 3)
    assert told == sorted(told)


def test_the_last_word_before_the_answer_is_told(tasks, qtbot, monkeypatch):
    go, told, spoken = threading.Event(), [], []

    def job(ticket):
        ticket.progress(1, 3)
        go.wait(5)

    task = tasks.start("work", job)
    task.progress.connect(lambda done, total: told.append((done, total)))
    qtbot.waitUntil(lambda: told == [(1, 3)])
    take = task.ticket.take

    def late():
        """As if the worker spoke right after the look, and before it is known to have ended."""
        found = take()
        if found is None and not spoken:
            spoken.append(True)
            task.ticket.progress(3, 3)
        return found

    monkeypatch.setattr(task.ticket, "take", late)
    go.set()
    qtbot.waitUntil(lambda: not task.running)
    assert told == [(1, 3), (3, 3)]


def test_cancelled_job_ends_and_delivers_nothing(tasks, qtbot):
    delivered, began, ended = [], threading.Event(), threading.Event()

    def job(ticket):
        began.set()
        while not ticket.cancelled():
            threading.Event().wait(0.002)
        ended.set()
        return "late"

    task = tasks.start("work", job, delivered.append)
    assert began.wait(5)
    with qtbot.waitSignal(task.ended):
        task.cancel()
    assert ended.is_set()
    qtbot.wait(20)
    assert delivered == []


def test_failure_goes_to_its_caller_or_to_everybody(tasks, qtbot):
    own, everybody = [], []
    tasks.failed.connect(lambda title, error: everybody.append((title, str(error))))

    def job(ticket):
        raise ValueError("no such image")

    tasks.start("mine", job, failed=lambda error: own.append(str(error)))
    tasks.start("ours", job)
    qtbot.waitUntil(lambda: own == ["no such image"] and len(everybody) == 1)
    assert everybody == [("ours", "no such image")]


def test_jobs_of_one_key_replace_each_other(tasks, qtbot):
    got, gate = [], threading.Event()

    def job(ticket, number):
        gate.wait(5)
        return number

    for number in range(4):
        tasks.start("preview", lambda t, n=number: job(t, n), got.append, key="preview")
    assert len(tasks.running()) == 1
    gate.set()
    qtbot.waitUntil(lambda: got == [3])
    qtbot.wait(20)
    assert got == [3]


def test_close_waits_for_the_workers(qapp):
    tasks, over = Tasks(), threading.Event()

    def job(ticket):
        while not ticket.cancelled():
            threading.Event().wait(0.002)
        over.set()

    tasks.start("work", job)
    tasks.close()
    assert over.is_set() or not tasks.running()
    tasks.deleteLater()


def test_a_dropped_job_may_be_dropped_again_after_it_is_gone(qapp, qtbot):
    """Its caller may hold it longer than Qt does."""
    tasks, go = Tasks(), threading.Event()
    held = [tasks.start("work", lambda _ticket: go.wait(5)) for _ in range(8)]
    waiting = tasks.start("late", lambda _ticket: None)
    with qtbot.waitSignals([waiting.ended, waiting.destroyed]):
        waiting.cancel()
    go.set()
    waiting.cancel()
    tasks.close()
    assert len(held) == 8
    tasks.deleteLater()
