"""The runs of this person: what is known of each, which are chosen, and their whole records."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.wording import sentence

if TYPE_CHECKING:
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.runs.notes import Notes
    from sslcore.runs.record import RunRecord
    from sslcore.runs.summary import Summary

MOST = 7
"""Runs that can be compared at once: as many as have a colour of their own."""


class Shelf(QObject):
    """All runs in the runs folder, and the open one wherever it lies.

    Attributes:
        listed: the runs are known anew.
        chosen_changed: other runs are chosen.
        loaded: records of chosen runs are there.
        summaries: of all runs.
        chosen: paths of the chosen runs, in the order they were chosen.
        records: of chosen runs, as far as they were read.

    Args:
        workspace: whose settings tell where runs lie.
    """

    listed = Signal()
    chosen_changed = Signal()
    loaded = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.summaries: dict[Path, Summary] = {}
        self.chosen: list[Path] = []
        self.records: dict[Path, RunRecord] = {}
        self._slots: dict[Path, int] = {}
        self._stamps: dict[Path, int] = {}
        self._loading: Task | None = None
        self.read = False

    @property
    def folder(self) -> Path:
        """The folder that is looked through."""
        return self._workspace.settings.runs_folder

    @property
    def open_path(self) -> Path | None:
        """Directory of the open run."""
        directory = self._workspace.directory
        return None if directory is None else directory.path

    @property
    def shown(self) -> list[Summary]:
        """Of the chosen runs."""
        return [self.summaries[path] for path in self.chosen if path in self.summaries]

    def slot(self, path: Path) -> int | None:
        """Number of the colour of a chosen run, None for any other."""
        return self._slots.get(path)

    def refresh(self) -> None:
        """Look through the folder again."""
        folder, extra = self.folder, self.open_path

        def job(ticket: Ticket) -> list[Summary]:
            module: Any = importlib.import_module("sslcore.runs.summary")
            found: list[Summary] = module.survey(folder, ticket.progress, ticket.cancelled)
            if extra is not None and extra not in {one.path for one in found} and extra.is_dir():
                found.append(module.read(extra))
            return found

        self._workspace.tasks.start("Reading the runs", job, self._take, key="runs", quiet=True)

    def _take(self, found: list[Summary]) -> None:
        self.read = True
        self.summaries = {one.path: one for one in found}
        self.listed.emit()
        kept = [path for path in self.chosen if path in self.summaries]
        if kept != self.chosen:
            self.choose(kept)
        else:
            self._load()

    def choose(self, paths: Sequence[Path]) -> None:
        """Choose runs to look at; a run keeps its colour while it is chosen."""
        wanted = [path for path in self.chosen if path in paths]
        wanted += [path for path in paths if path not in wanted]
        wanted = wanted[:MOST]
        self._slots = {path: slot for path, slot in self._slots.items() if path in wanted}
        for path in wanted:
            if path not in self._slots:
                used = set(self._slots.values())
                self._slots[path] = next(n for n in range(MOST) if n not in used)
        if wanted != self.chosen:
            self.chosen = wanted
            self.chosen_changed.emit()
        self._load()

    def _load(self) -> None:
        """Fold the logs of chosen runs that are not known, or have grown since."""
        if self._loading is not None:  # what is missing then is read after it
            return
        stamps = {path: _stamp(path) for path in self.chosen}
        wanted = [path for path, stamp in stamps.items() if self._stamps.get(path) != stamp]
        if not wanted:
            return
        self._stamps |= {path: stamps[path] for path in wanted}

        def job(ticket: Ticket) -> dict[Path, RunRecord]:
            directories: Any = importlib.import_module("sslcore.runs.directory")
            records: Any = importlib.import_module("sslcore.runs.record")
            found: dict[Path, RunRecord] = {}
            for path in wanted:
                record = records.RunRecord()
                for event in directories.RunDirectory(path).replay():
                    if ticket.cancelled():
                        return found
                    record.apply(event)
                found[path] = record
            return found

        self._loading = self._workspace.tasks.start(
            "Reading curves", job, self._take_records, quiet=True
        )
        self._loading.ended.connect(self._go_on)

    def _go_on(self) -> None:
        self._loading = None
        self._load()

    def _take_records(self, found: dict[Path, RunRecord]) -> None:
        self.records |= found
        self.loaded.emit()

    def keep_notes(self, path: Path, tags: str, note: str) -> None:
        """Write the notes of a run (a notice tells where that is not possible).

        Args:
            path: of the run.
            tags: with commas between.
            note: free text.
        """
        module: Any = importlib.import_module("sslcore.runs.notes")
        notes: Notes = module.Notes(module.tags_of(tags.split(",")), note.strip())
        summary = self.summaries.get(path)
        if summary is None or summary.notes == notes:
            return
        try:
            module.write(path, notes)
        except (OSError, RuntimeError) as error:
            self._workspace.notice.emit("danger", sentence(error), "The notes were not kept.")
            return
        self.summaries[path] = replace(summary, notes=notes)
        self.listed.emit()


def _stamp(path: Path) -> int:
    try:
        return (path / "events.jsonl").stat().st_size
    except OSError:
        return -1
