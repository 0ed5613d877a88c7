"""Confusion matrices: shares of a class in colours, names in the read-out, rings of the chosen.

A table with its numbers where there are few classes, a map of colours where there are many.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.plots.canvas import ink
from app.plots.heatmap import HeatmapPlot
from app.plots.named_matrix import NamedMatrix
from sslcore.diagnostics import heatmap

Counts = NDArray[np.int64]

RING = 2.0
"""Width of the ring around a cell with chosen images."""
SMALLEST = 6.0
"""A ring around a cell that is smaller would hide it."""
TOLD = 1000
"""Letters of what a screen reader is told of the cells."""


class Confusions:
    """Who was taken for whom: how many images a cell has, and how many of them are chosen.

    Args:
        names: of the K classes.
        counts: (K, K) images, row = true class.

    Attributes:
        selected: (K, K) chosen images, or None: none is, in any cell.
    """

    def __init__(self, names: Sequence[str] = (), counts: Counts | None = None) -> None:
        self.names = tuple(names)
        self.counts = np.zeros((0, 0), np.int64) if counts is None else counts
        self.selected: Counts | None = None

    def select(self, selected: Counts | None) -> None:
        """Take other numbers of chosen images; those of another number of classes are none."""
        self.selected = None
        if selected is not None and selected.shape == self.counts.shape and selected.any():
            self.selected = selected

    @property
    def ringed(self) -> list[tuple[int, int]]:
        """Row and column of the cells with chosen images."""
        if self.selected is None:
            return []
        return [(row, column) for row, column in np.argwhere(self.selected).tolist()]

    @property
    def shares(self) -> NDArray[np.float64]:
        """(K, K) parts of the true class."""
        return self.counts / np.maximum(self.counts.sum(1, keepdims=True), 1)

    def words_at(self, row: int, column: int) -> str:
        """``"cat taken for dog: 12 of 100 images (12 %), 3 chosen"``."""
        asked, here = int(self.counts[row].sum()), int(self.counts[row, column])
        part = f" ({100 * here / asked:.0f} %)" if asked else ""
        chosen = "" if self.selected is None else f", {self.selected[row, column]:,} chosen"
        return f"{self._pair(row, column)}: {here:,} of {asked:,} images{part}{chosen}"

    @property
    def told(self) -> str:
        """``"Chosen: cat found 2, cat taken for dog 1"``, or ""."""
        if self.selected is None:
            return ""
        cells = (f"{self._pair(*one)} {self.selected[one]:,}" for one in self.ringed)
        return f"Chosen: {', '.join(cells)}"

    def _pair(self, row: int, column: int) -> str:
        what = "found" if row == column else f"taken for {self.names[column]}"
        return f"{self.names[row]} {what}"


class ConfusionMap(HeatmapPlot):
    """Rows are true classes, columns what they were taken for; a click picks a cell."""

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self.confusions = Confusions()

    def show_counts(self, names: Sequence[str], counts: Counts) -> None:
        """Show another matrix; no image of it is chosen yet.

        Args:
            names: of the K classes.
            counts: (K, K) images, row = true class.
        """
        self.confusions = Confusions(names, counts)
        self.set_diagnostic(
            heatmap(
                self.confusions.shares,
                low=0.0,
                high=1.0,
                diverging=False,
                row_label="true class",
                column_label="taken for",
            )
        )

    def show_selected(self, selected: Counts | None) -> None:
        """Ring the cells with chosen images, (K, K) numbers of them; None for none."""
        self.confusions.select(selected)
        self.setAccessibleDescription(self.confusions.told[:TOLD])
        self.invalidate()

    def words_at(self, row: int, column: int) -> str:
        """See :meth:`Confusions.words_at`."""
        return self.confusions.words_at(row, column)

    def paint_still(self, painter: QPainter) -> None:
        """The rings lie within their cells: neighbours have rings of their own."""
        super().paint_still(painter)
        rect = self.matrix_rect()
        for row, column in self.confusions.ringed:
            paint_ring(painter, self._box(rect, row, column).adjusted(1, 1, -1, -1), 0.0)


class ConfusionTable(NamedMatrix):
    """The same with names at its sides and the numbers of images in the cells."""

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self.confusions = Confusions()
        self._described = ""

    def show_counts(self, names: Sequence[str], counts: Counts) -> None:
        """Show another matrix; no image of it is chosen yet.

        Args:
            names: of the K classes.
            counts: (K, K) images, row = true class.
        """
        self.confusions = Confusions(names, counts)
        cells = {
            (row, column): f"{counts[row, column]:,}" if counts[row, column] else "·"
            for row in range(len(counts))
            for column in range(len(counts))
        }
        self.show_matrix(names, names, self.confusions.shares, cells)
        self._described = self.accessibleDescription()

    def show_selected(self, selected: Counts | None) -> None:
        """Ring the cells with chosen images, (K, K) numbers of them; None for none."""
        self.confusions.select(selected)
        told = (self.confusions.told, self._described)  # the first one is news
        self.setAccessibleDescription(". ".join(filter(None, told))[:TOLD])
        self._read_off()
        self.invalidate()

    def paint_still(self, painter: QPainter) -> None:
        """The rings lie within their cells, whose frames under the mouse stay beside them."""
        super().paint_still(painter)
        for cell in self.confusions.ringed:
            paint_ring(painter, self.cell_rect(*cell).adjusted(3, 3, -3, -3), 3.0)

    def _set(self, cell: tuple[int, int] | None) -> None:
        super()._set(cell)
        self._read_off()

    def _read_off(self) -> None:
        if self.cell is not None:
            self.setToolTip(self.confusions.words_at(*self.cell))


def paint_ring(painter: QPainter, box: QRectF, radius: float) -> None:
    """Ring a cell in the colour of the selection, on a line that parts it from any colour."""
    lacking = (SMALLEST - min(box.width(), box.height())) / 2
    if lacking > 0:
        box = box.adjusted(-lacking, -lacking, lacking, lacking)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in (("surface", RING + 1.8), ("accent", RING)):
        painter.setPen(QPen(ink(colour), width))
        painter.drawRoundedRect(box, radius, radius)
