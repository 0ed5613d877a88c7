"""A run that another process trains: its events as they are written, and requests to it.

The other process writes ``events.jsonl`` and reads ``control.jsonl``; nothing else joins the two,
so either may come and go without the other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Protocol

from sslcore.engine.control import Control
from sslcore.engine.store import SaveError
from sslcore.events import Paused, Resumed, RunEvent, RunStopped, Snapshot, StepDone, Warned
from sslcore.runs.claim import Holder
from sslcore.runs.directory import RunDirectory, RunError
from sslcore.runs.process import TrainingProcess, last_words

GRACE = 5.0
"""Seconds between giving back a claim and the last word of a run that are not yet suspicious."""


class Life(Protocol):
    """What is known of the process that trains."""

    @property
    def alive(self) -> bool:
        """Whether more events may come."""
        ...

    def last_words(self) -> str:
        """How it ended, in words."""
        ...


class Follower:
    """Follows one run; :meth:`events` is what a driver iterates instead of ``train()``.

    Args:
        directory: of the run.
        holder: the process that trains there; None starts one, which goes on from the newest
            checkpoint, if there is one.
        offset: bytes of the log that were read already, where there is a holder.
        step: steps done so far.
        seconds: between two looks at the log.
    """

    def __init__(
        self,
        directory: RunDirectory,
        holder: Holder | None = None,
        offset: int = 0,
        step: int = 0,
        seconds: float = 0.1,
    ) -> None:
        self._directory = directory
        self._holder = holder
        self._offset = offset
        self._step = step
        self._seconds = seconds
        self._left = threading.Event()
        self._paused = False
        self._stopped = False
        self._hears = False
        self._told: set[str] = set()

    def leave(self) -> None:
        """End :meth:`events` soon; the run goes on."""
        self._left.set()

    def events(self, control: Control) -> Iterator[RunEvent]:
        """What the process writes, up to its last word.

        A process that ends without one is given one: ``RunStopped`` "failed" with the last lines
        of its log; it is written too, so that the run looks the same when it is opened again.

        Args:
            control: its requests are passed on as soon as the process can hear them; it shows a
                pause that somebody else asked for, too.

        Raises:
            OSError: if no process can be started.
        """
        life = self._begin(control)
        while not self._left.is_set():
            over = not life.alive  # before reading: what it wrote until then is not missed
            events = self._read()
            for event in events:
                self._take(event, control)
                yield event
                if isinstance(event, RunStopped):
                    return
            if over and events:
                continue  # the log may be longer than one look at it
            if over:
                yield self._end_of(life)
                return
            if (warning := self._pass_on(control)) is not None:
                yield warning
            self._left.wait(self._seconds)

    def _begin(self, control: Control) -> Life:
        if self._holder is not None:
            self._paused = control.pausing
            return _Attached(self._directory, self._holder)
        self._offset = self._directory.log_end()
        return TrainingProcess(self._directory.path)

    def _read(self) -> Sequence[RunEvent]:
        try:
            events, self._offset = self._directory.read_from(self._offset)
        except RunError as error:  # a network disk may come back
            return self._complain("log_unreadable", str(error))
        pictures = [one for one in events if isinstance(one, Snapshot)]
        if pictures:
            len(pictures[-1].diagnostics)  # read here, not on the thread of whoever looks at it
        return events

    def _take(self, event: RunEvent, control: Control) -> None:
        if isinstance(event, StepDone):
            self._step = event.step
        # Somebody else may have asked for it; a wish of ours that was not passed on yet counts.
        if control.stopping or control.pausing != self._paused:
            return
        if isinstance(event, Paused):
            self._paused = True
            control.pause()
        elif isinstance(event, Resumed):
            self._paused = False
            control.resume()

    def _pass_on(self, control: Control) -> Warned | None:
        """Send what was asked for since the last look.

        Not before the process has claimed the directory: it passes over what it finds there.
        """
        self._hears = self._hears or self._directory.busy
        if self._stopped or not self._hears:
            return None
        try:
            if control.stopping:
                self._directory.send("stop")
                self._stopped = True
                return None
            if (wanted := control.pausing) != self._paused:
                self._directory.send("pause" if wanted else "resume")
                self._paused = wanted
            if control.take_snapshot_request():
                self._directory.send("snapshot_now")
        except SaveError as error:
            return next(iter(self._complain("request_lost", str(error))), None)
        return None

    def _complain(self, code: str, problem: str) -> list[Warned]:
        if problem in self._told:
            return []
        self._told.add(problem)
        return [Warned(self._step, code, problem, "It is tried again; the run itself goes on.")]

    def _end_of(self, life: Life) -> RunStopped:
        stopped = RunStopped(self._step, "failed", life.last_words(), time.time())
        with suppress(SaveError):  # the disk may be why it ended
            self._directory.claim()
            try:
                if self._directory.log_end() == self._offset:  # else somebody else wrote
                    self._directory.append(stopped)
            finally:
                self._directory.release()
                self._directory.close()
        return stopped


class _Attached:
    """A process that somebody else started."""

    def __init__(self, directory: RunDirectory, holder: Holder) -> None:
        self._directory = directory
        self._holder = holder
        self._missed: float | None = None

    @property
    def alive(self) -> bool:
        if not self._holder.alive:
            return False
        # It may live on without training: a window whose run ended.
        if self._directory.holder == self._holder:
            self._missed = None
        elif self._missed is None:
            self._missed = time.monotonic()
        return self._missed is None or time.monotonic() - self._missed < GRACE

    def last_words(self) -> str:
        return last_words(self._directory.path)
