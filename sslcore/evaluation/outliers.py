"""Images that lie apart: far from their neighbours, or farther than these from theirs."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

from sslcore.data.pool import CancelAsked, Progress
from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.vectors import Features, as_matrix


def neighbour_distance(
    features: Features,
    k: int = 10,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> NDArray[np.float64]:
    """Mean cosine distance (1 - cosine) of every image to its k nearest others, exactly.

    Large for images that are like nothing else. An image with a twin or two is still told apart
    if k is larger than their number.

    Args:
        features: (N, D).
        k: neighbours; cut to N - 1.
        progress: told (images done, images in all).
        cancelled: asked before every chunk.

    Returns:
        (N,) from 0 (all the same) to 2.

    Raises:
        ValueError: for one image, NaN, or k below 1.
        Cancelled: if ``cancelled`` said so.
    """
    _, distances = _distances(features, k, progress, cancelled)
    return distances.mean(1)


def local_outlier_factor(
    features: Features,
    k: int = 20,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> NDArray[np.float64]:
    """How much thinner images lie around an image than around its neighbours, by cosine distance.

    Breunig et al. 2000 (https://doi.org/10.1145/342009.335388), as scikit-learn computes it from
    our exact neighbours. Near 1: like its surroundings. Well above 1: at the rim of a dense crowd,
    where the mean distance alone would not look remarkable.

    Args:
        features: (N, D).
        k: neighbours that make up the surroundings; cut to N - 1.
        progress: told (images done, images in all).
        cancelled: asked before every chunk.

    Returns:
        (N,). Where more than k images are equal, their crowd is endlessly dense, and what lies
        near to it gets enormous factors: that is the definition's, not an error.

    Raises:
        ValueError: for one image, NaN, or k below 1.
        Cancelled: if ``cancelled`` said so.
    """
    neighbours, distances = _distances(features, k, progress, cancelled)
    from sklearn.neighbors import LocalOutlierFactor  # a second to import, for this alone

    count, k = neighbours.shape
    # The graph scikit-learn takes for neighbours found elsewhere: itself first, at distance 0.
    own = np.arange(count)[:, None]
    columns = np.concatenate([own, neighbours], 1)
    values = np.concatenate([np.zeros((count, 1)), distances], 1)
    starts = np.arange(count + 1) * (k + 1)
    graph = csr_array((values.ravel(), columns.ravel(), starts), shape=(count, count))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Duplicate values", category=UserWarning)
        found = LocalOutlierFactor(n_neighbors=k, metric="precomputed").fit(graph)
    return -np.asarray(found.negative_outlier_factor_, np.float64)


def _distances(
    features: Features, k: int, progress: Progress | None, cancelled: CancelAsked | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(N, k) nearest others, nearest first, and their cosine distances, at least 0."""
    rows: Tensor = as_matrix(features, "features")
    if len(rows) < 2:
        raise ValueError("one image alone has no neighbours to lie apart from; take at least two")
    found, cosines = nearest(
        rows, rows, k, exclude_self=True, progress=progress, cancelled=cancelled
    )
    return found.numpy(), (1 - cosines.double()).clamp(min=0).numpy()
