"""Shapes of dots, a second code beside the colour: class 0 a circle, class 1 a square, ..."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPolygonF

MARKS = ("circle", "square", "triangle", "plus", "diamond", "cross")
SAMPLES = 8
FULL, CUT = 0.6, 0.25
"""Part of a pixel that must be covered to be full, and to be cut by the edge."""


def _arms(half: float, end: float) -> tuple[tuple[float, float], ...]:
    """Corners of four arms, each of twice a half width, that reach to an end."""
    quarter = ((-half, -end), (half, -end), (half, -half))
    turned: list[tuple[float, float]] = []
    for cosine, sine in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        turned.extend((x * cosine - y * sine, x * sine + y * cosine) for x, y in quarter)
    return tuple(turned)


_TURN = 0.5**0.5
# Corners within -1..1, y downwards; the sizes are chosen to look alike, not to measure alike.
CORNERS: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)),
    "triangle": ((0.0, -1.0), (1.1, 0.85), (-1.1, 0.85)),
    "plus": _arms(0.36, 1.05),
    "diamond": ((0.0, -1.15), (1.0, 0.0), (0.0, 1.15), (-1.0, 0.0)),
    "cross": tuple(((x - y) * _TURN, (x + y) * _TURN) for x, y in _arms(0.25, 1.25)),
}


Runs = tuple[tuple[int, int, int], ...]
"""Pixels around a middle as horizontal runs (dy, first dx, length)."""


@dataclass(frozen=True)
class Footprint:
    """Pixels of a mark.

    Attributes:
        full: pixels (nearly) covered.
        whole: those and the ones that the edge only cuts.
        around: ``whole`` and one pixel beside it.
        reach: largest distance of a pixel from the middle, along x or y.
    """

    full: Runs
    whole: Runs
    around: Runs
    reach: int

    @property
    def area(self) -> int:
        """Number of pixels in ``whole``."""
        return sum(run[2] for run in self.whole)


def mark_of(number: int) -> str:
    """The mark of a class; round again after the last one."""
    return MARKS[number % len(MARKS)]


@cache
def footprint(mark: str, diameter: int) -> Footprint:
    """Pixels of a mark; how much of a pixel is covered is counted on a grid of samples.

    Args:
        mark: one of :data:`MARKS`.
        diameter: of the circle, in pixels; up to 2 all marks are squares of that side.
    """
    if diameter <= 2:
        runs = tuple((dy, 0, diameter) for dy in range(diameter))
        return Footprint(runs, runs, runs, diameter)
    side = diameter if mark == "circle" else diameter + 2
    fine = ((np.arange(side * SAMPLES) + 0.5) / SAMPLES - side / 2) / (diameter / 2)
    x, y = np.broadcast_arrays(fine[None, :], fine[:, None])
    covered = x**2 + y**2 <= 1 if mark == "circle" else _within(CORNERS[mark], x, y)
    part = covered.reshape(side, SAMPLES, side, SAMPLES).mean(axis=(1, 3))
    part = np.pad(part, 1)
    whole = part > CUT
    around = whole.copy()
    around[1:] |= whole[:-1]
    around[:-1] |= whole[1:]
    around[:, 1:] |= whole[:, :-1]
    around[:, :-1] |= whole[:, 1:]
    half = side // 2 + 1
    return Footprint(_runs(part >= FULL, half), _runs(whole, half), _runs(around, half), half)


def draw(painter: QPainter, mark: str, middle: QPointF, diameter: float) -> None:
    """Paint a mark with the painter's pen and brush."""
    half = diameter / 2
    if mark == "circle":
        painter.drawEllipse(middle, half, half)
        return
    corners = [middle + QPointF(x, y) * half for x, y in CORNERS[mark]]
    painter.drawPolygon(QPolygonF(corners))


def _within(
    corners: tuple[tuple[float, float], ...], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    inside = np.zeros(x.shape, np.bool_)
    for (x0, y0), (x1, y1) in pairwise((*corners, corners[0])):
        if y0 != y1:
            crosses = (y0 <= y) != (y1 <= y)
            inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside


def _runs(on: NDArray[np.bool_], half: int) -> Runs:
    found: list[tuple[int, int, int]] = []
    for row, flags in enumerate(on):
        steps = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
        found.extend(
            (row - half, int(first) - half, int(stop - first))
            for first, stop in zip(steps[::2], steps[1::2], strict=True)
        )
    return tuple(found)
