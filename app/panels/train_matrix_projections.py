"""Projections of the run's probe images under a checkpoint, computed on a worker and kept."""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.wording import sentence

if TYPE_CHECKING:
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue
    from sslcore.events import CheckpointSaved
    from sslcore.runs.directory import RunDirectory

KEPT = 6
"""Checkpoints whose projections are remembered."""
MOST = 5000
"""Images that are projected at most, taken evenly from all probe images."""
NO_CHECKPOINT = "The images behind a cell can be seen after the run's first checkpoint."
NO_PROBE = "The images behind a cell can be seen after the run's first evaluation."
CLOSED = "The images of this run are not open; open its folder to see those behind a cell."
PROJECTING = "Projecting the probe images"

Key = tuple[Path, int]
"""A run and the step of a checkpoint."""


@dataclass(frozen=True, eq=False)
class Projections:
    """What the projections of probe images are under one checkpoint.

    Attributes:
        run: the run's folder.
        step, epoch: of the checkpoint.
        index: (N,) catalogue rows.
        z: (N, d) float32, every dimension with mean 0 and variance 1 over these images.
        probe_images: of the run, of which these are all or a part.
    """

    run: Path
    step: int
    epoch: float
    index: NDArray[np.int64]
    z: NDArray[np.float32]
    probe_images: int

    @property
    def words(self) -> str:
        """``z of epoch 12.0, standardised over 600 probe images``."""
        images = f"{len(self.index):,}"
        if len(self.index) < self.probe_images:
            images += f" of {self.probe_images:,}"
        return f"z of epoch {self.epoch:.1f}, standardised over {images} probe images"


class ProjectionWatch(QObject):
    """Keeps the projections at the timeline's position, while somebody wants them.

    Those of the last checkpoint at or before the position are taken; where that one was removed
    since, the nearest one there still is. One job at a time; the network is that of the checkpoint,
    never the one in training.

    Attributes:
        changed: ``now`` or ``words`` are new.

    Args:
        workspace: whose run has the checkpoints.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._known: OrderedDict[Key, Projections] = OrderedDict()
        self._refused: dict[Key, str] = {}
        self._task: Task | None = None
        self._wanted = False
        self.now: Projections | None = None
        self.words = NO_CHECKPOINT
        workspace.catalogue_changed.connect(self._forget)
        workspace.run_changed.connect(self._forget)

    def want(self, wanted: bool) -> None:
        """Whether anybody looks at them; nothing is computed while nobody does."""
        if wanted != self._wanted:
            self._wanted = wanted
            if wanted:
                self.check()

    def check(self) -> None:
        """Look whether position or checkpoints moved on; cheap enough for every event."""
        if not self._wanted:
            return
        record, directory = self._workspace.record, self._workspace.directory
        catalogue = self._workspace.catalogue
        if record is None or directory is None or not record.checkpoints:
            self._tell(None, NO_CHECKPOINT)
            return
        if not record.embeddings:
            self._tell(None, NO_PROBE)
            return
        if catalogue is None:
            self._tell(None, CLOSED)
            return
        order = preferred(record.checkpoints, self._workspace.snapshot_position)
        key = (directory.path, order[0].step)
        if key in self._known:
            self._known.move_to_end(key)
            self._tell(self._known[key], self._known[key].words)
        elif key in self._refused:
            self._tell(None, self._refused[key])
        elif self._task is None:
            probe = record.embeddings[-1].step
            self._start(key, directory, order, probe, catalogue)
        else:
            self._tell(self._of(directory.path), PROJECTING)

    def _of(self, run: Path) -> Projections | None:
        """What is shown, if it is of this run: the last answer stays until there is a newer one."""
        return self.now if self.now is not None and self.now.run == run else None

    def _tell(self, now: Projections | None, words: str) -> None:
        if now is not self.now or words != self.words:
            self.now, self.words = now, words
            self.changed.emit()

    def _start(
        self,
        key: Key,
        directory: RunDirectory,
        order: Sequence[CheckpointSaved],
        probe: int,
        catalogue: Catalogue,
    ) -> None:
        cache = self._workspace.settings.cache_folder
        known = {one.step: one for one in self._known.values() if one.run == directory.path}

        def work(ticket: Ticket) -> Projections:
            index, _ = directory.embedding(probe)
            return _projected(directory, order, index, catalogue, cache, known, ticket)

        def take(found: Projections) -> None:
            self._known[key] = found
            while len(self._known) > KEPT:
                self._known.popitem(last=False)

        def refuse(error: Exception) -> None:
            self._refused[key] = f"The probe images cannot be projected: {sentence(error)}."

        self._tell(self._of(directory.path), PROJECTING)
        self._task = self._workspace.tasks.start(PROJECTING, work, take, failed=refuse, quiet=True)
        self._task.ended.connect(self._free)

    def _free(self) -> None:
        self._task = None
        self.check()

    def _forget(self) -> None:
        """Another run, or other images: nothing of the last ones counts."""
        if self._task is not None:
            self._task.cancel()
        self._known.clear()
        self._refused.clear()
        self._tell(None, NO_CHECKPOINT)
        self.check()


def preferred(
    checkpoints: Sequence[CheckpointSaved], position: int | None
) -> list[CheckpointSaved]:
    """Checkpoints in the order in which they serve a position: the last one before it first.

    Args:
        checkpoints: of the run, at least one, in the order they were saved.
        position: step the timeline stands at; None is the end.
    """
    end = checkpoints[-1].step if position is None else position
    before = [one for one in checkpoints if one.step <= end]
    return before[::-1] + [one for one in checkpoints if one.step > end]


def _projected(
    directory: RunDirectory,
    order: Sequence[CheckpointSaved],
    index: NDArray[np.int64],
    catalogue: Catalogue,
    cache: Path,
    known: dict[int, Projections],
    ticket: Ticket,
) -> Projections:
    """The projections under the first of these checkpoints that is still there.

    Raises:
        ValueError: if there is none, it does not fit the images, or its numbers are not finite.
    """
    names = {path.name for _, path in directory.shelf.entries()}
    there = [one for one in order if Path(one.path).name in names]
    if not there:
        raise ValueError(f"{directory.path}: its checkpoints were removed")
    saved = there[0]
    if saved.step in known:
        return known[saved.step]
    module = importlib.import_module
    loaded = directory.load(saved.path)
    checkpoint: Any = module("sslcore.engine.checkpoint").Checkpoint
    read: Any = checkpoint.read(loaded.files if loaded is not None else {}, saved.path)
    if read.catalogue and read.catalogue != catalogue.fingerprint:
        raise ValueError("the open images are not those of the run; open the folder it trained on")
    method, size = read.method(), read.facts.image_size

    def project(images: Any) -> Any:
        return method.embed(images, "projection").flatten(1)

    places = np.unique(np.linspace(0, len(index) - 1, min(MOST, len(index))).astype(np.int64))
    store: Any = module("sslcore.data.pixel_store").PixelStore
    dimensions: Any = module("sslcore.evaluation.dimensions")
    with store.open(
        catalogue, size, cache_folder=cache, budget_bytes=0, cancelled=ticket.cancelled
    ) as pixels:
        z: Any = module("sslcore.evaluation.features").extract(
            project,
            pixels,
            index[places],
            progress=ticket.progress,
            cancelled=ticket.cancelled,
            image_size=size,
        )
    made: NDArray[np.float32] = dimensions.standardised(z)
    return Projections(directory.path, saved.step, saved.epoch, index[places], made, len(index))
