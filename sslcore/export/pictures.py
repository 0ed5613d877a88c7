"""Diagnostics as plain pictures, and PNG files of them."""

from __future__ import annotations

import io
import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sslcore.diagnostics import Attention, Diagnostic, Heatmap, ImageGrid
from sslcore.export import colours

Bytes = NDArray[np.uint8]
SMALLEST = 256
"""Pixels a matrix is enlarged to at least, in whole steps, so that its cells can be seen."""


def picture(diagnostic: Diagnostic) -> Bytes | None:
    """(h, w, 3) pixels of a matrix, a grid of images or attention; None for what is no picture."""
    match diagnostic:
        case Heatmap():
            return matrix(diagnostic)
        case ImageGrid():
            return grid(diagnostic)
        case Attention():
            return attention(diagnostic)
        case _:
            return None


def matrix(one: Heatmap) -> Bytes:
    """The matrix on its fixed scale; where it holds block means, with the exact diagonal.

    Block means of a decorrelated matrix hide its diagonal of ones among noise.
    """
    values = one.values.astype(np.float64)
    rows, columns = values.shape
    if rows == columns and len(one.diagonal):
        exact = one.diagonal
        starts = np.arange(rows + 1) * len(exact) // rows
        cells = [exact[a : max(b, a + 1)].mean() for a, b in pairwise(starts)]
        np.fill_diagonal(values, cells)
    if one.diverging:
        middle, half = (one.low + one.high) / 2, (one.high - one.low) / 2
        pixels = colours.diverging(values - middle, half)
    else:
        pixels = colours.sequential(values, one.low, one.high)
    times = math.ceil(SMALLEST / max(rows, columns))
    return np.repeat(np.repeat(pixels, times, 0), times, 1)


def grid(one: ImageGrid, gap: int = 2, most: int = 12) -> Bytes:
    """The rows of images under each other on white, at most ``most`` of each."""
    return tiled(one.images[:, :most], gap)


def attention(one: Attention, covered: float = 0.6) -> Bytes:
    """Queries with a cross at their middle place, under each the keys with the shares over them.

    Args:
        one: the attention.
        covered: how much of a key's own picture the colours of its shares hide.
    """
    rows, columns = one.grid
    height, width = one.queries.shape[1:3]
    down = np.minimum(np.arange(height) * rows // height, rows - 1)
    right = np.minimum(np.arange(width) * columns // width, columns - 1)
    looking = one.queries.copy()
    row, column = divmod(one.middle, columns)
    looking[:, (2 * row + 1) * height // (2 * rows)] = 255
    looking[:, :, (2 * column + 1) * width // (2 * columns)] = 255
    shares = one.shares[:, one.middle].astype(np.float64)  # N x R x P
    shares = shares / np.maximum(shares.max((1, 2), keepdims=True), 1e-12)
    cells = shares.reshape(*shares.shape[:2], rows, columns)[:, :, down][:, :, :, right]
    grey = one.keys.mean(-1, keepdims=True)
    over = covered * colours.sequential(cells, 0.0, 1.0) + (1 - covered) * grey
    keys = np.round(over).astype(np.uint8).swapaxes(0, 1)
    return tiled(np.concatenate([looking[None], keys]), 2)


def tiled(images: Bytes, gap: int = 0) -> Bytes:
    """(R, N, h, w, 3) images to one picture on white, ``gap`` pixels between them."""
    rows, count, height, width = images.shape[:4]
    made = np.full((rows * (height + gap) - gap, count * (width + gap) - gap, 3), 255, np.uint8)
    for row in range(rows):
        for number in range(count):
            top, left = row * (height + gap), number * (width + gap)
            made[top : top + height, left : left + width] = images[row, number]
    return made


def png(pixels: Bytes) -> bytes:
    """A PNG file of (h, w, 3) pixels."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
