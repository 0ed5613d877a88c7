"""Training in the background: a thread that iterates events, an inbox, a timer that folds them.

Thread or process is the choice of a source: ``train()`` itself, or the tail of a process's log.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.wording import sentence
from sslcore.engine.control import Control
from sslcore.events import RunEvent, RunStopped

if TYPE_CHECKING:
    from collections.abc import Generator

log = logging.getLogger(__name__)
TICK = 33
"""Milliseconds between two looks into the inbox: 30 per second."""
SWITCH_INTERVAL = 0.0005
"""Seconds a Python-bound thread keeps the interpreter; Qt's frames suffer from the usual 5 ms."""

Source = Callable[[Control], Iterator[RunEvent]]


class Journal(Protocol):
    """Where events are written before anybody sees them (a run directory)."""

    def append(self, event: RunEvent) -> None:
        """Write one event; raises OSError or RuntimeError where it cannot."""
        ...

    def close(self) -> None:
        """Close what was opened to write."""
        ...


class Folder(Protocol):
    """What events are folded into (a run record)."""

    def apply(self, event: RunEvent) -> None:
        """Take one event in."""
        ...


class Feed(QObject):
    """One run that is being trained.

    Every event is written, then folded into the record; ``folded`` fires at most once per tick.

    Args:
        source: called on the thread with the control; yields the events of ``train()``.
        journal: written first, on the thread; None where the source has written them.
        record: folded into, on the window's thread.
        parent: owner.
        leave: ends a source whose run goes on without this window; None where it does not.
    """

    folded = Signal()
    ended = Signal()

    def __init__(
        self,
        source: Source,
        journal: Journal | None,
        record: Folder,
        parent: QObject | None = None,
        leave: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(parent)
        self.control = Control()
        self._source = source
        self._journal = journal
        self._record = record
        self._inbox: deque[RunEvent] = deque()
        self._leave = leave
        self._step = 0
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self.drain)

    @property
    def running(self) -> bool:
        """Whether events may still come."""
        return self._timer.isActive()

    @property
    def isolated(self) -> bool:
        """Whether the run goes on without this window."""
        return self._leave is not None

    def start(self) -> None:
        """Begin."""
        sys.setswitchinterval(SWITCH_INTERVAL)
        self._timer.start()
        self._thread.start()

    def leave(self) -> None:
        """Look no longer at a run that goes on by itself; returns at once."""
        if self._leave is not None:
            self._leave()

    def close(self) -> None:
        """Leave the run if it goes on by itself; else let it save and stop, and fold its end."""
        if self._leave is not None:
            self._leave()
        else:
            self.control.stop()
        if self._thread.ident is not None:
            self._thread.join()
        self.drain()

    def drain(self) -> None:
        """Fold everything that came since the last look."""
        over = self._thread.ident is not None and not self._thread.is_alive()
        count = 0
        while self._inbox:
            self._record.apply(self._inbox.popleft())
            count += 1
        if count:
            self.folded.emit()
        if over and self._timer.isActive():
            self._timer.stop()
            self.ended.emit()

    def _work(self) -> None:
        try:
            self._train()
        finally:
            if self._journal is not None:
                self._journal.close()

    def _write(self, event: RunEvent) -> None:
        if self._journal is not None:
            self._journal.append(event)

    def _train(self) -> None:
        last: RunStopped | None = None
        told = False
        try:
            with closing(_as_generator(self._source(self.control))) as stream:
                for event in stream:
                    last = event if isinstance(event, RunStopped) else None
                    self._step = getattr(event, "step", self._step)
                    self._write(event)
                    self._inbox.append(event)
                    told = last is not None
        except Exception as error:
            log.exception("training failed")
            if told:
                return
            if last is None:
                last = RunStopped(self._step, "failed", sentence(error), time.time())
                with suppress(OSError, RuntimeError):
                    self._write(last)
            # An end that the disk does not take is shown all the same, with its own reason.
            self._inbox.append(last)


def _as_generator(events: Iterator[RunEvent]) -> Generator[RunEvent, None, None]:
    yield from events
