"""The chosen images on the map: what is picked there is chosen, what is chosen is shown there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.plots.pick import TREE_FROM, grow

if TYPE_CHECKING:
    from app.panels.explore_map import MapCard
    from app.selection import Mode
    from app.workspace import Workspace


class Chosen(QObject):
    """Ties the map to the selection of the workspace, and lets it find points quickly.

    Attributes:
        changed: other words stand in :attr:`words`.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, card: MapCard, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace, self._card = workspace, card
        self._on_map = 0
        card.picked.connect(self._choose)
        card.map.settled.connect(self._grow)
        workspace.selection.changed.connect(self.show)

    @property
    def words(self) -> str:
        """How many images are chosen, or ""."""
        count = len(self._workspace.selection)
        if not count:
            return ""
        away = "" if self._on_map == count else f", {self._on_map:,} of them on this map"
        return f"{count:,} chosen{away}"

    def show(self) -> None:
        """Show the selection on the map; also to be called when the map shows other images."""
        probe, selection = self._card.probe, self._workspace.selection
        self._on_map = 0
        if probe is not None:
            mask = selection.mask(probe.index)
            self._on_map = int(mask.sum())
            self._card.show_chosen(mask if len(selection) else None)
        self.changed.emit()

    def _choose(self, positions: NDArray[np.int64], mode: Mode) -> None:
        probe = self._card.probe
        if probe is not None:
            self._workspace.selection.choose(probe.index[positions], mode)

    def _grow(self, points: NDArray[np.float64]) -> None:
        """Sort many points into a tree on a worker; until it is there, all of them are asked."""
        if len(points) >= TREE_FROM:
            self._workspace.tasks.start(
                "Sorting the points of the map",
                lambda _: grow(points),
                self._card.map.set_tree,
                key="explore/tree",
                quiet=True,
            )
