"""An order of dimensions in which those that repeat each other stand side by side.

In a cross-correlation matrix the number of a dimension means nothing, so redundant groups lie
scattered over it as single points. Clustered by how strongly they correlate, they form blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from sslcore.data.pool import Cancelled

GROUP = 0.5
"""Mean |C| from which dimensions count as one group, whose signs are told apart."""


def redundancy_order(
    matrix: NDArray[Any], cancelled: Callable[[], bool] | None = None
) -> NDArray[np.int64]:
    """Cluster dimensions by |C|, so that groups that repeat each other are blocks.

    Hierarchical clustering with average linkage on 1 - (|C_ij| + |C_ji|) / 2, so a dimension and
    its negative belong together, and the diagonal (how well views agree) plays no part. The two
    branches of every merge are laid out so that the one with the closest pair comes first. That
    needs nothing but the tree; searching all layouts for the smoothest one takes cubic time, too
    long for a matrix that moves. Within a group, dimensions of one sign stand together and those
    of the other after them: two even fields instead of a chess board.

    Args:
        matrix: (n, n) correlations; entries that are not finite count as 0. Not changed.
        cancelled: asked between the parts of the work.

    Returns:
        (n,) dimensions in order. Dimensions that change their numbers keep their places, unless
        two distances are equal.

    Raises:
        ValueError: if the matrix is not square or is empty.
        Cancelled: if ``cancelled`` said so.
    """
    given = np.asarray(matrix, np.float64)
    if given.ndim != 2 or given.shape[0] != given.shape[1] or not given.size:
        raise ValueError(f"an order needs a square matrix with entries, got shape {given.shape}")
    count = len(given)
    if count < 3:
        return np.arange(count, dtype=np.int64)
    signed = np.clip(np.nan_to_num(given, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0)
    strength = (np.abs(signed) + np.abs(signed.T)) / 2
    np.fill_diagonal(strength, 1.0)
    if cancelled is not None and cancelled():
        raise Cancelled("ordering the dimensions was called off")
    tree = hierarchy.linkage(squareform(1.0 - strength, checks=False), "average")
    if cancelled is not None and cancelled():
        raise Cancelled("ordering the dimensions was called off")
    return _laid_out(tree, signed + signed.T, strength.sum(1))


@dataclass
class _Branch:
    """Dimensions from left to right: one sign, then the other while they are one group.

    Attributes:
        same, opposite: dimensions like the first one, and like its negative.
        closest: distance of the closest pair, infinite for a loner.
        weight: of a loner, how strongly it correlates with all.
    """

    same: list[int]
    opposite: list[int]
    closest: float
    weight: float

    @property
    def leaves(self) -> list[int]:
        return self.same + self.opposite


def _laid_out(
    tree: NDArray[np.float64], signed: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Leaves from left to right.

    Args:
        tree: (n - 1, 4) as scipy writes it: two branches, their distance, leaves.
        signed: (n, n) symmetric correlations.
        weights: (n,) of two loners the heavier comes first.
    """
    branches = [
        _Branch([leaf], [], np.inf, float(weight)) for leaf, weight in enumerate(weights.tolist())
    ]
    for left, right, distance, _ in tree.tolist():
        first, second = branches[int(left)], branches[int(right)]
        if (second.closest, -second.weight) < (first.closest, -first.weight):
            first, second = second, first
        closest = min(first.closest, second.closest, distance)
        if 1.0 - distance < GROUP:
            joined = _Branch(first.leaves + second.leaves, [], closest, 0.0)
        else:
            like, unlike = second.same, second.opposite
            if _agreement(signed, first, second) < 0:
                like, unlike = unlike, like
            joined = _Branch(first.same + like, first.opposite + unlike, closest, 0.0)
        branches.append(joined)
    return np.asarray(branches[-1].leaves, np.int64)


def _agreement(signed: NDArray[np.float64], first: _Branch, second: _Branch) -> float:
    """Sum of the correlations between two groups, each with its opposites turned over."""
    signs = [np.repeat([1.0, -1.0], [len(one.same), len(one.opposite)]) for one in (first, second)]
    return float(signs[0] @ signed[np.ix_(first.leaves, second.leaves)] @ signs[1])
