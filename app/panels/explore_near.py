"""Nearest neighbours in feature space, looked for on a worker and remembered."""

from __future__ import annotations

import importlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from app.panels.explore_probe import ASKED, Colouring, Probe

if TYPE_CHECKING:
    from app.panels.explore_layouts import Space
    from app.tasks import Tasks, Ticket
    from sslcore.evaluation.bank import Bank

NEAREST = 12
"""Neighbours looked for unless more are asked."""
KEPT = 500
BANKS = 2
"""Spaces whose unit rows are kept: the shown one, and the one before it."""

Near = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Positions, nearest first, and their cosines."""


class Banks:
    """The unit rows of the last spaces, made once each; for workers."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Space, Bank] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, space: Space, ticket: Ticket) -> Bank:
        """The bank of a space; the first to ask makes it, the others wait.

        Raises:
            ValueError: if its features are not finite.
            Cancelled: if the ticket says so.
        """
        with self._lock:
            if space not in self._kept:
                made: Any = importlib.import_module("sslcore.evaluation.bank")
                self._kept[space] = made.Bank(space.features, cancelled=ticket.cancelled)
                while len(self._kept) > BANKS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(space)
            return self._kept[space]

    def forget(self) -> None:
        """Give the memory back."""
        with self._lock:
            self._kept.clear()


class Nearest(QObject):
    """Answers at once what is known; what is not comes with a signal.

    Attributes:
        found: (space, position) whose neighbours are known now.
        mean_found: a space in which the neighbours of the asked mean are known now.
        agreed: a space whose neighbour agreement is known now.
        count: neighbours that are looked for.
        banks: the unit rows that are searched.
    """

    found = Signal(object, int)
    mean_found = Signal(object)
    agreed = Signal(object)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._near: dict[tuple[Space, int], Near] = {}
        self._mean: tuple[Space, bytes, Near] | None = None
        self._agreements: dict[Space, tuple[Probe, Colouring]] = {}
        self.count = NEAREST
        self.banks = Banks()

    def of(self, space: Space, position: int, purpose: str) -> Near | None:
        """Neighbours of a point by cosine, without itself; None while they are looked for.

        Args:
            space: the features.
            position: of the point.
            purpose: a later search for the same purpose replaces this one.
        """
        if len(space.features) < 2:
            return None
        known = self._enough(self._near.get((space, position)), space, 1)
        if known is not None:
            return known
        banks, count = self.banks, self.count

        def done(near: Near) -> None:
            if len(self._near) >= KEPT:
                self._near.clear()
            self._near[space, position] = near
            self.found.emit(space, position)

        self._start(
            "Looking for neighbours",
            lambda ticket: banks.of(space, ticket).nearest_to_mean([position], count),
            done,
            f"explore/near/{purpose}",
        )
        return None

    def of_mean(self, space: Space, positions: Sequence[int] | NDArray[Any]) -> Near | None:
        """Neighbours of the mean of some points, without these; None while they are looked for.

        Also None, and for ever, where all points of the space are among them.

        Args:
            space: the features.
            positions: of the points, in any order.
        """
        asked = np.unique(np.asarray(positions, np.int64))
        if not len(asked) or len(asked) >= len(space.features):
            return None
        key = asked.tobytes()
        if self._mean is not None and self._mean[0] is space and self._mean[1] == key:
            known = self._enough(self._mean[2], space, len(asked))
            if known is not None:
                return known
        banks, count = self.banks, self.count

        def done(near: Near) -> None:
            self._mean = (space, key, near)
            self.mean_found.emit(space)

        self._start(
            "Looking for neighbours",
            lambda ticket: banks.of(space, ticket).nearest_to_mean(asked, count),
            done,
            "explore/near/mean",
        )
        return None

    def _start(
        self,
        title: str,
        work: Callable[[Ticket], Any],
        done: Callable[[Any], None],
        key: str,
        *,
        quiet: bool = True,
    ) -> None:
        """Work on a worker; the answer is for nobody if this was closed meanwhile."""

        def answer(found: Any) -> None:
            if isValid(self):
                done(found)

        self._tasks.start(title, work, answer, key=key, quiet=quiet)

    def _enough(self, near: Near | None, space: Space, asked: int) -> Near | None:
        """As many neighbours as are wanted now, or None if fewer are known."""
        wanted = min(self.count, len(space.features) - asked)
        if near is None or len(near[0]) < wanted:
            return None
        return near[0][:wanted], near[1][:wanted]

    def agreement(self, space: Space, probe: Probe) -> Colouring | None:
        """How many neighbours of every point share its class; None while it is measured."""
        known = self._agreements.get(space)
        if known is not None and known[0] is probe:
            return known[1]

        def work(ticket: Ticket) -> Colouring:
            module: Any = importlib.import_module("sslcore.evaluation.neighbours")
            positions, _ = module.nearest(
                space.features,
                space.features,
                ASKED,
                exclude_self=True,
                progress=ticket.progress,
                cancelled=ticket.cancelled,
            )
            return probe.agreements(positions.numpy())

        def done(colouring: Colouring) -> None:
            self._agreements = {space: (probe, colouring)}
            self.agreed.emit(space)

        self._start("Asking neighbours", work, done, "explore/agreement", quiet=False)
        return None

    def forget(self) -> None:
        """Another run: nothing of the last one is needed."""
        self._near.clear()
        self._mean = None
        self._agreements.clear()
        self.banks.forget()
