"""Under-clustering and over-clustering in words, with the classes and the images that show it.

*Under-clustering*: classes share clusters, because nothing pushed their images apart (too few or
too easy negatives). *Over-clustering*: a class falls apart into clusters of its own, because its
images were pushed apart (too many negatives, false ones among them). The two words are those of
Wang et al. 2021, https://arxiv.org/abs/2104.08760.

Homogeneity and completeness alone do not tell the two apart: with as many clusters as classes they
are nearly equal, and a class cut in two makes two others share. So every image is looked at. It is
*at home* in the largest cluster that is its class's own (see ``cluster_owners``), *split off* in
another of these, and *shared* in a cluster that is not its class's own.

Where clusters follow classes hardly better than chance, neither fault can be told. Where they
follow them weakly, or both faults are there at once, no remedy speaks of negatives: weak features
have other causes, and one number cannot go up and down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation.cluster_agreement import Agreement
from sslcore.evaluation.cluster_evidence import Clustered, Evidence, shared_pairs, split_classes
from sslcore.evaluation.cluster_owners import owners

Level = Literal["none", "some", "strong", "unclear"]
SOME, STRONG = 0.1, 0.3
"""Parts of the images (mean over classes) from which a level is said."""
CHANCE = 0.05
"""Adjusted Rand index below which clusters are said not to follow classes."""
WEAK = 0.2
"""Adjusted Rand index below which nothing is said about negatives."""


@dataclass(frozen=True)
class Shares:
    """Where the images of the classes lie; means over classes, they add up to 1.

    Attributes:
        home: in the largest cluster that is their class's own.
        split: in another cluster that is their class's own.
        shared: in a cluster that is not.
        noise: in no cluster.
    """

    home: float
    split: float
    shared: float
    noise: float


@dataclass(frozen=True, eq=False)
class Fault:
    """One of the two faults.

    Attributes:
        level: how far it goes; "unclear" where clusters do not follow classes.
        sentence: the verdict in words, with figures.
        remedy: what to try; empty at levels "none" and "unclear".
        evidence: the clearest case first, at most five.
    """

    level: Level
    sentence: str
    remedy: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, eq=False)
class Verdict:
    """Both faults.

    Attributes:
        shares: the figures they are judged by.
        under: classes share clusters.
        over: classes are split over clusters.
        note: what the number of clusters, or their having little to do with classes, makes of it;
            or "".
    """

    shares: Shares
    under: Fault
    over: Fault
    note: str


def judge(
    points: NDArray[np.float32],
    labels: NDArray[np.int64],
    numbers: NDArray[np.int64],
    agreement: Agreement,
    classes: Sequence[str],
    negatives: bool = True,
) -> Verdict:
    """Say whether classes share clusters or are split over them.

    Args:
        points: (N, D) that were clustered.
        labels: (N,) class of each, negative for none.
        numbers: (N,) its cluster.
        agreement: of these.
        classes: names by class number.
        negatives: whether the encoder was trained with negatives; the remedies follow from it.
    """
    table, totals = agreement.table, agreement.table.sum(1) + agreement.noise
    own = owners(table)
    shares = _shares(table, totals, own)
    scores = agreement.scores
    clustered = Clustered(points, labels, numbers, table, totals, classes)
    pairs = shared_pairs(clustered)
    parts = split_classes(clustered, own)
    clear = scores.ari >= CHANCE
    under, over = _level(shares.shared, clear), _level(shares.split, clear)
    weak = clear and scores.ari < WEAK
    pushed = negatives and not weak and "none" in (under, over)
    return Verdict(
        shares=shares,
        under=Fault(
            under,
            _under(under, shares, scores.homogeneity, pairs),
            _UNDER[pushed] if under in _TOLD else "",
            pairs,
        ),
        over=Fault(
            over,
            _over(over, shares, scores.completeness, parts),
            _OVER[pushed] if over in _TOLD else "",
            parts,
        ),
        note=_note(table, totals, scores.ari, shares.noise, negatives and weak),
    )


def _shares(table: NDArray[np.int64], totals: NDArray[np.int64], own: NDArray[np.bool_]) -> Shares:
    there = totals > 0
    parts = table[there] / totals[there, None]
    held = np.where(own[there], parts, 0.0)
    home = held.max(1, initial=0.0)
    inside, all_own = parts.sum(1), held.sum(1)
    return Shares(
        home=float(home.mean()),
        split=float((all_own - home).mean()),
        shared=float((inside - all_own).mean()),
        noise=float((1 - inside).mean()),
    )


def _level(share: float, clear: bool) -> Level:
    if not clear:
        return "unclear"
    return "strong" if share >= STRONG else "some" if share >= SOME else "none"


_UNDER = {
    True: "Try more negatives (a larger batch or queue), harder ones (a lower temperature), or "
    "longer training.",
    False: "Try longer training, or views that change more of what classes do not depend on.",
}
_OVER = {
    True: "Try fewer negatives, a higher temperature, or a method without negatives: images of "
    "one class are negatives of each other.",
    False: "Try views that change more of what differs within a class: crop, colour, blur.",
}
_TOLD = ("some", "strong")
_HEADS = {
    "none": "No {}",
    "some": "Some {}",
    "strong": "Strong {}",
    "unclear": "Whether there is {} cannot be told",
}


def _under(level: Level, shares: Shares, homogeneity: float, pairs: tuple[Evidence, ...]) -> str:
    told = (
        f"{_HEADS[level].format('under-clustering')}: {100 * shares.shared:.0f} % of the images "
        "lie in a cluster that is not their class's own (mean over classes; homogeneity "
        f"{100 * homogeneity:.0f} %)."
    )
    if level in _TOLD and pairs and not any(one.real for one in pairs):
        told += " The features do part the classes named below; more clusters would show it."
    return told


def _over(level: Level, shares: Shares, completeness: float, parts: tuple[Evidence, ...]) -> str:
    told = (
        f"{_HEADS[level].format('over-clustering')}: {100 * shares.split:.0f} % of the images lie "
        "in a second cluster of their class's own (mean over classes; completeness "
        f"{100 * completeness:.0f} %)."
    )
    if level == "none" and completeness < 1 - STRONG:
        told += " Completeness is low because clusters are shared, not because classes are split."
    elif level in _TOLD and parts and not any(one.real for one in parts):
        told += " The parts lie side by side: fewer clusters would join them."
    return told


def _note(
    table: NDArray[np.int64], totals: NDArray[np.int64], ari: float, noise: float, weak: bool
) -> str:
    clusters, classes = table.shape[1], int((totals > 0).sum())
    told: list[str] = []
    if noise >= STRONG:
        told.append(
            f"{100 * noise:.0f} % of the images lie in no cluster: they are judged by no word here."
        )
    if ari < CHANCE:
        told.append(
            f"The clusters hardly follow the classes (ARI {max(ari, 0.0):.2f}, chance 0), but "
            "something else that the images differ in."
        )
    if weak:
        told.append(
            f"The clusters follow the classes weakly (ARI {ari:.2f}, chance 0), so they say "
            "nothing about the number of negatives."
        )
    if 0 < clusters < classes:
        told.append(f"With {clusters} clusters for {classes} classes, some classes must share.")
    if clusters > 2 * classes:
        told.append(f"With {clusters} clusters for {classes} classes, some classes must split.")
    return " ".join(told)
