"""A matrix made into exactly as many pixels as it is painted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

Floats = NDArray[np.float32]


def fitted(values: Floats, height: int, width: int) -> Floats:
    """(height, width) values: cells repeated where there is room, else averaged by area.

    Every cell counts by the part of it that lies under a pixel. Dropping cells would let a lone
    strong entry flicker when the window is resized; averaging whole cells, one here and two there,
    would paint a grid into noise.
    """
    for axis, size in ((0, height), (1, width)):
        count = values.shape[axis]
        if count <= size:
            values = np.take(values, np.arange(size) * count // size, axis=axis)
        else:
            values = _shrunk(values, axis, size)
    return np.ascontiguousarray(values, dtype=np.float32)


def _shrunk(values: Floats, axis: int, size: int) -> Floats:
    count = values.shape[axis]
    edges = np.arange(size + 1) * (count / size)
    first = np.floor(edges[:-1]).astype(np.int64)
    shape = (-1, 1) if axis == 0 else (1, -1)
    total = np.zeros(1, np.float32)
    for step in range(int(np.ceil(count / size)) + 1):
        cell = first + step
        part = np.clip(np.minimum(cell + 1, edges[1:]) - np.maximum(cell, edges[:-1]), 0, None)
        weight = (part * (size / count)).astype(np.float32).reshape(shape)
        taken = np.take(values, np.minimum(cell, count - 1), axis=axis)
        # A cell without a number stays out of pixels it does not touch: 0 times NaN is NaN.
        total = total + np.where(weight > 0, taken * weight, np.float32(0))
    return total.astype(np.float32)


def with_diagonal(pixels: Floats, diagonal: Floats) -> Floats:
    """A copy of (S, S) pixels whose diagonal shows the exact entries, at least two pixels wide.

    Block means of a decorrelated 2048 x 2048 matrix hide its diagonal of ones among noise; so each
    pixel of the diagonal takes the mean of the exact entries that lie under it.
    """
    side = min(pixels.shape)
    made = pixels.copy()
    if not len(diagonal) or not side:
        return made
    exact = fitted(diagonal[:, None], side, 1)[:, 0]
    rows = np.arange(side)
    for shift in (0, 1) if len(diagonal) > side // 2 else (0,):
        made[rows[: side - shift], rows[shift:]] = exact[: side - shift]
    return made


def picture(
    values: Floats, low: float, high: float, table: NDArray[np.uint8], missing: NDArray[np.uint8]
) -> QImage:
    """Pixels on a colour scale.

    Args:
        values: (H, W); not finite is painted in the missing colour.
        low: value of the table's first colour.
        high: value of its last colour.
        table: (K, 3) bytes.
        missing: (3,) bytes.
    """
    there = np.isfinite(values)
    part = (np.where(there, values, low) - low) / (high - low if high > low else 1.0)
    rgb = table[np.round(np.clip(part, 0.0, 1.0) * (len(table) - 1)).astype(np.int64)]
    rgb[~there] = missing
    return image_of(rgb)


def image_of(rgb: NDArray[Any]) -> QImage:
    """A picture of its own memory from (H, W, 3) bytes."""
    packed = np.ascontiguousarray(rgb, dtype=np.uint8)
    height, width = packed.shape[:2]
    return QImage(packed.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
