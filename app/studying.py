"""Studies on the disk and the process that works on one: it goes on without this window."""

from __future__ import annotations

import importlib
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.wording import sentence

if TYPE_CHECKING:
    from app.tasks import Ticket
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.study.plan import Study
    from sslcore.study.table import Row

LOOK = 1000
"""Milliseconds between two looks at a study that is worked on."""
LOG = "study.log"


@dataclass(frozen=True)
class Standing:
    """How a study stands.

    Attributes:
        folder: where it is kept.
        study: what it is.
        rows: its trials.
        working: whether a process works on it.
        closing: what was measured once at its end, or None.
        unclosed: why that could not be measured the last time, or "".
    """

    folder: Path
    study: Study
    rows: tuple[Row, ...]
    working: bool
    closing: Kept | None = None
    unclosed: str = ""

    @property
    def done(self) -> int:
        """Trials that were measured."""
        return sum(one.state == "measured" for one in self.rows)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        closed = self.closing is not None or not self.study.closing
        return self.done == len(self.rows) and closed


class Studying(QObject):
    """The studies of this person, the newest first.

    Attributes:
        listed: the folders of studies are known anew.
        changed: the shown study stands elsewhere, or another one is shown.
        failed: a process could not be started, or ended early; with the reason.
        folders: of all studies.
        shown: how the chosen one stands, or None.

    Args:
        workspace: whose settings tell where studies are kept.
    """

    listed = Signal()
    changed = Signal()
    failed = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self.folders: list[Path] = []
        self.shown: Standing | None = None
        self._chosen: Path | None = None
        self._processes: dict[Path, Any] = {}
        self._timer = QTimer(self, interval=LOOK)
        self._timer.timeout.connect(self._look)

    @property
    def home(self) -> Path:
        """Where studies are kept: a folder beside the runs."""
        return self._workspace.settings.runs_folder / "studies"

    def list(self) -> None:
        """Look which studies there are."""
        found = [path.parent for path in self.home.glob("*/study.json")]
        self.folders = sorted(found, key=lambda one: one.name, reverse=True)
        self.listed.emit()

    def choose(self, folder: Path | None) -> None:
        """Show a study from now on."""
        self._chosen = folder
        self.shown = None
        self.changed.emit()
        self._look()

    def begin(self, study: Study, name: str) -> Path | None:
        """Keep a study and start working on it; None if that was not possible (see ``failed``).

        Args:
            study: what is to be trained.
            name: key of its method, or name of the shipped study.
        """
        stamp = time.strftime("%Y%m%d-%H%M%S")
        folder = self.home / f"{stamp}-{name}-{study.kind}"
        try:
            folder.mkdir(parents=True)
            study.save(folder)
        except (OSError, ValueError, RuntimeError) as error:
            self.failed.emit(sentence(error))
            return None
        self.list()
        self.choose(folder)
        self.go_on(folder)
        return folder

    def go_on(self, folder: Path) -> None:
        """Work on a study, from where it stands, unless that is being done."""
        if folder in self._processes:
            return
        process: Any = importlib.import_module("sslcore.runs.process")
        log = folder / LOG
        try:
            made = process.CommandProcess(log, "study", "--now", "--out", folder)
        except OSError as error:
            self.failed.emit(sentence(error))
            return
        self._processes[folder] = made
        self._timer.start()
        self._look()

    def stop(self, folder: Path) -> None:
        """Ask the process of a study to save and end."""
        process = self._processes.get(folder)
        if process is not None:
            process.stop()
            return
        holder = _holder(folder)
        if holder is not None and holder.pid:
            psutil: Any = importlib.import_module("psutil")
            try:
                psutil.Process(int(holder.pid)).terminate()
            except (psutil.Error, ValueError) as error:
                self.failed.emit(sentence(error))

    def close(self) -> None:
        """Look no longer; processes go on."""
        self._timer.stop()

    def _look(self) -> None:
        folder = self._chosen
        for path, process in list(self._processes.items()):
            if not process.alive:
                del self._processes[path]
                self._tell_end(path, process)
        if folder is None:
            self._timer.stop()
            return

        def work(_ticket: Ticket) -> Standing:
            return _standing(folder)

        self._workspace.tasks.start(
            "Reading a study",
            work,
            self._take,
            failed=lambda error: self.failed.emit(sentence(error)),
            key="study/look",
            quiet=True,
        )

    def _take(self, found: Standing) -> None:
        if found.folder != self._chosen:
            return
        # A process that is still loading its libraries has not claimed the folder yet.
        found = replace(found, working=found.working or found.folder in self._processes)
        before, self.shown = self.shown, found
        if found.working:
            self._timer.start()
        else:
            self._timer.stop()
        if before != found:
            self.changed.emit()

    def _tell_end(self, folder: Path, process: Any) -> None:
        words = process.last_words()
        # 0: all measured; 1: something failed, which the standing says; 130: asked to stop.
        ended = re.match(r"The process ended with exit code (0|1|130)\b", words)
        if not ended and "SIGTERM" not in words:
            self.failed.emit(f"{folder.name}: {words}")


def _holder(folder: Path) -> Any:
    claim: Any = importlib.import_module("sslcore.runs.claim")
    queue: Any = importlib.import_module("sslcore.study.queue")
    return claim.Claim(folder / queue.LOCK).holder


def _standing(folder: Path) -> Standing:
    plan: Any = importlib.import_module("sslcore.study.plan")
    table: Any = importlib.import_module("sslcore.study.table")
    study = plan.Study.open(folder)
    rows = tuple(table.rows(folder, study))
    closing = table.closing(folder, study, rows)
    why = table.unclosed(folder, study) if closing is None else ""
    return Standing(folder, study, rows, _holder(folder) is not None, closing, why)
