"""A growing curve: appended one number at a time, read as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Series:
    """Numbers over steps; appending costs the same however long the series is.

    What was appended since the last reading waits in a list and goes into the arrays at the next,
    so that folding a log of a million steps does not touch numpy a million times.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[int, float, float]] = []
        self._rows = np.empty((3, 0), np.float64)
        self._count = 0

    def append(self, step: int, epoch: float, value: float) -> None:
        """Add one number at the end; steps must not fall."""
        self._waiting.append((step, epoch, value))

    def truncate(self, step: int) -> None:
        """Forget everything after ``step``; arrays read before stay as they were."""
        self._settle()
        self._count = int(np.searchsorted(self._rows[0, : self._count], step, side="right"))
        self._rows = self._rows[:, : self._count].copy()

    @property
    def steps(self) -> NDArray[np.float64]:
        """(N,) steps, whole numbers."""
        return self._row(0)

    @property
    def epochs(self) -> NDArray[np.float64]:
        """(N,) epochs, fractional."""
        return self._row(1)

    @property
    def values(self) -> NDArray[np.float64]:
        """(N,) values; not finite where a step had none."""
        return self._row(2)

    @property
    def last(self) -> float:
        """The newest value (IndexError if there is none)."""
        return self._waiting[-1][2] if self._waiting else float(self._row(2)[-1])

    def __len__(self) -> int:
        return self._count + len(self._waiting)

    def _row(self, number: int) -> NDArray[np.float64]:
        self._settle()
        view = self._rows[number, : self._count]
        view.flags.writeable = False
        return view

    def _settle(self) -> None:
        if not self._waiting:
            return
        needed = len(self)
        if needed > self._rows.shape[1]:
            grown = np.empty((3, max(needed, 2 * self._rows.shape[1], 64)), np.float64)
            grown[:, : self._count] = self._rows[:, : self._count]
            self._rows = grown
        self._rows[:, self._count : needed] = np.asarray(self._waiting, np.float64).T
        self._count = needed
        self._waiting.clear()
