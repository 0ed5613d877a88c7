"""One layout per evaluation of a run, each laid onto the one before: what the timeline plays.

They are made in order and in the background, so that playing and scrubbing wait for nothing, and a
map of an epoch is the same whichever way one came to it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Sequence as Several

    from app.tasks import Tasks, Ticket
    from sslcore.events import EmbeddingSaved
    from sslcore.runs.directory import RunDirectory

Points = NDArray[np.float32]


class LayoutSequence(QObject):
    """The PCA layouts of a run's probe images, from the first evaluation to the newest.

    Attributes:
        grew: more layouts can be had.

    Args:
        tasks: runs the making.
    """

    grew = Signal()

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._run = ""
        self._index: NDArray[np.int64] = np.zeros(0, np.int64)
        self._made: dict[int, Points] = {}
        self._busy = False

    def __len__(self) -> int:
        """How many layouts can be had."""
        return len(self._made)

    @property
    def steps(self) -> tuple[int, ...]:
        """Steps whose layouts can be had, in order."""
        return tuple(self._made)

    def at(self, run: str, step: int) -> Points | None:
        """(N, 2) places of the probe images at a step, if they were made."""
        return self._made.get(step) if run == self._run else None

    def follow(self, directory: RunDirectory, saved: Several[EmbeddingSaved]) -> None:
        """Make the layouts that are missing; ask again whenever there may be more.

        Args:
            directory: of the run; another one than before starts anew.
            saved: its evaluations so far, in order.
        """
        run = str(directory.path)
        steps = [one.step for one in saved]
        if run != self._run or list(self._made) != steps[: len(self._made)]:
            self._run, self._made, self._busy = run, {}, False
        missing = steps[len(self._made) :]
        if not missing or self._busy:
            return
        self._busy = True
        before = next(reversed(self._made.values()), None)

        def work(ticket: Ticket) -> tuple[str, NDArray[np.int64], dict[int, Points]]:
            return run, *_laid_out(directory, missing, before, ticket)

        task = self._tasks.start(
            "Laying out all epochs",
            work,
            self._take,
            failed=lambda _: None,  # the map itself tells what cannot be read
            key="explore/sequence",
            quiet=True,
        )
        task.ended.connect(self._free)

    def paths(self, rows: NDArray[np.int64]) -> Points:
        """Where images stood, moment by moment.

        Args:
            rows: (K,) catalogue rows.

        Returns:
            (T, K, 2) float32, T in the order of :attr:`steps`; NaN for images that are not probed.
        """
        found = np.full((len(self._made), len(rows), 2), np.nan, np.float32)
        order = np.argsort(self._index, kind="stable")
        place = np.searchsorted(self._index, rows, sorter=order)
        place = order[np.minimum(place, len(order) - 1)] if len(order) else place
        known = np.flatnonzero(self._index[place] == rows) if len(order) else np.zeros(0, np.int64)
        for moment, points in enumerate(self._made.values()):
            found[moment, known] = points[place[known]]
        return found

    def _take(self, answer: tuple[str, NDArray[np.int64], dict[int, Points]]) -> None:
        run, index, made = answer
        if run != self._run:
            return
        self._busy = False  # whoever hears of it may ask for more
        self._index = index
        self._made |= made
        if made:
            self.grew.emit()

    def _free(self) -> None:
        self._busy = False


def _laid_out(
    directory: RunDirectory, steps: Several[int], before: Points | None, ticket: Ticket
) -> tuple[NDArray[np.int64], dict[int, Points]]:
    """Layouts of some steps, each aligned with the one before, as far as the probe is the same."""
    projection: Any = importlib.import_module("sslcore.evaluation.projection")
    made: dict[int, Points] = {}
    index = np.zeros(0, np.int64)
    for number, step in enumerate(steps):
        if ticket.cancelled():
            break
        index, features = directory.embedding(step)
        points: Points = projection.pca(features)
        if before is not None and before.shape == points.shape:
            points = projection.align(points, before)
        made[step] = before = points
        ticket.progress(number + 1, len(steps))
    return index, made
