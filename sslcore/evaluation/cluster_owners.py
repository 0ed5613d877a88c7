"""Whose cluster it is: the class that a cluster holds most of, if that is more than chance.

More than half of a cluster is too much to ask: with ten classes, a cluster of which 40 % are of
one class holds four times as much of it as a cluster drawn blindly. So three things are asked of
the largest class: it stands alone at the top; its odds in the cluster are at least LIFT times its
odds among all images, which is the same demand on rare and on frequent classes; and the surplus is
more than a draw gives (Fisher 1922, https://doi.org/10.2307/2340521, one-sided, times the number of
classes, since the largest of them was picked).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LIFT = 2.0
"""Odds of the largest class in its own cluster over its odds among all images, at least."""
LUCK = 0.05
"""Probability below which a surplus of the largest class is no luck of the draw."""


def owners(table: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which cluster is whose own.

    Args:
        table: (C, K) images of every class in every cluster.

    Returns:
        (C, K), at most one class for each cluster.
    """
    from scipy.stats import hypergeom  # a second to import

    own = np.zeros(table.shape, bool)
    if not table.size:
        return own
    totals, sizes, every = table.sum(1), table.sum(0), int(table.sum())
    largest, columns = table.argmax(0), np.arange(table.shape[1])
    most, total = table[largest, columns], totals[largest]
    alone = (table == most).sum(0) == 1
    lifted = most * (every - total) >= LIFT * total * (sizes - most)
    luck = np.asarray(hypergeom.sf(most - 1, every, total, sizes)) * (totals > 0).sum()
    own[largest, columns] = alone & lifted & (luck < LUCK)
    return own
