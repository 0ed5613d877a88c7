"""Which points lie within a drawn outline: exact for every point, and quick for a million.

The outline is painted into a small picture; most points are answered by the colour of their pixel.
Only those whose pixel an edge may cross are tested exactly, by counting crossings to their left.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

Flags = NDArray[np.bool_]

SIDE = 1024
"""Pixels of the picture along the longer side of the outline."""
APART = 2
"""Pixels between the outline and the picture's edges."""
INSIDE, EDGE = 1, 2


def within(polygon: NDArray[Any], x: NDArray[Any], y: NDArray[Any]) -> Flags:
    """Which points lie within a polygon, where it crosses itself by the odd-even rule.

    Args:
        polygon: (M, 2) corners; the last one is joined to the first.
        x: (N,) of the points; what is not finite lies outside.
        y: (N,) the same.

    Returns:
        (N,) flags: a line from the point to the left crosses the edges an odd number of times.
    """
    corners = np.asarray(polygon, np.float64)
    found = np.zeros(len(x), np.bool_)
    if len(corners) < 3:
        return found
    low, high = corners.min(axis=0), corners.max(axis=0)
    near = (x >= low[0]) & (x <= high[0])
    near &= (y >= low[1]) & (y <= high[1])
    rows = np.flatnonzero(near)
    if not len(rows):
        return found
    x, y = np.asarray(x[rows], np.float64), np.asarray(y[rows], np.float64)
    scale = SIDE / max(float((high - low).max()), 1e-300)
    mask = _painted((corners - low) * scale + APART)
    across = ((x - low[0]) * scale).astype(np.int32) + APART
    down = ((y - low[1]) * scale).astype(np.int32) + APART
    colour = mask.ravel()[down * mask.shape[1] + across]
    found[rows[colour == INSIDE]] = True
    unsure = np.flatnonzero(colour == EDGE)
    found[rows[unsure]] = crossed(corners, x[unsure], y[unsure])
    return found


def crossed(corners: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> Flags:
    """The exact answer of :func:`within`: every edge asks only the points at its height."""
    order = np.argsort(y, kind="stable")
    x, y = x[order], y[order]
    odd = np.zeros(len(x), np.bool_)
    following = np.roll(corners, -1, axis=0)
    low, high = (
        np.minimum(corners[:, 1], following[:, 1]),
        np.maximum(corners[:, 1], following[:, 1]),
    )
    first, last = np.searchsorted(y, low), np.searchsorted(y, high)
    for edge in np.flatnonzero(first < last):
        part = slice(first[edge], last[edge])
        odd[part] ^= x[part] > _crossing(corners[edge], following[edge], y[part])
    found = np.empty_like(odd)
    found[order] = odd
    return found


def boxed(
    first: tuple[float, float], last: tuple[float, float], x: NDArray[Any], y: NDArray[Any]
) -> Flags:
    """Which points lie within the rectangle between two corners, its sides included."""
    left, right = sorted((first[0], last[0]))
    low, high = sorted((first[1], last[1]))
    return (x >= left) & (x <= right) & (y >= low) & (y <= high)


def _crossing(
    start: NDArray[np.float64], end: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Where an edge crosses lines of equal y; the same numbers in whichever direction it runs."""
    lower, upper = (start, end) if start[1] < end[1] else (end, start)
    slope = (upper[0] - lower[0]) / (upper[1] - lower[1])
    return lower[0] + (y - lower[1]) * slope


def _painted(corners: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The outline as a picture: 0 outside, INSIDE, or EDGE within a pixel and a half of an edge."""
    width, height = (int(end) + 1 + APART for end in corners.max(axis=0))
    stride = (width + 3) // 4 * 4
    image = QImage(stride, height, QImage.Format.Format_Grayscale8)
    image.fill(0)
    polygon = QPolygonF([QPointF(x, y) for x, y in corners.tolist()])
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(INSIDE, INSIDE, INSIDE))
    painter.drawPolygon(polygon, Qt.FillRule.OddEvenFill)
    pen = QPen(QColor(EDGE, EDGE, EDGE), 3.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(polygon)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(height, -1).copy()
