"""The run that is being trained: in a thread of this window, or in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.core import Core
    from app.feed import Feed
    from sslcore.engine.control import Control
    from sslcore.events import RunEvent
    from sslcore.recipe import Recipe
    from sslcore.runs.claim import Holder
    from sslcore.runs.directory import RunDirectory
    from sslcore.runs.record import RunRecord


class Training(QObject):
    """The half of the workspace that drives a run; whatever trains it, the same events come.

    Attributes:
        record_changed: events were folded into ``record``; at most 30 times a second.
        training_ended: no more will come.
        directory, record: of the open run, or None.
    """

    record_changed = Signal()
    training_ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.record: RunRecord | None = None
        self.directory: RunDirectory | None = None
        self._feed: Feed | None = None
        self._handing_over = False

    @property
    def running(self) -> bool:
        """Whether the open run is being trained (paused ones included)."""
        return self._feed is not None and self._feed.running

    @property
    def isolated(self) -> bool:
        """Whether a process of its own trains the open run, which goes on without this window."""
        return self.running and self._feed is not None and self._feed.isolated

    @property
    def pausing(self) -> bool:
        """Whether a pause was asked for and not taken back."""
        return self.running and self._feed is not None and self._feed.control.pausing

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for and the run has not ended yet."""
        return self.running and self._feed is not None and self._feed.control.stopping

    @property
    def state(self) -> str:
        """Of the open run: new, preparing, running, paused or stopped."""
        if self.record is None:
            return "new"
        if not self.running and self.record.state != "new":
            return "stopped"
        return self.record.state

    @property
    def can_continue(self) -> bool:
        """Whether the open run stopped early and left a checkpoint."""
        record = self.record
        if record is None or self.running or not record.checkpoints:
            return False
        return record.stopped is None or record.stopped.reason != "completed"

    def pause(self) -> None:
        """Ask the run to wait after the current step."""
        if self._feed is not None:
            self._feed.control.pause()

    def resume(self) -> None:
        """Let a paused run go on."""
        if self._feed is not None:
            self._feed.control.resume()

    def stop(self) -> None:
        """Ask the run to save a checkpoint and end."""
        if self._feed is not None:
            self._feed.control.stop()

    def keep_running(self) -> None:
        """Hand the run over to a process: the thread saves, the process goes on from there."""
        if self.running and not self.isolated:
            self._handing_over = True
            self.stop()

    def train_here(self, core: Core, recipe: Recipe, resume: str | None) -> None:
        """Train the open run in a thread of this window, with which it ends."""
        # Not at the top: events need numpy, which the first paint should not wait for.
        from app.feed import Feed

        directory, record = self._open_run()

        def source(control: Control) -> Iterator[RunEvent]:
            return core.train(recipe, control, directory, resume)

        self._take(Feed(source, directory, record, self))

    def train_apart(self) -> None:
        """Start a process that trains the open run, from its newest checkpoint if it has one."""
        self.attach(None, 0)

    def attach(self, holder: Holder | None, offset: int) -> None:
        """Follow the process that trains the open run.

        Args:
            holder: the process; None starts one.
            offset: bytes of the log that the record has seen, where there is a holder.
        """
        from app.feed import Feed
        from sslcore.runs.follow import Follower

        directory, record = self._open_run()
        follower = Follower(directory, holder, offset, record.step)
        feed = Feed(follower.events, None, record, self, leave=follower.leave)
        if holder is not None and record.state == "paused":
            feed.control.pause()
        self._take(feed)

    def _open_run(self) -> tuple[RunDirectory, RunRecord]:
        assert self.directory is not None
        assert self.record is not None
        return self.directory, self.record

    def _take(self, feed: Feed) -> None:
        self.leave()
        self._feed = feed
        feed.folded.connect(self.record_changed)
        feed.ended.connect(self._end)
        feed.start()

    def _end(self) -> None:
        handing_over, self._handing_over = self._handing_over, False
        stopped = None if self.record is None else self.record.stopped
        if handing_over and stopped is not None and stopped.reason == "stopped":
            self.train_apart()
            self.record_changed.emit()
        else:
            self.training_ended.emit()

    def leave(self) -> None:
        """Look no longer at a run that goes on by itself, or that has ended."""
        feed, self._feed = self._feed, None
        if feed is None:
            return
        feed.folded.disconnect(self.record_changed)
        feed.ended.disconnect(self._end)
        if feed.running:
            feed.ended.connect(feed.deleteLater)
            feed.leave()
        else:
            feed.deleteLater()

    def end_training(self) -> None:
        """Leave a run that goes on by itself; stop any other, which saves, and wait for it."""
        self._handing_over = False
        if self._feed is not None:
            self._feed.close()
