"""Nearest neighbours in feature space, looked for on a worker and remembered."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.panels.explore_probe import ASKED, Colouring, Probe

if TYPE_CHECKING:
    from app.panels.explore_layouts import Space
    from app.tasks import Tasks

NEAREST = 12
KEPT = 500

Near = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Positions, nearest first, and their cosines."""


class Nearest(QObject):
    """Answers at once what is known; what is not comes with a signal.

    Attributes:
        found: (space, position) whose neighbours are known now.
        agreed: a space whose neighbour agreement is known now.
    """

    found = Signal(object, int)
    agreed = Signal(object)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._near: dict[tuple[Space, int], Near] = {}
        self._agreements: dict[Space, tuple[Probe, Colouring]] = {}

    def of(self, space: Space, position: int, purpose: str) -> Near | None:
        """Neighbours of a point by cosine, without itself; None while they are looked for.

        Args:
            space: the features.
            position: of the point.
            purpose: a later search for the same purpose replaces this one.
        """
        if (space, position) in self._near or len(space.features) < 2:
            return self._near.get((space, position))

        def done(near: Near) -> None:
            if len(self._near) >= KEPT:
                self._near.clear()
            self._near[space, position] = near
            self.found.emit(space, position)

        self._tasks.start(
            "Looking for neighbours",
            lambda _: _nearest_of(space.features, position),
            done,
            key=f"explore/near/{purpose}",
            quiet=True,
        )
        return None

    def agreement(self, space: Space, probe: Probe) -> Colouring | None:
        """How many neighbours of every point share its class; None while it is measured."""
        known = self._agreements.get(space)
        if known is not None and known[0] is probe:
            return known[1]

        def done(colouring: Colouring) -> None:
            self._agreements = {space: (probe, colouring)}
            self.agreed.emit(space)

        self._tasks.start(
            "Asking neighbours",
            lambda _: probe.agreements(_nearest(space.features, None, ASKED)[0]),
            done,
            key="explore/agreement",
        )
        return None

    def forget(self) -> None:
        """Another run: nothing of the last one is needed."""
        self._near.clear()
        self._agreements.clear()


def _nearest(
    features: NDArray[np.float32], asked: NDArray[np.int64] | None, count: int
) -> tuple[Any, Any]:
    """(Q, count) positions nearest to the asked points (all, if None), and their cosines."""
    module: Any = importlib.import_module("sslcore.evaluation.neighbours")
    own = np.arange(len(features)) if asked is None else asked
    positions, cosines = module.nearest(features, features[own], count, exclude=own)
    return positions.numpy(), cosines.numpy()


def _nearest_of(features: NDArray[np.float32], position: int) -> Near:
    positions, cosines = _nearest(features, np.array([position]), NEAREST)
    return positions[0], cosines[0]
