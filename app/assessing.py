"""Measurements of the open run: one at a time on a worker, findings kept with the run."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.wording import sentence

if TYPE_CHECKING:
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.assessment.contract import Assessment
    from sslcore.assessment.kept import Kept
    from sslcore.config import Config

Found = dict[tuple[str, str], Any]
"""Features by (encoder, layer)."""


@dataclass(frozen=True)
class Handed:
    """Features, handed from one measurement to the next.

    Attributes:
        images: fingerprint of the folder they were made from; another has other rows.
        found: the features.
    """

    images: str
    found: Found


@dataclass(frozen=True)
class Progress:
    """How far a measurement is.

    Attributes:
        words: the stage ("Features, trained").
        done, total: of the stage; total is 0 while it is not known.
    """

    words: str
    done: int = 0
    total: int = 0


class Assessing(QObject):
    """What was and is being measured of the open run.

    Attributes:
        changed: key of a measurement whose state is another now.
        found: newest finding by key.
        history: every finding by key, the newest first.
        problems: what went wrong, by key, until it is measured again.
        folderless: keys of those for which a folder must be named, the run's own not serving.

    Args:
        workspace: whose run.
        measurements: those there are, by key.
    """

    changed = Signal(str)

    def __init__(self, workspace: Workspace, measurements: Mapping[str, Assessment]) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self.measurements = measurements
        self.found: dict[str, Kept] = {}
        self.history: dict[str, list[Kept]] = {}
        self.problems: dict[str, str] = {}
        self.folderless: frozenset[str] = frozenset()
        self._waiting: list[tuple[str, Config]] = []
        self._running: tuple[str, Task] | None = None
        self._progress = Progress("")
        self._stage = ""
        self._features: tuple[tuple[str, int], Handed] | None = None
        workspace.run_changed.connect(self.reload)
        self.reload()

    # What the person sees

    @property
    def newest(self) -> tuple[int, float] | None:
        """(step, epoch) of the newest checkpoint of the open run."""
        record = self._workspace.record
        if record is None or not record.checkpoints:
            return None
        last = record.checkpoints[-1]
        return last.step, last.epoch

    @property
    def running(self) -> str:
        """Key of the measurement at work, or ""."""
        return "" if self._running is None else self._running[0]

    @property
    def progress(self) -> Progress:
        """Of the measurement at work."""
        return self._progress

    @property
    def idle(self) -> bool:
        """Whether nothing is measured and nothing waits."""
        return self._running is None and not self._waiting

    def waits(self, key: str) -> bool:
        """Whether a measurement stands in line."""
        return any(key == one for one, _ in self._waiting)

    def lacks_folder(self, key: str, settings: Config | None = None) -> bool:
        """Whether it cannot be measured with these settings until a folder was named."""
        return key in self.folderless and not str(getattr(settings, "folder", "")).strip()

    # What the person does

    def measure(self, key: str, settings: Config) -> None:
        """Measure as soon as what is measured now is done."""
        self.cancel(key)
        self.problems.pop(key, None)
        self._waiting.append((key, settings))
        self.changed.emit(key)
        self._next()

    def cancel(self, key: str) -> None:
        """Call a measurement off, or take it out of the line."""
        self._waiting = [one for one in self._waiting if one[0] != key]
        if self._running is not None and self._running[0] == key:
            self._running[1].cancel()
            self._end()
        self.changed.emit(key)

    def reload(self) -> None:
        """Read the findings of the run that is open now, and drop those of another."""
        for key, _ in list(self._waiting):
            self.cancel(key)
        if self._running is not None:
            self.cancel(self._running[0])
        self.found, self.history, self.problems, self._features = {}, {}, {}, None
        known = self.measurements.values()  # until the run's folder was looked into
        self.folderless = frozenset(one.key for one in known if one.needs_folder or one.suits)
        for key in self.measurements:
            self.changed.emit(key)
        directory = self._workspace.directory
        if directory is None:
            return
        path, asked = directory.path, list(known)
        self._workspace.tasks.start(
            "Reading findings",
            lambda _: _read(path),
            self._take_all,
            key="evaluate/read",
            quiet=True,
        )
        self._workspace.tasks.start(
            "Looking what the run's folder holds",
            lambda _: (path, _folderless(path, asked)),
            self._take_folderless,
            failed=lambda _: None,  # a recipe that cannot be read is told of elsewhere
            key="evaluate/folder",
            quiet=True,
        )

    def _take_folderless(self, answer: tuple[Path, frozenset[str]]) -> None:
        path, found = answer
        directory = self._workspace.directory
        if directory is not None and directory.path == path:
            self.folderless = found
            for key in self.measurements:
                self.changed.emit(key)

    def _take_all(self, answer: tuple[Path, dict[str, list[Kept]], list[str]]) -> None:
        path, histories, problems = answer
        directory = self._workspace.directory
        if directory is None or directory.path != path:
            return
        for key, every in histories.items():
            for kept in reversed(every):
                self._add(key, kept)
        for problem in problems:
            self._workspace.notice.emit("warning", problem, "")
        for key in self.measurements:
            self.changed.emit(key)

    # Work

    def _next(self) -> None:
        directory, newest = self._workspace.directory, self.newest
        if self._running is not None or not self._waiting:
            return
        key, settings = self._waiting.pop(0)
        if directory is None or newest is None:
            self.problems[key] = "There is no checkpoint yet: start a run, or open one."
            self.changed.emit(key)
            return
        mark = (str(directory.path), newest[0])
        before = self._features[1] if self._features and self._features[0] == mark else None
        one, path = self.measurements[key], directory.path
        self._progress = Progress("Opening the run")

        def work(ticket: Ticket) -> tuple[Kept, Handed]:
            return _measured(self, path, one, settings, before, ticket)

        task = self._workspace.tasks.start(
            f"Measuring: {one.title}",
            work,
            lambda answer: self._take(key, mark, answer),
            failed=lambda error: self._fail(key, error),
        )
        task.progress.connect(partial(self._tell, key))
        task.ended.connect(lambda: self._ended(task))
        self._running = (key, task)
        self.changed.emit(key)

    def say(self, stage: str) -> None:
        """Name the stage the worker is at; called on the worker, read on the window's thread."""
        self._stage = stage

    def _tell(self, key: str, done: int, total: int) -> None:
        if self.running == key:
            self._progress = Progress(self._stage, done, total)
            self.changed.emit(key)

    def _take(self, key: str, mark: tuple[str, int], answer: tuple[Kept, Handed]) -> None:
        kept, features = answer
        directory = self._workspace.directory
        if directory is None or str(directory.path) != mark[0]:
            return
        self._add(key, kept)
        if kept.unsaved:
            title = self.measurements[key].title
            self._workspace.notice.emit(
                "warning",
                f"{title} was measured, but could not be kept with the run: {kept.unsaved}.",
                "It is shown until another run is opened.",
            )
        self._features = ((mark[0], kept.step), features)

    def _add(self, key: str, kept: Kept) -> None:
        """Take a finding in, in place of one of the same step with the same settings."""
        others: list[Kept] = []
        for one in self.history.get(key, []):
            if (one.step, one.settings) != (kept.step, kept.settings):
                others.append(one)
            elif one.made >= kept.made:  # read from the disk before it was measured again
                return
        every = sorted([kept, *others], key=lambda one: (one.step, one.made), reverse=True)
        self.history[key], self.found[key] = every, every[0]

    def _fail(self, key: str, error: Exception) -> None:
        self.problems[key] = sentence(error)

    def _ended(self, task: Task) -> None:
        if self._running is not None and self._running[1] is task:
            key = self._running[0]
            self._end()
            self.changed.emit(key)

    def _end(self) -> None:
        self._running = None
        self._stage = ""
        self._next()


