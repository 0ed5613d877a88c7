"""Which classes share clusters, which are split over several, and images that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation.clustering import k_means

ALIKE = 0.5
"""Cosine of two classes' shares of the clusters from which they are said to share them."""
PARTED = 0.5
"""Adjusted Rand index from which two clusters of two classes alone part these."""
PART = 0.1
"""Part of a class from which its second cluster is worth a word."""
SHOWN = 24
"""Images of each side that are named as evidence."""
_MOST = 5


@dataclass(frozen=True, eq=False)
class Clustered:
    """What was clustered, and how.

    Attributes:
        points: (N, D).
        labels: (N,) class of each, negative for none.
        numbers: (N,) its cluster.
        table: (C, K) images of every class in every cluster.
        totals: (C,) images of every class, those in no cluster as well.
        names: of the classes.
    """

    points: NDArray[np.float32]
    labels: NDArray[np.int64]
    numbers: NDArray[np.int64]
    table: NDArray[np.int64]
    totals: NDArray[np.int64]
    names: Sequence[str]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Classes that show a fault, and images of them.

    Attributes:
        classes: two classes that share a cluster, or one that is split.
        clusters: the cluster most shared, or the two parts, the larger first.
        figure: cosine of the two classes' shares of the clusters; or part of the class that lies
            outside its largest own cluster, in others of its own.
        real: whether the features show it as well, not only this number of clusters: two clusters
            do not part the two classes alone; or the smaller part lies nearer to another class
            than to the larger part.
        sentence: the same in words.
        rows: (M,) int64 rows of the features: images of the first class or part nearest to their
            middle, then those of the second.
    """

    classes: tuple[int, ...]
    clusters: tuple[int, ...]
    figure: float
    real: bool
    sentence: str
    rows: NDArray[np.int64]


def shared_pairs(found: Clustered) -> tuple[Evidence, ...]:
    """Pairs of classes that share clusters, most alike first, at most five."""
    points, labels, numbers = found.points, found.labels, found.numbers
    table, totals, names = found.table, found.totals, found.names
    parts = table / np.maximum(totals, 1)[:, None]
    together = parts @ parts.T  # how often one image of each falls into one cluster
    length = np.sqrt(np.maximum(together.diagonal(), 1e-300))
    alike = np.triu(together / length / length[:, None], 1)
    cases: list[Evidence] = []
    for place in np.argsort(-alike, axis=None, kind="stable")[:_MOST]:
        a, b = divmod(int(place), len(alike))
        if alike[a, b] < ALIKE:
            break
        cluster = int((parts[a] * parts[b]).argmax())
        both = np.flatnonzero((labels == a) | (labels == b))
        parted = _parted(points[both], labels[both])
        alone = "two clusters of these two alone"
        verdict = (
            f"{alone} part them (ARI {_figure(parted)}): the number of clusters makes them share"
            if parted >= PARTED
            else f"even {alone} do not part them (ARI {_figure(parted)})"
        )
        sentence = (
            f"{names[a]} and {names[b]}: {_percent(together[a, b])} of mixed pairs fall into one "
            f"cluster, {_percent(together[a, a])} of pairs of {names[a]}, "
            f"{_percent(together[b, b])} of {names[b]}; {verdict}."
        )
        here = [np.flatnonzero((labels == one) & (numbers == cluster)) for one in (a, b)]
        rows = np.concatenate([_middle(points, one) for one in here])
        real = parted < PARTED
        cases.append(Evidence((a, b), (cluster,), float(alike[a, b]), real, sentence, rows))
    return tuple(cases)


def split_classes(found: Clustered, own: NDArray[np.bool_]) -> tuple[Evidence, ...]:
    """Classes with several clusters of their own, the most split first, at most five.

    Args:
        found: what was clustered.
        own: (C, K) whether the cluster is the class's own.
    """
    points, labels, numbers = found.points, found.labels, found.numbers
    table, totals, names = found.table, found.totals, found.names
    cases: list[Evidence] = []
    for one in np.flatnonzero(totals).tolist():
        mine = np.flatnonzero(own[one])
        mine = mine[np.argsort(-table[one, mine], kind="stable")]
        if len(mine) < 2 or table[one, mine[1]] < PART * totals[one]:
            continue
        first, second = (np.flatnonzero((labels == one) & (numbers == c)) for c in mine[:2])
        other, apart, beside = _nearest_class(points, labels, one, first, second)
        real = other is not None and beside < apart
        where = (
            f"the smaller part lies nearer to {names[other]} ({beside:.2f}) than to the larger one "
            f"({apart:.2f})"
            if real and other is not None
            else "the two parts lie nearer to each other than to any other class, so it may be one "
            "wide class cut in two"
        )
        outside = float(table[one, mine[1:]].sum() / totals[one])
        share = table[one, mine[:2]] / totals[one]
        sentence = (
            f"{names[one]} has {len(mine)} clusters of its own, with {_percent(share[0])} and "
            f"{_percent(share[1])} of its images in the largest two; {where}."
        )
        rows = np.concatenate([_middle(points, first), _middle(points, second)])
        clusters = (int(mine[0]), int(mine[1]))
        cases.append(Evidence((one,), clusters, outside, real, sentence, rows))
    cases.sort(key=lambda case: -case.figure)
    return tuple(cases[:_MOST])


def _parted(points: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """How well two clusters of two classes follow them: adjusted Rand index."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(labels, k_means(points, 2, starts=3).numbers))


def _nearest_class(
    points: NDArray[np.float32],
    labels: NDArray[np.int64],
    own: int,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> tuple[int | None, float, float]:
    """Class whose mean is nearest to the second part; distance to the first part, and to it."""
    middle = points[second].mean(0)
    apart = float(np.linalg.norm(points[first].mean(0) - middle))
    others = [int(one) for one in np.unique(labels) if one >= 0 and one != own]
    distances = [float(np.linalg.norm(points[labels == one].mean(0) - middle)) for one in others]
    if not others:
        return None, apart, np.inf
    nearest = int(np.argmin(distances))
    return others[nearest], apart, distances[nearest]


def _middle(points: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the rows that are most typical, nearest to their mean first."""
    away = np.linalg.norm(points[rows] - points[rows].mean(0), axis=1)
    return rows[np.argsort(away, kind="stable")[:SHOWN]]


def _percent(part: float) -> str:
    return f"{100 * part:.0f} %"


def _figure(value: float) -> str:
    return f"{value + 0.0 if abs(value) >= 0.005 else 0.0:.2f}".replace("-", "−")
