"""How well clusters follow classes: counts, the four usual scores, and a home for every image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sslcore.evaluation.clustering import NOISE


@dataclass(frozen=True)
class Scores:
    """What is usually reported of a clustering against classes.

    Attributes:
        homogeneity: 1 where every cluster holds one class only, 0 where clusters say nothing of
            classes (Rosenberg and Hirschberg 2007, https://aclanthology.org/D07-1043).
        completeness: 1 where every class lies in one cluster only.
        nmi: normalised mutual information with the arithmetic mean, which is the harmonic mean of
            the two (V-measure). Many small clusters raise it by chance.
        ari: adjusted Rand index: 1 for equal partitions, 0 on average for random ones, may be
            negative (Hubert and Arabie 1985, https://doi.org/10.1007/BF01908075).
        accuracy: part of the images that is right if every cluster may stand for one class, no
            class twice, in the best way; noise is never right.
    """

    homogeneity: float
    completeness: float
    nmi: float
    ari: float
    accuracy: float


@dataclass(frozen=True, eq=False)
class Agreement:
    """Clusters held against classes. Images without a label take no part.

    Attributes:
        table: (C, K) int64 images of every class in every cluster.
        noise: (C,) int64 images of every class in no cluster.
        columns: (K,) int64 an order of clusters in which the table is close to a diagonal.
        matched: (C,) int64 cluster that stands for each class in ``accuracy``, -1 for none.
        scores: over all labelled images; noise counts as one more cluster, for leaving out what
            is hard must not pay.
        clustered: the same over the images in clusters only; None without noise, or where fewer
            than two classes are left.
        labelled, unlabelled: images with and without a class.
    """

    table: NDArray[np.int64]
    noise: NDArray[np.int64]
    columns: NDArray[np.int64]
    matched: NDArray[np.int64]
    scores: Scores
    clustered: Scores | None
    labelled: int
    unlabelled: int


def agree(labels: NDArray[np.int64], numbers: NDArray[np.int64], classes: int) -> Agreement:
    """Hold clusters against classes.

    Args:
        labels: (N,) class numbers below ``classes``, negative for none.
        numbers: (N,) cluster numbers, NOISE for none.
        classes: C.

    Raises:
        ValueError: if the lengths differ, a label is too large, or fewer than two classes have
            an image: scores against one class are 1 or 0 whatever the clusters are.
    """
    truth, found = np.asarray(labels, np.int64), np.asarray(numbers, np.int64)
    if truth.ndim != 1 or truth.shape != found.shape:
        raise ValueError(
            f"one class and one cluster per image: {truth.shape} labels, {found.shape} clusters"
        )
    if len(truth) and truth.max() >= classes:
        raise ValueError(f"a label is {int(truth.max())}, but there are {classes} classes")
    known = truth >= 0
    if len(np.unique(truth[known])) < 2:
        raise ValueError(
            "clusters are compared with at least two classes; label more images, or look at "
            "sizes and silhouette, which need no labels"
        )
    count = int(found.max()) + 1
    inside = known & (found != NOISE)
    table = np.zeros((classes, count), np.int64)
    np.add.at(table, (truth[inside], found[inside]), 1)
    noise = np.bincount(truth[known & ~inside], minlength=classes).astype(np.int64)
    everyone = np.where(found == NOISE, count, found)
    left = None
    if noise.any() and len(np.unique(truth[inside])) >= 2:
        left = _scores(truth[inside], found[inside], table)
    matched = _matched(table)
    return Agreement(
        table=table,
        noise=noise,
        columns=_columns(table, matched),
        matched=matched,
        scores=_scores(truth[known], everyone[known], table),
        clustered=left,
        labelled=int(known.sum()),
        unlabelled=int((~known).sum()),
    )


def _scores(truth: NDArray[np.int64], found: NDArray[np.int64], table: NDArray[np.int64]) -> Scores:
    from sklearn import metrics  # a second to import

    homogeneity, completeness, _ = metrics.homogeneity_completeness_v_measure(truth, found)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return Scores(
        homogeneity=float(homogeneity),
        completeness=float(completeness),
        nmi=float(metrics.normalized_mutual_info_score(truth, found)),
        ari=float(metrics.adjusted_rand_score(truth, found)),
        accuracy=float(table[rows, columns].sum() / len(truth)),
    )


def _matched(table: NDArray[np.int64]) -> NDArray[np.int64]:
    matched = np.full(len(table), -1, np.int64)
    rows, columns = linear_sum_assignment(table, maximize=True)
    for row, column in zip(rows, columns, strict=True):
        if table[row, column]:  # a match without an image is none
            matched[row] = column
    return matched


def _columns(table: NDArray[np.int64], matched: NDArray[np.int64]) -> NDArray[np.int64]:
    """Clusters by the class they stand for, or have most of; the one that stands for it first."""
    classes = table.argmax(0)
    stands = np.zeros(table.shape[1], bool)
    for row, column in enumerate(matched):
        if column >= 0:
            classes[column], stands[column] = row, True
    return np.lexsort((-table.sum(0), ~stands, classes)).astype(np.int64)
