"""Many round dots written straight into the pixels of one picture.

One item per dot costs a paint call per dot; here each pixel of the dot's shape is one numpy
assignment for all dots together, so a hundred thousand dots take some ten milliseconds.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Packed = NDArray[np.uint32]
SAMPLES = 8


def packed(rgb: NDArray[Any]) -> Packed:
    """(N,) pixels 0xffrrggbb of (N, 3) bytes."""
    wide = np.asarray(rgb, np.uint32)
    made = 0xFF000000 | (wide[:, 0] << 16) | (wide[:, 1] << 8) | wide[:, 2]
    return made.astype(np.uint32)


def mixed(rgb: NDArray[Any], other: NDArray[Any], part: float) -> NDArray[np.uint8]:
    """(N, 3) bytes on the way to another colour."""
    return (np.asarray(rgb, np.float32) * (1 - part) + np.asarray(other) * part).astype(np.uint8)


@cache
def shape(diameter: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """Pixels (dy, dx) of a disc: those (nearly) full, and those its edge only cuts.

    How much of a pixel lies within the disc is counted on a grid of samples.
    """
    if diameter <= 2:
        square = tuple((dy, dx) for dy in range(diameter) for dx in range(diameter))
        return square, ()
    fine = (np.arange(diameter * SAMPLES) + 0.5) / SAMPLES - diameter / 2
    inside = fine[:, None] ** 2 + fine[None, :] ** 2 <= (diameter / 2) ** 2
    cover = inside.reshape(diameter, SAMPLES, diameter, SAMPLES).mean(axis=(1, 3))
    half = diameter // 2
    full = tuple((int(y) - half, int(x) - half) for y, x in np.argwhere(cover >= 0.6))
    cut = tuple(
        (int(y) - half, int(x) - half) for y, x in np.argwhere((cover > 0.25) & (cover < 0.6))
    )
    return full, cut


def splat(
    pixels: Packed, x: NDArray[Any], y: NDArray[Any], colours: Packed, rims: Packed, diameter: int
) -> None:
    """Write dots into a picture; later ones lie over earlier ones, full pixels over all rims.

    Args:
        pixels: (H, W), written in place.
        x: (N,) centres in pixels; dots beyond the edges or not finite are passed over.
        y: (N,) the same, downwards.
        colours: (N,) pixels of the dots.
        rims: (N,) pixels where the edge cuts through.
        diameter: of a dot, in pixels.
    """
    height, width = pixels.shape
    pad = diameter
    # Not finite compares false, so such dots fall out here too.
    seen = (x > -pad) & (x < width + pad - 1) & (y > -pad) & (y < height + pad - 1)
    kept = np.flatnonzero(seen)
    if not len(kept):
        return
    across = np.floor(x[kept]).astype(np.int64)
    down = np.floor(y[kept]).astype(np.int64)
    stride = width + 4 * pad
    wide = np.zeros((height + 4 * pad, stride), np.uint32)
    wide[2 * pad : 2 * pad + height, 2 * pad : 2 * pad + width] = pixels
    flat = wide.ravel()
    places = (down + 2 * pad) * stride + across + 2 * pad
    full, cut = shape(diameter)
    for offsets, tint in ((cut, rims[kept]), (full, colours[kept])):
        for dy, dx in offsets:
            flat[places + (dy * stride + dx)] = tint
    pixels[:] = wide[2 * pad : 2 * pad + height, 2 * pad : 2 * pad + width]
