"""One named line of a plot: its numbers, and what of them is painted, computed once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.plots import colours
from app.plots.series import smoothed

Numbers = NDArray[np.float64]


class Line:
    """Positions and values of a line.

    Args:
        name: for the error.
        x: (N,) rising positions.
        y: (N,) values; those that are not finite are never painted.
        colour: its own, or None: that of its number in the series.
        index: its number in the series.
        dashes: lengths of dashes and gaps, in widths of the line.

    Raises:
        ValueError: if x and y differ in length.
    """

    def __init__(
        self,
        name: str,
        x: NDArray[Any],
        y: NDArray[Any],
        colour: QColor | None,
        index: int,
        dashes: tuple[float, ...] = (),
    ) -> None:
        self._x = np.asarray(x, np.float64).ravel()
        self._y = np.asarray(y, np.float64).ravel()
        if len(self._x) != len(self._y):
            raise ValueError(f"line {name!r}: {len(self._x)} positions, {len(self._y)} values")
        self._colour = colour
        self.index = index
        self.dashes = dashes
        self._kept: dict[tuple[float, bool], tuple[Numbers, Numbers]] = {}

    @property
    def tint(self) -> QColor:
        """Its own colour, or that of its number in the series, in the theme in use."""
        return self._colour if self._colour is not None else colours.series_colour(self.index)

    def painted(self, smoothing: float, log: bool) -> tuple[Numbers, Numbers]:
        """Positions and values that have a place on the axes.

        Args:
            smoothing: weight of the past, 0 for the raw values.
            log: whether values must be above zero to have a place.
        """
        key = (smoothing, log)
        if key not in self._kept:
            if len(self._kept) >= 4:  # somebody moves the smoothing slider
                self._kept.clear()
            values = smoothed(self._y, smoothing)
            there = np.isfinite(values) & np.isfinite(self._y) & np.isfinite(self._x)
            if log:
                there &= values > 0
            self._kept[key] = (self._x[there], values[there])
        return self._kept[key]


def nearest(positions: Numbers, x: float) -> int:
    """Index of the position nearest to x, among at least one rising position."""
    right = int(np.searchsorted(positions, x))
    if right == 0 or right == len(positions):
        return min(right, len(positions) - 1)
    return right if positions[right] - x < x - positions[right - 1] else right - 1
