"""A confusion matrix of many classes: shares of a class in colours, names in the read-out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.plots.heatmap import HeatmapPlot
from sslcore.diagnostics import heatmap


class ConfusionMap(HeatmapPlot):
    """Rows are true classes, columns what they were taken for; a click picks a cell."""

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self._names: tuple[str, ...] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)

    def show_counts(self, names: Sequence[str], counts: NDArray[np.int64]) -> None:
        """Show another matrix.

        Args:
            names: of the K classes.
            counts: (K, K) images, row = true class.
        """
        self._names, self._counts = tuple(names), counts
        shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
        self.set_diagnostic(
            heatmap(
                shares,
                low=0.0,
                high=1.0,
                diverging=False,
                row_label="true class",
                column_label="taken for",
            )
        )

    def words_at(self, row: int, column: int) -> str:
        """``"cat taken for dog: 12 of 100 images (12 %)"``."""
        asked, here = int(self._counts[row].sum()), int(self._counts[row, column])
        part = f" ({100 * here / asked:.0f} %)" if asked else ""
        what = "found" if row == column else f"taken for {self._names[column]}"
        return f"{self._names[row]} {what}: {here:,} of {asked:,} images{part}"
