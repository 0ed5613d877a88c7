"""Outlines that have an upper end: what the demo set draws.

Each is put together of discs, boxes and triangles by their signed distances: the smaller one of
two is their union, and a distance taken negative cuts a part away. Parts of a union overlap by
more than a pixel's worth, or their seam would show. Arrays are (N, S, S) float32; x runs right, y
runs down, both in pixels from the centre of the outline.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating[Any]]
Outline = Callable[[Plane, Plane, Plane], Plane]


def _box(x: Plane, y: Plane, left: float, right: float, top: float, bottom: float) -> Plane:
    across = np.abs(x - (left + right) / 2) - (right - left) / 2
    down = np.abs(y - (top + bottom) / 2) - (bottom - top) / 2
    return np.maximum(across, down)


def _roof(x: Plane, y: Plane, half: float, top: float, bottom: float) -> Plane:
    """A triangle with its tip up."""
    tall = bottom - top
    slope = (np.abs(x) * tall - (y - top) * half) / np.float32(np.hypot(half, tall))
    return np.maximum(slope, y - bottom)


def _arrow(x: Plane, y: Plane) -> Plane:
    return np.minimum(_roof(x, y, 0.95, -1.12, -0.07), _box(x, y, -0.38, 0.38, -0.42, 1.18))


def _cup(x: Plane, y: Plane) -> Plane:
    return np.maximum(_box(x, y, -1, 1, -1.12, 0.88), -_box(x, y, -0.45, 0.45, -9, 0.33))


def _hammer(x: Plane, y: Plane) -> Plane:
    return np.minimum(_box(x, y, -1, 1, -0.84, -0.24), _box(x, y, -0.33, 0.33, -0.7, 1.36))


def _heart(x: Plane, y: Plane) -> Plane:
    # A square on its corner, and a disc around the middle of each of its upper edges.
    half, slant = np.float32(0.7), np.float32(np.sqrt(0.5))
    y = y - np.float32(0.31)
    square = (np.abs(x) + np.abs(y)) * slant - half
    lobes = np.hypot(np.abs(x) - slant * half, y + slant * half) - half
    return np.minimum(square, lobes)


def _house(x: Plane, y: Plane) -> Plane:
    return np.minimum(_roof(x, y, 1.1, -1.29, -0.29), _box(x, y, -0.8, 0.8, -0.44, 0.91))


def _moon(x: Plane, y: Plane) -> Plane:
    y = y + np.float32(0.44)
    return np.maximum(np.hypot(x, y) - 1, np.float32(0.86) - np.hypot(x, y + np.float32(0.42)))


def _sized(part: Callable[[Plane, Plane], Plane], area: float) -> Outline:
    """The outline with the area of a disc of a given radius.

    Args:
        part: signed distance in units of its own.
        area: of the outline in those units.
    """
    unit = np.float32(np.sqrt(np.pi / area))

    def outline(x: Plane, y: Plane, radius: Plane) -> Plane:
        scale = radius * unit
        return part(x / scale, y / scale) * scale

    return outline


_LENS = (
    # Two discs of radius 1 and .86, .42 apart: what they share (two circular segments).
    np.arccos((0.42**2 + 1 - 0.86**2) / (2 * 0.42))
    + 0.86**2 * np.arccos((0.42**2 + 0.86**2 - 1) / (2 * 0.42 * 0.86))
    - 0.5 * np.sqrt((1.86 - 0.42) * (0.42 + 1 - 0.86) * (0.42 - 1 + 0.86) * (0.42 + 1.86))
)

UPRIGHT: dict[str, Outline] = {
    "arrow": _sized(_arrow, 0.95 * 1.05 + 0.76 * 1.25),
    "cup": _sized(_cup, 2 * 2 - 0.9 * 1.45),
    "hammer": _sized(_hammer, 2 * 0.6 + 0.66 * 1.6),
    "heart": _sized(_heart, 0.49 * (4 + np.pi)),
    "house": _sized(_house, 1.1 * 1.0 + 1.6 * 1.2),
    "moon": _sized(_moon, np.pi - _LENS),
}
"""The shapes by name: x, y, radius -> signed distance in pixels, negative inside.

Every outline has the area of a disc of that radius and its centre of gravity near the origin, so
that no shape is brighter or lies lower than another on average.
"""
