"""Whether the open images are those of the open run, so that its rows can be looked up in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.panels.same_images import same_images

if TYPE_CHECKING:
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue
    from sslcore.runs.directory import RunDirectory
    from sslcore.runs.record import RunRecord

CHECKING = "Comparing the open images with those of the run"


class RunImages(QObject):
    """The open catalogue, if the run was trained on that very folder and its rows are the same.

    The run keeps the paths of its probe images with their features; these are compared, once per
    run and folder, on a worker.

    Attributes:
        changed: ``catalogue`` is another one.
        catalogue: of the run's images; None while they are not open, or nobody knows yet.

    Args:
        workspace: whose run and folder.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._asked: tuple[object, ...] = ()
        self._task: Task | None = None
        self.catalogue: Catalogue | None = None
        workspace.catalogue_changed.connect(self.check)
        workspace.run_changed.connect(self.check)

    def check(self) -> None:
        """Look whether run or folder are others; cheap enough for every event."""
        workspace = self._workspace
        catalogue, directory = workspace.catalogue, workspace.directory
        record = workspace.record
        if catalogue is None or directory is None or record is None or record.started is None:
            self._forget()
            return
        steps = telling(record)
        asked = (catalogue, directory, steps)
        if asked == self._asked:
            return
        if asked[:2] != self._asked[:2]:
            self._forget()
        self._asked = asked
        self._task = workspace.tasks.start(
            CHECKING,
            lambda ticket: are_of(directory, steps, catalogue, ticket),
            lambda same: self._tell(catalogue if same else None),
            failed=lambda _: self._tell(None),  # what cannot be read proves nothing
            key="train/images",
            quiet=True,
        )

    def _forget(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._asked = ()
        self._tell(None)

    def _tell(self, catalogue: Catalogue | None) -> None:
        if catalogue is not self.catalogue:
            self.catalogue = catalogue
            self.changed.emit()


def telling(record: RunRecord) -> tuple[int, ...]:
    """Steps of the kept features that tell which images a run has: its first, and since a resume.

    A folder may have changed before a run was resumed: then its rows have two meanings.
    """
    steps = [one.step for one in record.embeddings]
    resumed = 0 if record.started is None else record.started.first_step
    since = next((one for one in steps if one >= resumed), None)
    return tuple(dict.fromkeys(one for one in (*steps[:1], since) if one is not None))


def are_of(
    directory: RunDirectory, steps: Sequence[int], catalogue: Catalogue, ticket: Ticket
) -> bool:
    """Whether a catalogue is of the folder a run was trained on, and its rows are the same.

    Raises:
        RunError: if the recipe or the features cannot be read.
    """
    folder = Path(directory.recipe().data.folder).expanduser().resolve()
    if catalogue.root.resolve() not in (folder, folder.parent if folder.suffix else folder):
        return False
    for step in steps:
        if ticket.cancelled():
            return False
        kept = directory.kept(step)
        if not same_images(kept.rows, kept.paths, catalogue):
            return False
    return True
