"""The chosen images: one selection that map, gallery, neighbours and matrices share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

Mode = Literal["replace", "add", "subtract", "toggle"]
"""What choosing images does to those that are chosen already."""
Deed = Literal["tag", "exclude", "export", "picture"]
"""What can be asked for anywhere in the window and is done where the chosen images are shown."""


class Selection(QObject):
    """A set of images by catalogue row.

    Attributes:
        changed: the set is another one.
        asked: (:data:`Deed`) a person wants something done with the chosen images, or with the map.
        drawn_changed: there is a map, or none any more.
    """

    changed = Signal()
    asked = Signal(str)
    drawn_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self._before = self._rows
        self._drawn = False

    @property
    def drawn(self) -> bool:
        """Whether a map shows the images, so that it can be made a picture."""
        return self._drawn

    def set_drawn(self, there: bool) -> None:
        """There is a map, or none any more."""
        if there != self._drawn:
            self._drawn = there
            self.drawn_changed.emit()

    @property
    def rows(self) -> NDArray[np.int64]:
        """(K,) chosen catalogue rows, ascending; not to be written into."""
        return self._rows

    def __len__(self) -> int:
        """How many images are chosen."""
        return len(self._rows)

    def __contains__(self, row: object) -> bool:
        """Whether an image is chosen."""
        if not isinstance(row, int | np.integer):
            return False
        place = int(np.searchsorted(self._rows, row))
        return place < len(self._rows) and int(self._rows[place]) == row

    def mask(self, index: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of some catalogue rows are chosen.

        Args:
            index: (N,) catalogue rows in any order.

        Returns:
            (N,) flags.
        """
        return np.isin(index, self._rows)

    def choose(self, rows: Sequence[int] | NDArray[Any], mode: Mode = "replace") -> None:
        """Choose images.

        Args:
            rows: catalogue rows in any order; repeated ones count once.
            mode: "replace" forgets the others, "add" keeps them, "subtract" takes these away,
                "toggle" turns each of these over.

        Raises:
            ValueError: if a row is negative.
        """
        given = np.unique(np.asarray(rows, np.int64).reshape(-1))
        if len(given) and given[0] < 0:
            raise ValueError(f"there is no catalogue row {given[0]}")
        if mode == "add":
            given = np.union1d(self._rows, given)
        elif mode == "subtract":
            given = np.setdiff1d(self._rows, given, assume_unique=True)
        elif mode == "toggle":
            given = np.setxor1d(self._rows, given, assume_unique=True)
        self._take(given)

    def clear(self) -> None:
        """Choose nothing."""
        self._take(np.zeros(0, np.int64))

    def back(self) -> None:
        """The set before the last change; once more brings the last one again."""
        self._take(self._before)

    def forget(self) -> None:
        """Other images are open: nothing is chosen, and nothing can come back."""
        self.clear()
        self._before = self._rows

    def _take(self, rows: NDArray[np.int64]) -> None:
        if np.array_equal(rows, self._rows):
            return
        rows.setflags(write=False)
        self._before, self._rows = self._rows, rows
        self.changed.emit()


CLICKS = "Ctrl+click chooses it or lets it go, Shift+click adds it"
"""What a tooltip says of clicks on one image."""
CHOOSING = (
    ("Choose one image", "Ctrl+click"),
    ("Add an image", "Shift+click"),
    ("Add all from the last one to this, in the gallery", "Shift+click"),
    ("Choose what lies in a lasso or a box", "L or B, drag"),
    ("Add what lies in it", "Shift+drag"),
    ("Take away what lies in it", "Ctrl+drag"),
    ("Turn over what lies in it", "Shift+Ctrl+drag"),
    ("Choose all", "Ctrl+A"),
)
"""What the help says of choosing: the same on the map, among neighbours and in the gallery."""
SELECTING: tuple[tuple[str, Mode], ...] = (
    ("Select its images", "replace"),
    ("Add its images to the selection", "add"),
    ("Take its images from the selection", "subtract"),
)
"""What a menu offers for the images of a class or of a range of values."""


def click_mode(modifiers: Qt.KeyboardModifier) -> Mode:
    """What keys held down at a click on one image mean: Shift adds it, Ctrl turns it over."""
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return "toggle"
    return "add" if modifiers & Qt.KeyboardModifier.ShiftModifier else "replace"


def mode_of(modifiers: Qt.KeyboardModifier) -> Mode:
    """What keys held down while choosing many mean: Shift adds, Ctrl takes away, both turn over."""
    shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    if shift and control:
        return "toggle"
    if shift:
        return "add"
    return "subtract" if control else "replace"