def _read(path: Path) -> tuple[Path, dict[str, list[Kept]], list[str]]:
    kept: Any = importlib.import_module("sslcore.assessment.kept")
    directory: Any = importlib.import_module("sslcore.runs.directory").RunDirectory
    return path, *kept.histories(directory.open(path))


def _folderless(path: Path, asked: list[Assessment]) -> frozenset[str]:
    """Which of these need a folder to be named, for a run; on a worker."""
    directory: Any = importlib.import_module("sslcore.runs.directory").RunDirectory
    section = directory.open(path).recipe().data
    return frozenset(one.key for one in asked if one.lacks_folder(section))


def _measured(
    owner: Assessing,
    path: Path,
    one: Assessment,
    settings: Config,
    before: Handed | None,
    ticket: Ticket,
) -> tuple[Kept, Handed]:
    """Open the run, measure and keep, on a worker."""
    kept: Any = importlib.import_module("sslcore.assessment.kept")
    subjects: Any = importlib.import_module("sslcore.assessment.subject")
    watches: Any = importlib.import_module("sslcore.assessment.watch")
    directory: Any = importlib.import_module("sslcore.runs.directory").RunDirectory

    def told(stage: str, done: int, total: int) -> None:
        owner.say(stage)
        ticket.progress(done, total)

    watch = watches.Watch(told, ticket.cancelled)
    with subjects.Subject.open(directory.open(path), watch=watch) as subject:
        images = subject.material.catalogue.fingerprint
        if before is not None and before.images == images:
            subject.found.update(before.found)
        made = kept.measure(one, subject, settings, watch)
        return made, Handed(images, dict(subject.found))
