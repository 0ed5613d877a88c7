"""Images that are not among those of the map, shown where they would lie on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.panels.explore_layouts import Layout, Layouts
    from app.panels.explore_map import MapCard


class Guests(QObject):
    """Has new images placed on the map that is shown, and again when another one is.

    Attributes:
        changed: other words stand in :attr:`words`.
        words: how the places were found, "" while there is no guest.

    Args:
        layouts: finds the places.
        card: on whose map they are marked.
    """

    changed = Signal()

    def __init__(self, layouts: Layouts, card: MapCard, parent: QObject) -> None:
        super().__init__(parent)
        self._layouts, self._card = layouts, card
        self._features: NDArray[np.float32] | None = None
        self._asked: NDArray[np.float32] | None = None
        self.words = ""
        layouts.placed.connect(self._take)
        card.map.settled.connect(self._follow)

    def show(self, features: NDArray[np.float32] | None) -> None:
        """Mark new images, (Q, D) features of the encoder of the map; None: there are none."""
        self._features, self._asked = features, None
        self._clear()
        self._follow()

    def _follow(self) -> None:
        """Ask for the places on the map that is shown, unless that was done."""
        layout = self._card.layout_shown
        if self._features is None or layout is None or layout.points is self._asked:
            return
        if self._features.shape[1] != layout.space.features.shape[1]:
            self._clear()  # the map of another encoder
            return
        self._clear()
        self._asked = layout.points
        self._layouts.place(layout, self._features)

    def _take(self, layout: Layout, points: NDArray[np.float32], words: str) -> None:
        if self._features is not None and layout.points is self._asked:
            self._say(words)
            self._card.map.set_guests(points)

    def _clear(self) -> None:
        self._card.map.set_guests(None)
        self._say("")

    def _say(self, words: str) -> None:
        if words != self.words:
            self.words = words
            self.changed.emit()
