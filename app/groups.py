"""Groups of images that a measurement found, for the map to be coloured by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal


class Groups(QObject):
    """One division of images into groups; none at first, and none once other images are open.

    Attributes:
        changed: there is another division, or none any more.
        asked: a person wants to see it on the map.
        name: what the groups are ("cluster"), "" without any.
        wanted: it was asked for and no map has shown it yet.
    """

    changed = Signal()
    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self.wanted = False
        self._rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self._numbers: NDArray[np.int64] = np.zeros(0, np.int64)
        self._names: tuple[str, ...] = ()

    def show(
        self, name: str, rows: NDArray[Any], numbers: NDArray[Any], names: tuple[str, ...]
    ) -> None:
        """Take another division and ask for it on the map.

        Args:
            name: what the groups are.
            rows: (N,) catalogue rows, each once.
            numbers: (N,) group of each, -1 for none.
            names: of the groups.
        """
        order = np.argsort(rows, kind="stable")
        self._rows = np.asarray(rows, np.int64)[order]
        self._numbers = np.asarray(numbers, np.int64)[order]
        self.name, self._names, self.wanted = name, names, True
        self.changed.emit()
        self.asked.emit()

    def clear(self) -> None:
        """Forget the division."""
        if self.name:
            self.name, self.wanted = "", False
            self.changed.emit()

    def colouring(self, index: NDArray[np.int64]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """What to colour a map by.

        Args:
            index: (N,) catalogue rows.

        Returns:
            (N,) number of each row's group, -1 for none or where it was not divided; the names.
        """
        found = np.full(len(index), -1, np.int64)
        if len(self._rows):
            at = np.minimum(np.searchsorted(self._rows, index), len(self._rows) - 1)
            there = self._rows[at] == index
            found[there] = self._numbers[at[there]]
        return found, self._names
