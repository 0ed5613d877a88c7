"""Seeded orders that are the same on every machine and with every version of numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shuffled(count: int, *seed: int) -> NDArray[np.int64]:
    """The numbers 0 to count - 1 in an order that depends on the seeds alone.

    numpy promises the raw stream of a bit generator for ever, but not what its distributions make
    of it (NEP 19), so the order is that of the raw numbers: a run resumed years later goes on.

    Args:
        count: how many.
        seed: numbers of at least 0, for example a seed and an epoch.
    """
    keys = np.random.PCG64(list(seed)).random_raw(count)
    return np.argsort(np.asarray(keys), kind="stable").astype(np.int64)
