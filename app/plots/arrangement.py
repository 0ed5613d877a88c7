"""Where rows (or columns) of a matrix stand when they are painted in an order of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sslcore.diagnostics import block_starts


class Arrangement:
    """Rows of a full matrix, kept one by one or as means of blocks, laid out from 0 to 1.

    Every block takes the same room, its rows share it.

    Args:
        size: rows of the full matrix.
        kept: rows or blocks that were kept of it.
        order: (kept,) which of them stands at which place; None for their own order.

    Raises:
        ValueError: if the order is none of these blocks.
    """

    def __init__(self, size: int, kept: int, order: NDArray[np.int64] | None = None) -> None:
        blocks = np.arange(kept, dtype=np.int64) if order is None else np.asarray(order, np.int64)
        if not np.array_equal(np.sort(blocks), np.arange(kept)):
            raise ValueError(f"an order of {kept} rows must hold each of them once")
        self._starts = np.append(block_starts(size, kept), size)
        counts = np.diff(self._starts)[blocks]
        firsts = np.cumsum(counts) - counts
        inner = np.arange(size) - np.repeat(firsts, counts)
        self.size, self.kept = size, kept
        self.order = blocks
        self.rows = np.repeat(self._starts[blocks], counts) + inner
        """(size,) rows of the full matrix as they stand from the top down."""
        self._tops = (np.repeat(np.arange(kept), counts) + inner / np.repeat(counts, counts)) / kept
        self._heights = 1.0 / (np.repeat(counts, counts) * kept)
        self._slots = np.argsort(self.rows)

    @property
    def blocked(self) -> bool:
        """Whether rows were kept as means."""
        return self.kept < self.size

    def even(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """(size,) values of rows -> values from the top down, of every block equally many."""
        counts = np.diff(self._starts)
        most = int(counts.max())
        inner = np.arange(most)[None] * counts[self.order, None] // most
        return values[(self._starts[self.order, None] + inner).ravel()]

    def row_at(self, part: float) -> int:
        """The row that stands at a part of the whole height."""
        slot = int(np.searchsorted(self._tops, part, side="right")) - 1
        return int(self.rows[min(max(slot, 0), self.size - 1)])

    def span(self, row: int) -> tuple[float, float]:
        """Where a row begins and how high it is, as parts of the whole height."""
        slot = int(self._slots[row])
        return float(self._tops[slot]), float(self._heights[slot])

    def beside(self, row: int, places: int) -> int:
        """The row so many places further down (or up), no further than the last."""
        slot = int(self._slots[row]) + places
        return int(self.rows[min(max(slot, 0), self.size - 1)])

    def block(self, row: int) -> int:
        """Number of the kept row that holds a row of the full matrix."""
        return int(np.searchsorted(self._starts, row, side="right")) - 1

    def members(self, row: int) -> range:
        """Rows of the full matrix that share a block with this one."""
        number = self.block(row)
        return range(int(self._starts[number]), int(self._starts[number + 1]))


def words(rows: range) -> str:
    """``8`` or ``8–11``."""
    return f"{rows[0]}" if len(rows) == 1 else f"{rows[0]}–{rows[-1]}"
