"""Density shading: how many points share a pixel, in the mean of their colours.

Where dots lie over each other in heaps, only the uppermost are seen and a thousand look like ten.
Here every point counts: the more of them, the stronger the colour, by the logarithm of their
number; where classes mix, so do their colours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.plots.splat import Packed, Places, Screen

FAINTEST = 0.48
"""Strength of a pixel with a single point: it is seen, though one of a million."""


def shade(pixels: Packed, screen: Screen, places: Places, colours: Packed, strength: float) -> None:
    """Lay a cloud of points over a picture.

    Args:
        pixels: flat, with margins, written in place.
        screen: its sizes.
        places: (M,) pixels of the points, of :meth:`~app.plots.splat.Screen.places`.
        colours: (M,) or (1,) packed colours.
        strength: 1 for full colours where the cloud is densest, less for clouds in the background.
    """
    counts = _blurred(screen, np.bincount(places, minlength=screen.size))
    there = np.flatnonzero(counts > 0)
    if not len(there):
        return
    seen = counts[there]
    part = np.float32(strength) * _strength(seen)
    under = pixels[there]
    made = np.full(len(there), 0xFF000000, np.uint32)
    for shift in (np.uint32(16), np.uint32(8), np.uint32(0)):
        values = (colours >> shift) & np.uint32(0xFF)
        mean: Any = np.float32(values[0])
        if len(colours) > 1:
            mean = _blurred(screen, np.bincount(places, values, screen.size))[there] / seen
        ground = ((under >> shift) & np.uint32(0xFF)).astype(np.float32)
        mixed = ground + (mean - ground) * part + np.float32(0.5)
        made |= mixed.astype(np.uint32) << shift
    pixels[there] = made


def _strength(seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """0..1 by the logarithm of how much is seen, full at the densest hundredth of the pixels."""
    crowded = seen[seen >= 1]
    top = float(np.percentile(crowded, 99)) if len(crowded) else 1.0
    rise = np.log2(np.maximum(seen, 1.0)) / max(np.log2(max(top, 1.0)), 1.0)
    part = FAINTEST + (1 - FAINTEST) * np.minimum(rise, 1.0)
    return (part * np.minimum(seen, 1.0)).astype(np.float32)


def _blurred(screen: Screen, flat: NDArray[Any]) -> NDArray[np.float32]:
    """Every point shines into the pixels beside its own, by half and by a quarter.

    So a lonely one is more than a speck. Two sums of neighbours give the weights 1, 2, 1. The
    answer is good until the next one is asked for.
    """
    grid = screen.blank("blurred", np.float32, zero=False)
    pairs = screen.blank("pairs", np.float32, zero=False)
    grid[:] = flat
    for shift in (1, screen.stride):
        np.add(grid[shift:], grid[:-shift], out=pairs[shift:])
        np.add(pairs[2 * shift :], pairs[shift:-shift], out=grid[shift:-shift])
    grid *= np.float32(0.25)
    return grid
