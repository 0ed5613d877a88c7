"""A bank of features that answers one question after another: what lies nearest to this?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.neighbours import top
from sslcore.evaluation.vectors import Features, as_matrix, unit

Rows = Sequence[int] | NDArray[Any]
_CELLS = 1 << 24
"""Numbers normalised at once: 64 MiB of float32."""


class Bank:
    """Rows of unit length, made once, so that a question costs one pass over them.

    Cosines as in :func:`sslcore.evaluation.neighbours.nearest`: exact, a zero row has cosine 0
    with everything, equals come by lower row.

    Memory: the bank keeps a copy of its own, 4 N D bytes (2 GB for 1,000,000 x 512) beside what it
    was made from, which may be dropped. A question needs 4 N bytes more.

    Args:
        features: (N, D) numbers; float64 becomes float32. A tensor keeps its device.
        progress: told (rows done, rows in all).
        cancelled: asked before every chunk; True ends the work.

    Raises:
        ValueError: if they are no matrix, are empty, or hold NaN or infinity.
        Cancelled: if ``cancelled`` said so.
    """

    def __init__(
        self,
        features: Features,
        progress: Progress | None = None,
        cancelled: CancelAsked | None = None,
    ) -> None:
        if isinstance(features, np.ndarray):
            features = torch.from_numpy(np.ascontiguousarray(features))
        if features.ndim != 2 or 0 in features.shape:
            as_matrix(features, "bank features")  # says what is wrong
        count, width = features.shape
        self._rows = torch.empty(count, width, dtype=torch.float32, device=features.device)
        chunk = max(1, _CELLS // width)
        for start in range(0, count, chunk):
            raise_if_cancelled(cancelled)
            part = features[start : start + chunk]
            try:
                made = as_matrix(part, "bank features")
            except ValueError:
                as_matrix(features, "bank features")  # once more, for the number of the row
                raise
            self._rows[start : start + chunk] = unit(made)
            if progress is not None:
                progress(min(start + chunk, count), count)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def dimensions(self) -> int:
        """D, length of a row."""
        return self._rows.shape[1]

    def nearest(
        self, query: Features, k: int, exclude: Rows = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k rows nearest to one query.

        Args:
            query: (D,) finite numbers of any length.
            k: how many; more than the bank has to offer is cut to what it has.
            exclude: bank rows that must not be found.

        Returns:
            (k,) int64 bank rows, nearest first, equals by lower row; and (k,) float32 cosines.

        Raises:
            ValueError: for a query of another length, NaN, k below 1, rows the bank does not
                have, or if all rows are excluded.
        """
        asked = as_matrix(query[None], "query features").to(self._rows)
        if asked.shape[1] != self.dimensions:
            raise ValueError(
                f"bank and query must come from one encoder: {self.dimensions} and "
                f"{asked.shape[1]} dimensions"
            )
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        hidden = self._own(exclude)
        offered = len(self) - len(hidden)
        if offered < 1:
            raise ValueError("every row of the bank is excluded: no neighbours")
        scores = (self._rows @ unit(asked)[0])[None]
        scores[0, torch.from_numpy(hidden).to(scores.device)] = -torch.inf
        columns, values = top(scores, min(k, offered))
        return columns[0].cpu().numpy(), values[0].cpu().numpy()

    def nearest_to_mean(self, rows: Rows, k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k rows nearest to the middle of some, which are not among the answers themselves.

        The middle is the mean of the rows of unit length: every image counts the same, however
        long its features are.

        Args:
            rows: bank rows, at least one; repeated ones count once.
            k: as in :meth:`nearest`.

        Raises:
            ValueError: as :meth:`nearest`, or without rows.
        """
        own = self._own(rows)
        if not len(own):
            raise ValueError("the mean of no image has no neighbours; name at least one row")
        total = torch.zeros(self.dimensions, dtype=torch.float64, device=self._rows.device)
        for part in torch.from_numpy(own).to(total.device).split(_CELLS // self.dimensions + 1):
            total += self._rows[part].sum(0, dtype=torch.float64)
        return self.nearest(total / len(own), k, own)

    def mean_cosine(self) -> float:
        """Mean cosine of different rows, 1 for a single one."""
        count = len(self)
        if count < 2:
            return 1.0
        total = self._rows.sum(0, dtype=torch.float64).square().sum()
        own = self._rows.square().sum(dtype=torch.float64)
        return float((total - own) / (count * (count - 1)))

    def _own(self, rows: Rows) -> NDArray[np.int64]:
        """(M,) rows of this bank, ascending, each once."""
        numbers = np.unique(np.asarray(rows, np.int64).reshape(-1))
        if len(numbers) and not 0 <= numbers[0] <= numbers[-1] < len(self):
            wrong = numbers[0] if numbers[0] < 0 else numbers[-1]
            raise ValueError(f"the bank has rows 0 to {len(self) - 1}; there is no row {wrong}")
        return numbers
