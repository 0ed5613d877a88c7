"""The point nearest to a place: from a tree where there is one, else by asking all points."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TREE_FROM = 20_000
"""With fewer points all distances are computed sooner than anybody notices."""


@dataclass(frozen=True, eq=False)
class Tree:
    """A k-d tree of the points of one layout.

    Attributes:
        points: (N, 2), the very array it was grown from.
        rows: (K,) which of them are in it: those with a place.
        search: scipy's ``cKDTree`` of these.
    """

    points: NDArray[np.float64]
    rows: NDArray[np.intp]
    search: Any


def grow(points: NDArray[np.float64]) -> Tree:
    """Sort points into a tree; half a second for a million, so not on the window's thread.

    Args:
        points: (N, 2); rows that are not finite are left out.
    """
    rows = np.flatnonzero(np.isfinite(points).all(axis=1))
    spatial: Any = importlib.import_module("scipy.spatial")
    return Tree(points, rows, spatial.cKDTree(points[rows]))


def nearest(
    points: NDArray[np.float64],
    x: float,
    y: float,
    radius: float,
    among: NDArray[np.bool_] | None = None,
    tree: Tree | None = None,
) -> int:
    """Number of the nearest point, -1 if none is within reach.

    Args:
        points: (N, 2); what is not finite is not found.
        x: of the place, as the points count.
        y: of the place.
        radius: how far to reach.
        among: (N,) flags of points that go before all others within reach; None for no such.
        tree: asked if it was grown from these very points.
    """
    if tree is not None and tree.points is points:
        reach = np.nextafter(radius, np.inf)  # scipy leaves points at the very limit out
        _, place = tree.search.query((x, y), distance_upper_bound=reach)
        found = int(tree.rows[place]) if place < len(tree.rows) else -1
        if found < 0 or among is None or among[found]:
            return found
    squares = np.square(points[:, 0] - x) + np.square(points[:, 1] - y)
    within = np.flatnonzero(squares <= radius**2)  # not finite compares false
    if not len(within):
        return -1
    if among is not None and among[within].any():
        within = within[among[within]]
    return int(within[squares[within].argmin()])
