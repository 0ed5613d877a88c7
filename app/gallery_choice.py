"""Which images of a gallery are chosen: what keys and clicks do to the shared selection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from app.selection import Mode, Selection

NOTHING: NDArray[np.int64] = np.zeros(0, np.int64)


class Choice:
    """The image the keys stand on, and what is chosen around it.

    A click chooses one, Ctrl turns one over, and Shift adds: all from the last one clicked to this
    one, in place of the range that was added from there before.

    Attributes:
        selection: the chosen rows; None where only one image can be current.
        rows: (N,) catalogue rows in the order they are shown.
        current: position the keys stand on, or -1.
        choosing: whether the selection is being changed from here at this moment.
    """

    def __init__(self) -> None:
        self.selection: Selection | None = None
        self.rows: NDArray[np.int64] = NOTHING
        self.current = -1
        self.choosing = False
        self._anchor = -1
        self._kept = NOTHING
        self._made: NDArray[np.int64] | None = None

    @property
    def row(self) -> int:
        """Catalogue row of the current image, or -1."""
        return int(self.rows[self.current]) if 0 <= self.current < len(self.rows) else -1

    def show(self, rows: NDArray[np.int64]) -> None:
        """Other images, or another order of the same."""
        self.rows, self.current, self._anchor = rows, -1, -1

    def chosen(self, positions: range) -> NDArray[np.bool_]:
        """Which of some images are chosen; the size of the selection hardly matters.

        Args:
            positions: P of them in the order they are shown.

        Returns:
            (P,) flags.
        """
        rows = self.rows[positions.start : positions.stop]
        chosen = NOTHING if self.selection is None else self.selection.rows
        if not len(chosen):
            return np.zeros(len(rows), np.bool_)
        place = np.minimum(np.searchsorted(chosen, rows), len(chosen) - 1)
        return chosen[place] == rows

    def holds(self, position: int) -> bool:
        """Whether one image is chosen."""
        return self.selection is not None and int(self.rows[position]) in self.selection

    def acted_on(self) -> NDArray[np.int64]:
        """Catalogue rows that a command is about: all chosen if the current one is, else it."""
        if self.current < 0:
            return NOTHING
        if self.selection is not None and self.holds(self.current):
            return self.selection.rows
        return self.rows[self.current : self.current + 1]

    def click(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse was pressed on an image."""
        if _control(modifiers) and not _shift(modifiers):
            self.current = self._anchor = position
            self.toggle()
        else:
            self.step(position, modifiers)

    def step(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        """The keys went to an image; with Ctrl they only look at it."""
        self.current = position
        if _shift(modifiers):
            self._add_range(position)
        elif not _control(modifiers):
            self._anchor = position
            self._choose(self.rows[position : position + 1], "replace")

    def _add_range(self, position: int) -> None:
        """From the anchor to here, on top of what was chosen before there was a range."""
        if self.selection is None:
            return
        if self._made is None or not np.array_equal(self.selection.rows, self._made):
            self._kept = self.selection.rows
        if self._anchor < 0:
            self._anchor = position
        low, high = sorted((self._anchor, position))
        self._choose(np.union1d(self._kept, self.rows[low : high + 1]), "replace")
        self._made = self.selection.rows

    def toggle(self) -> None:
        """Turn the current image over."""
        if self.current >= 0:
            self._anchor = self.current
            self._choose(self.rows[self.current : self.current + 1], "toggle")

    def all(self) -> None:
        """Choose everything that is shown."""
        self._choose(self.rows, "replace")

    def _choose(self, rows: NDArray[np.int64], mode: Mode) -> None:
        if self.selection is not None:
            self._made = None
            self.choosing = True
            try:
                self.selection.choose(rows, mode)
            finally:
                self.choosing = False


def _shift(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(modifiers & Qt.KeyboardModifier.ShiftModifier)


def _control(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(modifiers & Qt.KeyboardModifier.ControlModifier)
