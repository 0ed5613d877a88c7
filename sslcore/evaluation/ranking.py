"""Images in the order of a score: what every search through a feature space answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Ranking:
    """Some images, the most remarkable first.

    Attributes:
        rows: (n,) int64 rows of the features that were searched, each once.
        scores: (n,) float64, what each of them is ranked by.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rows)


def ranked(scores: NDArray[Any], count: int | None = None, *, smallest: bool = False) -> Ranking:
    """Rows by score, largest first; equals by lower row.

    Args:
        scores: (N,) numbers.
        count: keep so many at most; None keeps all.
        smallest: the smallest score comes first instead.

    Raises:
        ValueError: for a count below 1 or a score that is NaN.
    """
    if count is not None and count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    numbers = np.asarray(scores, np.float64)
    if np.isnan(numbers).any():
        raise ValueError(f"row {int(np.isnan(numbers).argmax())} has no score, so no rank")
    order = np.argsort(numbers if smallest else -numbers, kind="stable")[:count]
    return Ranking(order.astype(np.int64), numbers[order])
