"""Many numbers as a histogram and quantiles, and how well two heaps of numbers are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Parts of the numbers that lie below the quantiles kept."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """How numbers are spread.

    Attributes:
        count: how many there are.
        mean: of all.
        quantiles: (5,) float64, below which 5, 25, 50, 75 and 95 % lie.
        counts: (bins,) int64 over edges that were given; what lies outside counts in the last bin
            on its side.
    """

    count: int
    mean: float
    quantiles: NDArray[np.float64]
    counts: NDArray[np.int64]


def distribution(values: NDArray[Any], edges: NDArray[np.float64]) -> Distribution:
    """The spread of some numbers.

    Args:
        values: any shape, at least one.
        edges: (bins + 1,) ascending.

    Raises:
        ValueError: without numbers, or for NaN or infinity.
    """
    numbers = _numbers(values)
    counts, _ = np.histogram(np.clip(numbers, edges[0], edges[-1]), edges)
    return Distribution(
        count=len(numbers),
        mean=float(numbers.mean()),
        quantiles=np.quantile(numbers, QUANTILES),
        counts=counts.astype(np.int64),
    )


def shared_edges(*groups: NDArray[Any], bins: int = 60) -> NDArray[np.float64]:
    """(bins + 1,) edges from the smallest to the largest number of all groups.

    Raises:
        ValueError: without numbers, or for NaN or infinity.
    """
    numbers = _numbers(np.concatenate([np.asarray(one).ravel() for one in groups]))
    low, high = float(numbers.min()), float(numbers.max())
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-300):
        margin = max(abs(low), 1e-3) * 0.5
        low, high = low - margin, high + margin
    return np.linspace(low, high, bins + 1)


def auroc(lower: NDArray[Any], higher: NDArray[Any]) -> float:
    """How often a number of the second heap is larger than one of the first; equals count half.

    The area under the receiver operating characteristic, by ranks (Hanley and McNeil 1982,
    https://doi.org/10.1148/radiology.143.1.7063747): 1 told apart always, 0.5 not at all, below
    that the other way round.

    Args:
        lower: numbers of any shape that should be the smaller ones.
        higher: those that should be the larger ones.

    Raises:
        ValueError: if one of them is empty, or for NaN or infinity.
    """
    from scipy.stats import rankdata  # half a second to import

    first, second = _numbers(lower), _numbers(higher)
    ranks = rankdata(np.concatenate([first, second]))
    above = ranks[len(first) :].sum() - len(second) * (len(second) + 1) / 2
    return float(above / len(first) / len(second))


def overlap(first: Distribution, second: Distribution) -> float:
    """Common area of two histograms over the same edges, each of area 1: 0 apart, 1 the same."""
    parts = [one.counts / max(one.count, 1) for one in (first, second)]
    return float(np.minimum(*parts).sum())


def _numbers(values: NDArray[Any]) -> NDArray[np.float64]:
    numbers = np.asarray(values, np.float64).ravel()
    if not len(numbers):
        raise ValueError("a distribution needs at least one number")
    if not np.isfinite(numbers).all():
        raise ValueError(
            "there is NaN or infinity among the numbers: the network that made them has diverged; "
            "lower the learning rate or go back to an earlier checkpoint"
        )
    return numbers
