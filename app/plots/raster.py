"""A matrix made into exactly as many pixels as it is painted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

Floats = NDArray[np.float32]


def fitted(values: Floats, height: int, width: int) -> Floats:
    """(height, width) values: cells repeated where there is room, else averaged.

    Averaging whole cells (not every n-th one) keeps a lone strong entry from flickering in and out
    when the window is resized.
    """
    for axis, size in ((0, height), (1, width)):
        count = values.shape[axis]
        if count <= size:
            values = np.take(values, np.arange(size) * count // size, axis=axis)
        else:
            starts = np.arange(size) * count // size
            lengths = np.diff(np.append(starts, count)).astype(np.float32)
            sums = np.add.reduceat(values, starts, axis=axis)
            shape = (-1, 1) if axis == 0 else (1, -1)
            values = (sums / lengths.reshape(shape)).astype(np.float32)
    return np.ascontiguousarray(values, dtype=np.float32)


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
