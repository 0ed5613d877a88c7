"""Clusters of a feature space, found without labels: k-means, by density, or by merging.

k-means with k-means++ starts (Arthur and Vassilvitskii 2007), HDBSCAN (Campello et al. 2013,
https://doi.org/10.1007/978-3-642-37456-2_14) and Ward's agglomerative clustering, all of them
scikit-learn's. How well clusters follow classes is asked in ``cluster_agreement``.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.vectors import Features, as_matrix, unit

Scaling = Literal["unit", "standardised", "none"]
NOISE = -1
"""Number of an image that density-based clustering leaves out."""

MOST_MERGED = 5000
"""Images that agglomerative clustering takes: it keeps all their distances, 100 MB."""

_SILHOUETTE = 2000
"""Images a silhouette is measured on; its cost grows with the square."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """Which image belongs to which cluster.

    Attributes:
        numbers: (N,) int64 cluster of every image, the largest cluster is 0; NOISE for none.
        sizes: (K,) int64 images of each cluster.
        silhouette: mean silhouette of the images in clusters, -1 to 1 (Rousseeuw 1987,
            https://doi.org/10.1016/0377-0427(87)90125-7), on a sample of 2000; None where there
            are fewer than two clusters.
    """

    numbers: NDArray[np.int64]
    sizes: NDArray[np.int64]
    silhouette: float | None

    def __len__(self) -> int:
        """K, how many clusters there are."""
        return len(self.sizes)

    @property
    def noise(self) -> int:
        """Images that belong to no cluster."""
        return int((self.numbers == NOISE).sum())


def scaled(
    features: Features, scaling: Scaling = "unit", components: int = 0, seed: int = 0
) -> NDArray[np.float32]:
    """Features as points whose Euclidean distances mean something.

    Args:
        features: (N, D).
        scaling: "unit" divides rows by their length, so that distances follow cosines as those
            of kNN do; "standardised" brings every dimension to mean 0 and deviation 1 (constant
            ones to 0); "none" leaves them.
        components: principal components that are kept after that; 0, or as many as there are
            dimensions or images, keeps all. Densities mean little in hundreds of dimensions.
        seed: of the randomised decomposition of large matrices.

    Returns:
        (N, D) or (N, components) float32.

    Raises:
        ValueError: for NaN, no images, or components below 0.
    """
    if components < 0:
        raise ValueError(f"components must be at least 0, got {components}")
    rows = as_matrix(features, "features").float()
    if scaling == "unit":
        rows = unit(rows)
    elif scaling == "standardised":
        deviation = rows.std(0, correction=0)
        varies = deviation > 1e-6 * deviation.max()
        rows = (rows - rows.mean(0)) / deviation.where(varies, deviation.new_ones(()))
        rows = rows * varies
    points = rows.cpu().numpy()
    if components and components < min(points.shape):
        from sklearn.decomposition import PCA  # a second to import

        points = PCA(components, random_state=seed).fit_transform(points)
    return np.ascontiguousarray(points, np.float32)


def k_means(
    points: NDArray[np.float32],
    clusters: int,
    starts: int = 10,
    seed: int = 0,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Clusters:
    """The best of several k-means solutions: the one with the smallest sum of squared distances.

    Args:
        points: (N, D), see :func:`scaled`.
        clusters: k; where there are fewer distinct points, fewer clusters are found.
        starts: k-means++ starts.
        seed: of the first start; each has its own.
        progress: told (starts done, starts in all).
        cancelled: asked before every start.

    Raises:
        ValueError: for a k below 1 or above N, or starts below 1.
        Cancelled: if ``cancelled`` said so.
    """
    _check_count(points, clusters)
    if starts < 1:
        raise ValueError(f"starts must be at least 1, got {starts}")
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    search: Any = KMeans  # its stubs know no number of starts
    best: tuple[float, NDArray[np.int64]] = (np.inf, np.zeros(len(points), np.int64))
    for start in range(starts):
        raise_if_cancelled(cancelled)
        with warnings.catch_warnings():
            # Said where points coincide; ``sizes`` tells how many clusters there are.
            warnings.simplefilter("ignore", ConvergenceWarning)
            found = search(clusters, n_init=1, random_state=seed + start).fit(points)
        inertia = float(found.inertia_)
        if inertia < best[0]:
            best = (inertia, np.asarray(found.labels_, np.int64))
        if progress is not None:
            progress(start + 1, starts)
    return _ordered(points, best[1], seed)


def density(points: NDArray[np.float32], smallest: int = 15, seed: int = 0) -> Clusters:
    """HDBSCAN: dense regions are clusters, however many; what lies between them is noise.

    One call that cannot be cut short: a second for 2,000 points of 16 dimensions.

    Args:
        points: (N, D), best with few components, see :func:`scaled`.
        smallest: images a cluster has at least; also how many neighbours make a place dense.
        seed: of the sample the silhouette is measured on.

    Raises:
        ValueError: for a smallest cluster below 2 or larger than N.
    """
    if not 2 <= smallest <= len(points):
        raise ValueError(
            f"the smallest cluster must have 2 to {len(points)} images (there are {len(points)}), "
            f"got {smallest}"
        )
    from sklearn.cluster import HDBSCAN

    search: Any = HDBSCAN  # its stubs know no boolean copy, which older versions need
    found = search(min_cluster_size=smallest, copy=True).fit(points)
    return _ordered(points, np.asarray(found.labels_, np.int64), seed)


def agglomerative(points: NDArray[np.float32], clusters: int, seed: int = 0) -> Clusters:
    """Ward's clustering: from single images on, the two groups that grow variance least merge.

    Args:
        points: (N, D), at most :data:`MOST_MERGED`.
        clusters: groups that are left.
        seed: of the sample the silhouette is measured on.

    Raises:
        ValueError: for too many images, or a number of clusters below 1 or above N.
    """
    _check_count(points, clusters)
    if len(points) > MOST_MERGED:
        raise ValueError(
            f"agglomerative clustering keeps all distances and takes {MOST_MERGED} images at most, "
            f"got {len(points)}; take fewer images, or k-means"
        )
    if len(points) == 1:
        return _ordered(points, np.zeros(1, np.int64), seed)
    from sklearn.cluster import AgglomerativeClustering

    found: Any = AgglomerativeClustering(clusters).fit(points)
    return _ordered(points, np.asarray(found.labels_, np.int64), seed)


def _check_count(points: NDArray[np.float32], clusters: int) -> None:
    if not 1 <= clusters <= len(points):
        raise ValueError(
            f"the number of clusters must lie between 1 and the number of images, {len(points)}; "
            f"got {clusters}"
        )


def _ordered(points: NDArray[np.float32], labels: NDArray[np.int64], seed: int) -> Clusters:
    """Clusters renumbered by size, equals by their first image; noise stays."""
    kept = labels != NOISE
    found, first, counts = np.unique(labels[kept], return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    numbers = np.full(len(labels), NOISE, np.int64)
    for number, place in enumerate(order):
        numbers[labels == found[place]] = number
    return Clusters(numbers, counts[order].astype(np.int64), _silhouette(points, numbers, seed))


def _silhouette(points: NDArray[np.float32], numbers: NDArray[np.int64], seed: int) -> float | None:
    """Mean silhouette of (a sample of) the images in clusters."""
    rows = np.flatnonzero(numbers != NOISE)
    if len(rows) > _SILHOUETTE:
        rows = np.random.default_rng(seed).choice(rows, _SILHOUETTE, replace=False)
    if not 2 <= len(np.unique(numbers[rows])) < len(rows):
        return None
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(points[rows], numbers[rows]))
