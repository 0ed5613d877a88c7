"""An order of dimensions in which those that repeat each other stand side by side.

In a cross-correlation matrix the number of a dimension means nothing, so redundant groups lie
scattered over it as single points. Clustered by how strongly they correlate, they form blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from sslcore.data.pool import Cancelled


def redundancy_order(
    matrix: NDArray[Any], cancelled: Callable[[], bool] | None = None
) -> NDArray[np.int64]:
    """Cluster dimensions by |C|, so that groups that repeat each other are blocks.

    Hierarchical clustering with average linkage on 1 - (|C_ij| + |C_ji|) / 2, so a dimension and
    its negative belong together, and the diagonal (how well views agree) plays no part. The two
    branches of every merge are laid out so that the one with the closest pair comes first. That
    needs nothing but the tree; searching all layouts for the smoothest one takes cubic time, too
    long for a matrix that moves.

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
    strength = np.abs(np.nan_to_num(given, nan=0.0, posinf=0.0, neginf=0.0))
    strength = np.clip((strength + strength.T) / 2, 0.0, 1.0)
    np.fill_diagonal(strength, 1.0)
    if cancelled is not None and cancelled():
        raise Cancelled("ordering the dimensions was called off")
    tree = hierarchy.linkage(squareform(1.0 - strength, checks=False), "average")
    if cancelled is not None and cancelled():
        raise Cancelled("ordering the dimensions was called off")
    return _laid_out(tree, strength.sum(1))


def _laid_out(tree: NDArray[np.float64], ties: NDArray[np.float64]) -> NDArray[np.int64]:
    """Leaves from left to right, at every merge the branch with the closest pair first.

    Args:
        tree: (n - 1, 4) as scipy writes it: two branches, their distance, leaves.
        ties: (n,) how strongly each dimension correlates with all; of two loners the stronger
            comes first.
    """
    count = len(tree) + 1
    branches = tree[:, :2].astype(np.int64)
    closest = np.concatenate([np.full(count, np.inf), tree[:, 2]])
    for number, parts in enumerate(branches):
        closest[count + number] = min(tree[number, 2], *closest[parts])
    strength = np.concatenate([ties, np.zeros(count - 1)])
    order: list[int] = []
    waiting = [2 * count - 2]
    while waiting:
        node = waiting.pop()
        if node < count:
            order.append(node)
            continue
        first, second = branches[node - count].tolist()
        if (closest[second], -strength[second]) < (closest[first], -strength[first]):
            first, second = second, first
        waiting += [second, first]
    return np.asarray(order, np.int64)
