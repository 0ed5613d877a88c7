"""Short jobs off the window's thread: progress, cancel, and answers back on the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

WORKERS = 6


class Ticket:
    """What a job holds: where it tells its progress and asks whether to go on.

    Both methods fit the ``progress`` and ``cancelled`` arguments of sslcore's functions.
    """

    def __init__(self, nudge: Callable[[], None]) -> None:
        self._nudge = nudge
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._latest: tuple[int, int] | None = None

    def progress(self, done: int, total: int) -> None:
        """Say how far the job is; only the latest word counts."""
        with self._lock:
            first = self._latest is None
            self._latest = (done, total)
        if first:
            self._nudge()

    def cancelled(self) -> bool:
        """Whether the job should return soon; what it returns is dropped."""
        return self._cancelled.is_set()

    @property
    def stopping(self) -> bool:
        """The same, in the word of the library's ``Control``."""
        return self.cancelled()

    def cancel(self) -> None:
        """Ask the job to end."""
        self._cancelled.set()

    def take(self) -> tuple[int, int] | None:
        """The latest progress since the last call."""
        with self._lock:
            latest, self._latest = self._latest, None
        return latest


class Task(QObject):
    """One job. All signals fire on the window's thread.

    Attributes:
        progress: (done, total).
        succeeded: what the job returned.
        failed: the exception it raised.
        ended: after one of the two, or after a cancel.
    """

    progress = Signal(int, int)
    succeeded = Signal(object)
    failed = Signal(object)
    ended = Signal()
    _nudged = Signal()

    def __init__(self, title: str, key: str, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.key = key
        self.quiet = False
        self.done = 0
        self.total = 0
        self.ticket = Ticket(self._nudged.emit)
        self._future: Future[Any] | None = None
        self._answered = False
        self._answering = threading.Lock()
        self._over = False
        self._nudged.connect(self._look, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        """Whether no answer was given yet."""
        return not self._over

    def cancel(self) -> None:
        """Drop the job: it is asked to end, and its answer is not delivered."""
        self.ticket.cancel()
        # An ended task may be deleted while its caller still holds it.
        if not self._over and self._future is not None and self._future.cancel():
            self._nudged.emit()

    def follow(self, future: Future[Any]) -> None:
        """Take up the running job."""
        self._future = future
        future.add_done_callback(self._answer)

    def _answer(self, _future: Future[Any]) -> None:
        """On the worker, as the very last thing it does with this object."""
        # Once the window's thread knows the answer it may delete this object, and must not do so
        # while a signal of it is on its way: a job is over only after its last word was said.
        with self._answering:
            self._nudged.emit()
            self._answered = True

    def _tell_progress(self) -> None:
        latest = self.ticket.take()
        known = not self._over and self._future is not None and not self.ticket.cancelled()
        if latest is not None and known:
            self.done, self.total = latest
            self.progress.emit(*latest)

    @Slot()
    def _look(self) -> None:
        self._tell_progress()
        if self._over or self._future is None:
            return
        with self._answering:
            if not self._answered:
                return
        self._tell_progress()  # what came between the look above and the answer
        self._over = True
        if not self.ticket.cancelled() and not self._future.cancelled():
            error = self._future.exception()
            if error is None:
                self.succeeded.emit(self._future.result())
            else:
                self.failed.emit(error)
        self.ended.emit()


class Tasks(QObject):
    """All jobs of the window.

    Attributes:
        changed: a job started, moved on or ended.
        failed: (title, exception) of a job whose caller gave no ``failed`` of its own.
    """

    changed = Signal()
    failed = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="task")
        self._tasks: list[Task] = []
        self._closed = False

    def start(
        self,
        title: str,
        job: Callable[[Ticket], Any],
        done: Callable[[Any], None] | None = None,
        *,
        failed: Callable[[Exception], None] | None = None,
        key: str = "",
        quiet: bool = False,
    ) -> Task:
        """Run a job on a worker thread.

        Args:
            title: what a person reads while it runs ("Reading the folder").
            job: called with a :class:`Ticket` on the worker; must touch no widget.
            done: called with its result on the window's thread.
            failed: called with its exception; without it, the window shows a notice.
            key: jobs of one key replace each other: the earlier one is cancelled.
            quiet: whether the window leaves it out of its progress display (previews).
        """
        if key:
            for other in self._tasks:
                if other.key == key:
                    other.cancel()
        task = Task(title, key, self)
        task.quiet = quiet
        if done is not None:
            task.succeeded.connect(done)
        if failed is not None:
            task.failed.connect(failed)
        else:
            task.failed.connect(partial(self.failed.emit, title))
        task.progress.connect(self.changed)
        task.ended.connect(lambda: self._forget(task))
        self._tasks.append(task)
        if not self._closed:
            task.follow(self._pool.submit(job, task.ticket))
        self.changed.emit()
        return task

    def running(self) -> list[Task]:
        """Jobs that gave no answer yet and were not cancelled, oldest first."""
        return [task for task in self._tasks if task.running and not task.ticket.cancelled()]

    def cancel_all(self) -> None:
        """Drop every job that a person can see."""
        for task in self.running():
            if not task.quiet:
                task.cancel()
        self.changed.emit()

    def close(self) -> None:
        """Cancel everything and wait for the workers."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _forget(self, task: Task) -> None:
        if task in self._tasks:
            self._tasks.remove(task)
            task.deleteLater()
        self.changed.emit()
