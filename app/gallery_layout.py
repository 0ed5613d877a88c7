"""Where the images of a gallery lie: lines that fill the width, in sections with headings.

Arithmetic only. What is asked about a place or a position costs the same for a thousand images as
for a million; only sections are listed, one number each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEADING = 34
"""Height of a section's heading in pixels."""
CAPTION = 18
"""Height of the line of words below an image."""
SMALLEST = 16


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Images in lines. All places are in pixels from the top left corner of all images.

    Attributes:
        columns: images side by side.
        step: from one image to the next in a line.
        side: of an image.
        line: height of one line with its caption and the gap below.
        gap: between two images.
        caption: height of the words below an image, 0 without.
        heading: height of a section's heading, 0 without.
        firsts: (S + 1,) position of the first image of every section, and how many there are.
        tops: (S + 1,) where every section begins, and where the last one ends.
        lines: (S + 1,) lines before every section, and all lines.
    """

    columns: int
    step: int
    side: int
    line: int
    gap: int
    caption: int
    heading: int
    firsts: NDArray[np.int64]
    tops: NDArray[np.int64]
    lines: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many images there are."""
        return int(self.firsts[-1])

    @property
    def height(self) -> int:
        """Of everything."""
        return max(int(self.tops[-1]) - self.gap, 0)

    def place(self, position: int) -> tuple[int, int]:
        """Left and top of an image (also of one behind the last)."""
        section = self._section(self.firsts, position)
        line, column = divmod(position - int(self.firsts[section]), self.columns)
        return column * self.step, int(self.tops[section]) + self.heading + line * self.line

    def places(self, positions: range) -> tuple[list[int], list[int]]:
        """Left and top of each of some images, as :meth:`place` gives them one by one."""
        asked = np.arange(positions.start, positions.stop, dtype=np.int64)
        section = np.searchsorted(self.firsts, asked, "right") - 1
        line, column = np.divmod(asked - self.firsts[section], self.columns)
        top = self.tops[section] + self.heading + line * self.line
        return (column * self.step).tolist(), top.tolist()

    def position_at(self, x: int, y: int) -> int:
        """The image, with its caption, at a place; -1 between images and beside all."""
        if x < 0 or y < 0 or not self.count or y >= int(self.tops[-1]):
            return -1
        section = self._section(self.tops, y)
        line, down = divmod(y - int(self.tops[section]) - self.heading, self.line)
        column, right = divmod(x, self.step)
        beside = down >= self.side + self.caption or right >= self.side
        if line < 0 or beside or column >= self.columns:
            return -1
        position = int(self.firsts[section]) + line * self.columns + column
        return position if position < int(self.firsts[section + 1]) else -1

    def between(self, top: int, bottom: int) -> range:
        """Positions of images that are at least partly between two heights."""
        if not self.count or bottom <= max(top, 0):
            return range(0)
        return range(self._line_start(top), self._line_start(bottom - 1, after=True))

    def headings(self, top: int, bottom: int) -> list[tuple[int, int]]:
        """(section, height where it begins) of headings between two heights."""
        if not self.heading or not self.count:
            return []
        first = self._section(self.tops, max(top, 0))
        last = self._section(self.tops, max(bottom - 1, 0))
        return [(section, int(self.tops[section])) for section in range(first, last + 1)]

    def moved(self, position: int, lines: int) -> int:
        """The image some lines below (above, if negative), in the same column if there is one."""
        section = self._section(self.firsts, position)
        line, column = divmod(position - int(self.firsts[section]), self.columns)
        line = min(max(int(self.lines[section]) + line + lines, 0), int(self.lines[-1]) - 1)
        section = self._section(self.lines, line)
        below = (line - int(self.lines[section])) * self.columns + column
        return min(int(self.firsts[section]) + below, int(self.firsts[section + 1]) - 1)

    def section_of(self, position: int) -> int:
        """The section an image is in."""
        return self._section(self.firsts, position)

    def _line_start(self, y: int, *, after: bool = False) -> int:
        """Position of the first image of the line at a height, or of the line after it."""
        section = self._section(self.tops, max(y, 0))
        down = max(y, 0) - int(self.tops[section]) - self.heading
        line = max(down // self.line, -1 if after else 0) + int(after)
        position = int(self.firsts[section]) + line * self.columns
        return min(position, int(self.firsts[section + 1]))

    def _section(self, starts: NDArray[np.int64], value: int) -> int:
        found = int(np.searchsorted(starts, value, "right")) - 1
        return min(max(found, 0), len(starts) - 2)


def arrange(
    counts: Sequence[int] | NDArray[np.int64],
    width: int,
    wanted: int,
    *,
    captions: bool = False,
    headings: bool = False,
) -> Arrangement:
    """Lay out images.

    Args:
        counts: images of every section; those without any are left out by the caller.
        width: that is filled: images become a little larger or smaller than wanted.
        wanted: side of an image in pixels.
        captions: whether every image has a line of words below it.
        headings: whether every section has a heading.
    """
    gap = 8 if wanted >= 56 else 4
    columns = max(round((width + gap) / (wanted + gap)), 1)
    step = max((width + gap) // columns, SMALLEST + gap)
    side = step - gap
    caption = CAPTION if captions else 0
    heading = HEADING if headings else 0
    line = side + caption + gap
    sizes = np.asarray(counts, np.int64)
    lines = -(-sizes // columns)
    return Arrangement(
        columns,
        step,
        side,
        line,
        gap,
        caption,
        heading,
        _running(sizes),
        _running(heading + lines * line),
        _running(lines),
    )


def _running(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """(S + 1,) sums of everything before each value, and of all."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(values, dtype=np.int64)])
