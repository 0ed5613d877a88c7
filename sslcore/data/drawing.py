"""Drawing the demo set: outlines and textures as formulas, many pictures at once.

Everything is antialiased by coverage: a pixel at signed distance d (in pixels) from an edge is
covered by clip(1/2 - d, 0, 1). Arrays are (N, S, S) float32 unless said otherwise; x runs right,
y runs down, both in pixels from the centre of what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating[Any]]


def coverage(distance: Plane) -> Plane:
    """Part of each pixel inside an outline, from the signed distance in pixels."""
    return np.clip(0.5 - distance, 0, 1).astype(np.float32)


def turned(x: Plane, y: Plane, angle: Plane) -> tuple[Plane, Plane]:
    """Coordinates in a frame that is turned by ``angle`` radians."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return x * cosine + y * sine, y * cosine - x * sine


# Outlines: (x, y, radius) -> signed distance, exact enough near the edge. Every outline has the
# area of a disc of that radius, so that no shape is brighter than another on average.


def _circle(x: Plane, y: Plane, radius: Plane) -> Plane:
    return np.hypot(x, y) - radius


def _square(x: Plane, y: Plane, radius: Plane) -> Plane:
    half = radius * np.float32(np.sqrt(np.pi) / 2)
    return np.maximum(np.abs(x), np.abs(y)) - half


def _triangle(x: Plane, y: Plane, radius: Plane) -> Plane:
    inner = radius * np.float32(np.sqrt(np.pi / (3 * np.sqrt(3))))
    slope = np.float32(np.sqrt(3) / 2)
    return np.maximum(np.abs(x) * slope - y / 2, y) - inner


def _star(x: Plane, y: Plane, radius: Plane) -> Plane:
    points, ratio = 5, 0.42
    half = np.pi / points
    outer = radius * np.float32(np.sqrt(np.pi / (points * ratio * np.sin(half))))
    angle = np.abs((np.arctan2(x, -y) + half) % (2 * half) - half)
    distance = np.hypot(x, y)
    along, across = distance * np.cos(angle), distance * np.sin(angle)
    # The edge runs from the tip (outer, 0) to the notch at ratio * outer, half a turn further.
    step_x, step_y = ratio * np.cos(half) - 1, ratio * np.sin(half)
    length = np.hypot(step_x, step_y)
    return ((along - outer) * np.float32(step_y) - across * np.float32(step_x)) / np.float32(length)


def _cross(x: Plane, y: Plane, radius: Plane) -> Plane:
    ratio = 0.36
    long = radius * np.float32(np.sqrt(np.pi / (8 * ratio - 4 * ratio**2)))
    short = long * np.float32(ratio)
    x, y = np.abs(x), np.abs(y)
    return np.minimum(np.maximum(x - long, y - short), np.maximum(x - short, y - long))


def _ring(x: Plane, y: Plane, radius: Plane) -> Plane:
    ratio = 0.55
    outer = radius * np.float32(np.sqrt(1 / (1 - ratio**2)))
    middle, half = outer * np.float32((1 + ratio) / 2), outer * np.float32((1 - ratio) / 2)
    return np.abs(np.hypot(x, y) - middle) - half


OUTLINES: dict[str, Callable[[Plane, Plane, Plane], Plane]] = {
    "circle": _circle,
    "cross": _cross,
    "ring": _ring,
    "square": _square,
    "star": _star,
    "triangle": _triangle,
}
"""The shapes by name: x, y, radius -> signed distance in pixels, negative inside."""


# Textures: (x, y, period, noise) -> values in [-1, 1]; period is (N, 1, 1) in pixels, noise is
# (N, G, G) random numbers that only the textures without a formula use.


def _plain(x: Plane, y: Plane, period: Plane, noise: Plane) -> Plane:
    del y, period, noise
    return np.zeros_like(x)


def _stripes(x: Plane, y: Plane, period: Plane, noise: Plane) -> Plane:
    del y, noise
    return 2 * coverage(np.abs(x % period - period / 2) - period / 4) - 1


def _checks(x: Plane, y: Plane, period: Plane, noise: Plane) -> Plane:
    return _stripes(x, y, period, noise) * _stripes(y, x, period, noise)


def _dots(x: Plane, y: Plane, period: Plane, noise: Plane) -> Plane:
    del noise
    distance = np.hypot(x % period - period / 2, y % period - period / 2)
    return 2 * coverage(distance - period * np.float32(np.sqrt(0.5 / np.pi))) - 1


def _noise(x: Plane, y: Plane, period: Plane, noise: Plane) -> Plane:
    cells = noise.shape[1]
    u, v = x / period * 2, y / period * 2
    left, top = np.floor(u), np.floor(v)
    right, down = u - left, v - top
    right, down = right * right * (3 - 2 * right), down * down * (3 - 2 * down)
    i, j = left.astype(np.int64), top.astype(np.int64)
    rows = np.arange(len(noise))[:, None, None]

    def at(row: NDArray[np.int64], column: NDArray[np.int64]) -> Plane:
        return noise[rows, row % cells, column % cells]

    above = at(j, i) * (1 - right) + at(j, i + 1) * right
    below = at(j + 1, i) * (1 - right) + at(j + 1, i + 1) * right
    return np.clip(above * (1 - down) + below * down, -1, 1).astype(np.float32)


def _gradient(x: Plane, y: Plane, period: Plane, noise: Plane) -> Plane:
    del y, period, noise
    return np.clip(x / (x.shape[-1] / 2), -1, 1).astype(np.float32)


TEXTURES: dict[str, Callable[[Plane, Plane, Plane, Plane], Plane]] = {
    "checks": _checks,
    "dots": _dots,
    "gradient": _gradient,
    "noise": _noise,
    "plain": _plain,
    "stripes": _stripes,
}
"""The textures by name: x, y, period, noise -> values in [-1, 1] with a mean near 0."""

HUES = ("red", "green", "blue")
"""Names of three directions on the colour circle, 120 degrees apart, red at 0."""


def colour(level: Plane, hue: Plane, strength: Plane) -> Plane:
    """Colours of a given mean: the hue turns in the plane in which R + G + B stays the same.

    Args:
        level: (N,) mean of the three channels.
        hue: (N,) degrees, red at 0, green at 120.
        strength: (N,) distance from grey.

    Returns:
        (N, 3) float32, not clipped.
    """
    angle = np.deg2rad(hue)[:, None] - np.deg2rad(np.array([0, 120, 240], np.float32))
    return (level[:, None] + strength[:, None] * np.cos(angle)).astype(np.float32)


def draw(kinds: NDArray[np.int64], planes: Callable[[NDArray[np.int64], int], Plane]) -> Plane:
    """Stack what a function draws for each kind, picture by picture.

    Args:
        kinds: (N,) which kind each picture is of.
        planes: (rows, kind) -> (len(rows), S, S).
    """
    drawn: Plane | None = None
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        made = planes(rows, int(kind))
        if drawn is None:
            drawn = np.empty((len(kinds), *made.shape[1:]), np.float32)
        drawn[rows] = made
    return drawn if drawn is not None else np.empty((0, 0, 0), np.float32)
