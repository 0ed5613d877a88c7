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
Answer = tuple[str, NDArray[np.int64], dict[int, Points | None]]
"""Run, catalogue rows, and layouts by step; None where features could not be read."""


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
        self._made: dict[int, Points | None] = {}
        self._busy = False

    def __len__(self) -> int:
        """How many layouts can be had."""
        return len(self.steps)

    @property
    def steps(self) -> tuple[int, ...]:
        """Steps whose layouts can be had, in order."""
        return tuple(step for step, points in self._made.items() if points is not None)

    def knows(self, run: str, step: int) -> bool:
        """Whether a step was tried, with or without success."""
        return run == self._run and step in self._made

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
        before = next((one for one in reversed(self._made.values()) if one is not None), None)

        def work(ticket: Ticket) -> Answer:
            return run, *_laid_out(directory, missing, before, ticket)

        task = self._tasks.start(
            "Laying out all epochs",
            work,
            self._take,
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
        return paths(self._index, [one for one in self._made.values() if one is not None], rows)

    def _take(self, answer: Answer) -> None:
        run, index, made = answer
        if run != self._run:
            return
        self._busy = False  # whoever hears of it may ask for more
        if len(index):
            self._index = index
        self._made |= made
        if made:
            self.grew.emit()

    def _free(self) -> None:
        self._busy = False


def paths(index: NDArray[np.int64], layouts: Several[Points], rows: NDArray[np.int64]) -> Points:
    """Where images stood, layout by layout.

    Args:
        index: (N,) catalogue rows of the points of every layout.
        layouts: T of them, (N, 2) each.
        rows: (K,) catalogue rows.

    Returns:
        (T, K, 2) float32; NaN for images that are not on the map.
    """
    found = np.full((len(layouts), len(rows), 2), np.nan, np.float32)
    order = np.argsort(index, kind="stable")
    place = np.searchsorted(index, rows, sorter=order)
    place = order[np.minimum(place, len(order) - 1)] if len(order) else place
    known = np.flatnonzero(index[place] == rows) if len(order) else np.zeros(0, np.int64)
    for moment, points in enumerate(layouts):
        found[moment, known] = points[place[known]]
    return found


def widening(points: Points, before: Points) -> float:
    """The factor by which a layout must grow to be as wide as another; 1 for a single place."""
    spread = float(points.std(0).max())
    return float(before.std(0).max()) / spread if spread > 0 else 1.0


def as_wide(points: Points, before: Points) -> Points:
    """A layout blown up or shrunk around its middle until it is as wide as another.

    The scale that fits best shrinks a layout the less it has in common with the one before, and
    epochs would look as if the space collapsed or burst.
    """
    middle = points.mean(0)
    return ((points - middle) * widening(points, before) + middle).astype(np.float32)


def _laid_out(
    directory: RunDirectory, steps: Several[int], before: Points | None, ticket: Ticket
) -> tuple[NDArray[np.int64], dict[int, Points | None]]:
    """Layouts of some steps, each aligned with the one before, as far as the probe is the same."""
    projection: Any = importlib.import_module("sslcore.evaluation.projection")
    made: dict[int, Points | None] = {}
    index = np.zeros(0, np.int64)
    for number, step in enumerate(steps):
        if ticket.cancelled():
            break
        try:
            index, features = directory.embedding(step)
            points: Points = projection.pca(features)
        except ValueError:  # damaged, or not finite: the map tells it when somebody looks there
            made[step] = None
            continue
        if before is not None and before.shape == points.shape:
            points = as_wide(projection.align(points, before), before)
        made[step] = before = points
        ticket.progress(number + 1, len(steps))
    return index, made
