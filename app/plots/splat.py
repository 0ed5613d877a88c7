"""Dots of a million points in one picture: who owns which pixel.

Every point is written once, into the pixel of its middle: later points win. Then each of these
pixels spreads to the shape of a dot by taking the largest number among shifted copies of the whole
picture. What a point hides completely is thus never drawn, and the price of large dots is paid
per pixel of the screen, not per point.

Pictures are flat here, with a margin around them, so that a shift is a plain slice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.plots.marks import Runs

Packed = NDArray[np.uint32]
Owners = NDArray[np.int32]
Places = NDArray[np.intp]

SHIFTED = 0.02
"""Time to shift one pixel of a whole picture beside writing one pixel by its place (measured)."""


class Screen:
    """A picture with a margin, so that dots beyond the edges reach into it.

    It keeps its memory from one frame to the next: fresh pages cost more than what is done in them.

    Args:
        width: of the picture, in pixels.
        height: of the picture.
        reach: how far a dot reaches from its middle; middles farther outside are not seen.
    """

    def __init__(self, width: int, height: int, reach: int) -> None:
        self.width, self.height, self.reach = width, height, reach
        self._kept: dict[str, NDArray[Any]] = {}

    def blank(self, use: str, dtype: type[np.generic], *, zero: bool = True) -> NDArray[Any]:
        """A flat picture with margins, good until one is asked for the same use.

        Args:
            use: what for.
            dtype: of a pixel.
            zero: whether it must be zero, not what the last use left.
        """
        kept = self._kept.get(use)
        if kept is None or kept.dtype != dtype:
            kept = self._kept[use] = np.zeros(self.size, dtype)
        elif zero:
            kept.fill(0)
        return kept

    @property
    def margin(self) -> int:
        """Pixels around the picture: no dot that is seen reaches beyond them."""
        return 2 * self.reach + 1

    @property
    def stride(self) -> int:
        """Pixels per row, with margins."""
        return self.width + 2 * self.margin

    @property
    def size(self) -> int:
        """Pixels in all, with margins."""
        return self.stride * (self.height + 2 * self.margin)

    def places(self, x: NDArray[Any], y: NDArray[Any]) -> tuple[Places, Places | None]:
        """Where points fall.

        Args:
            x: (N,) middles in pixels of the picture; not finite ones are seen nowhere.
            y: (N,) the same, downwards.

        Returns:
            (M,) numbers of pixels, and (M,) which points these are, or None: all of them.
        """
        margin, reach = self.margin, self.reach
        # Not finite compares false, so such points fall out here too.
        seen = (x >= -reach) & (x < self.width + reach)
        seen &= (y >= -reach) & (y < self.height + reach)
        kept: Places | None = None
        if not seen.all():
            kept = np.flatnonzero(seen)
            x, y = x[kept], y[kept]
        # Cutting off the fraction is rounding down here: both are shifted to be positive.
        across = (x + margin).astype(np.int32)
        down = (y + margin).astype(np.int32)
        return (down * self.stride + across).astype(np.intp), kept

    def inner(self, flat: NDArray[Any]) -> NDArray[Any]:
        """(H, W) picture within the margins of a flat one; shares its memory."""
        wide = flat.reshape(-1, self.stride)
        margin = self.margin
        return wide[margin : margin + self.height, margin : margin + self.width]


def packed(rgb: NDArray[Any]) -> Packed:
    """(N,) pixels 0xffrrggbb of (N, 3) bytes."""
    wide = np.empty((len(rgb), 4), np.uint8)
    wide[:, 0], wide[:, 1], wide[:, 2], wide[:, 3] = rgb[:, 2], rgb[:, 1], rgb[:, 0], 255
    return wide.view("<u4")[:, 0].astype(np.uint32, copy=False)


def halfway(pixels: Packed, other: Packed | np.uint32) -> Packed:
    """Pixels half way to others, all channels at a time."""
    one, low = np.uint32(1), np.uint32(0x7F7F7F7F)
    return (((pixels >> one) & low) + ((other >> one) & low)) | np.uint32(0xFF000000)


def blended(pixels: Packed, other: np.uint32, part: NDArray[Any]) -> Packed:
    """Pixels on the way from another one (part 0) to themselves (1), each by its own part."""
    weight = (np.clip(part, 0.0, 1.0) * 256).astype(np.uint32)
    made = np.full(len(pixels), 0xFF000000, np.uint32)
    for shift in (np.uint32(16), np.uint32(8), np.uint32(0)):
        mine, theirs = (pixels >> shift) & np.uint32(0xFF), (other >> shift) & np.uint32(0xFF)
        made |= ((mine * weight + theirs * (np.uint32(256) - weight)) >> np.uint32(8)) << shift
    return made


def owners(
    screen: Screen, places: Places, numbers: Owners, shapes: dict[str, Runs]
) -> dict[str, Owners]:
    """Which point owns each pixel: the one with the largest number among those that cover it.

    Args:
        screen: the picture.
        places: (M,) pixels of the middles.
        numbers: (M,) of the points, ascending, from 1.
        shapes: of the dots by name, for example with and without the pixels their edge cuts.

    Returns:
        for each shape a flat picture of numbers, 0 where no dot is; its memory is the screen's,
        kept for the shape's name.
    """
    middles = screen.blank("middles", np.int32)
    middles[places] = numbers
    pixels = sum(run[2] for shape in shapes.values() for run in shape)
    shifts = sum(len(shape) + max(run[2] for run in shape) for shape in shapes.values())
    enough = SHIFTED * screen.size * shifts
    if len(places) * pixels > enough and np.count_nonzero(middles > 0) * pixels > enough:
        return {name: spread(screen, middles, shape, name) for name, shape in shapes.items()}
    where = np.flatnonzero(middles > 0)
    found = middles[where]
    return {name: _stamped(screen, where, found, shape, name) for name, shape in shapes.items()}


def spread(screen: Screen, flat: NDArray[Any], shape: Runs, use: str) -> NDArray[Any]:
    """Every pixel takes the largest value among those whose shape reaches it.

    Args:
        screen: the picture.
        flat: its values, from 0.
        shape: of a dot.
        use: what the answer is for; its memory is the screen's.
    """
    kind = flat.dtype.type
    made = screen.blank(use, kind)
    spare = [screen.blank(f"row {turn} {flat.dtype}", kind, zero=False) for turn in (0, 1)]
    length, row = 1, flat
    for wanted in sorted({run[2] for run in shape}):
        while length < wanted:  # row: the largest of so many pixels to the left
            step = min(length, wanted - length)
            longer = spare[0] if row is not spare[0] else spare[1]
            longer[:step] = row[:step]
            np.maximum(row[step:], row[:-step], out=longer[step:])
            length, row = length + step, longer
        for dy, dx, run in shape:
            if run == wanted:
                _raise(made, row, dy * screen.stride + dx)
    return made


def _raise(into: NDArray[Any], source: NDArray[Any], shift: int) -> None:
    """``into`` becomes the larger of itself and of the source moved on by some pixels."""
    size = len(into)
    target = into[max(shift, 0) : size + min(shift, 0)]
    np.maximum(target, source[max(-shift, 0) : size - max(shift, 0)], out=target)


def _stamped(screen: Screen, places: Places, numbers: Owners, shape: Runs, use: str) -> Owners:
    """The same for few points, which lie in different pixels: pixel by pixel of their shape."""
    made = screen.blank(use, np.int32)
    for dy, dx, run in shape:
        for across in range(dx, dx + run):
            there = places + (dy * screen.stride + across)
            made[there] = np.maximum(made[there], numbers)
    return made
