"""Energies of pairs: positives, negatives of another class, and negatives of the same class.

The energy of a pair is 1 - cosine: low where two images are found compatible. *Positives* are two
views of one image. *Negatives* are two images; those of one class are *false negatives*, which a
contrastive loss pushes apart although they belong together (Chuang et al. 2020,
https://arxiv.org/abs/2007.00224). Classes are used to look, never to train.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation.distributions import Distribution, auroc, distribution, overlap
from sslcore.evaluation.vectors import Features, as_matrix, unit

EDGES = np.linspace(0.0, 2.0, 81)
"""Fixed bins of every histogram of pair energies, so that pictures of two moments compare."""

MOST = 2000
"""Images whose pairs are all looked at: four million."""
SHOWN = 24
"""Pairs of each kind that are named."""


@dataclass(frozen=True, eq=False)
class PairEnergies:
    """Energies of all pairs of some images.

    Attributes:
        positives: two views of one image; None without second views.
        other_class: two images of different classes; of all images where there are no labels.
        same_class: two images of one class; None without labels, or where no class has two.
        labelled: whether negatives were told apart.
        false_negatives: part of the negatives that is of the same class; None without labels.
        separation: how often a negative of another class has more energy than a positive (AUROC).
        false_separation: how often one of another class has more than one of the same class.
        common: overlap of the histograms of positives and negatives of another class.
        false_common: overlap of those of the same and of another class.
        farthest: (k,) int64 images whose two views are farthest apart, the farthest first.
        closest: (k, 2) int64 pairs of different classes with the least energy, the least first.
        false_closest: (k, 2) int64 such pairs of one class.
    """

    positives: Distribution | None
    other_class: Distribution
    same_class: Distribution | None
    labelled: bool
    false_negatives: float | None
    separation: float | None
    false_separation: float | None
    common: float | None
    false_common: float | None
    farthest: NDArray[np.int64]
    closest: NDArray[np.int64]
    false_closest: NDArray[np.int64]


def pair_energies(
    first: Features, second: Features | None = None, labels: NDArray[np.int64] | None = None
) -> PairEnergies:
    """Energies of every image with every other, and with its own second view.

    Args:
        first: (N, D) features of one view of each image; N from 2 to :data:`MOST`.
        second: (N, D) of another view, row i of the same image; None looks at negatives only.
        labels: (N,) class numbers, negative for none; None where there are no classes. Pairs with
            an unlabelled image are left out of the negatives where there are labels.

    Raises:
        ValueError: for shapes that do not fit, NaN, too few or too many images, or labels of
            one class only (there is no negative of another class then).
    """
    rows = unit(as_matrix(first, "features of the first view"))
    count = len(rows)
    if not 2 <= count <= MOST:
        raise ValueError(f"pairs of 2 to {MOST} images can be looked at, got {count}")
    others = rows
    if second is not None:
        if tuple(second.shape) != tuple(first.shape):
            raise ValueError(
                f"both views need the same images: {tuple(first.shape)}, {tuple(second.shape)}"
            )
        others = unit(as_matrix(second, "features of the second view")).to(rows)
    energies = (1.0 - rows @ others.T).clamp(0.0, 2.0).cpu().numpy()
    own = np.eye(count, dtype=bool)
    same, other = _kinds(labels, own)
    if second is None:  # each pair once
        same, other = np.triu(same, 1), np.triu(other, 1)
    if not other.any():
        raise ValueError(
            "all labelled images are of one class, so there is no negative of another class; "
            "take images of two classes, or no labels"
        )
    apart = distribution(energies[other], EDGES)
    together = distribution(energies[same], EDGES) if same.any() else None
    positives = None if second is None else distribution(energies[own], EDGES)
    return PairEnergies(
        positives=positives,
        other_class=apart,
        same_class=together,
        labelled=labels is not None,
        false_negatives=(
            None if labels is None else float(same.sum() / (same.sum() + other.sum()))
        ),
        separation=None if positives is None else auroc(energies[own], energies[other]),
        false_separation=None if together is None else auroc(energies[same], energies[other]),
        common=None if positives is None else overlap(positives, apart),
        false_common=None if together is None else overlap(together, apart),
        farthest=(
            np.zeros(0, np.int64)
            if second is None
            else np.argsort(-energies[own], kind="stable")[:SHOWN]
        ),
        closest=_least(energies, other),
        false_closest=_least(energies, same),
    )


def _kinds(
    labels: NDArray[np.int64] | None, own: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(N, N) pairs of one class, and pairs of two."""
    if labels is None:
        return np.zeros_like(own), ~own
    classes = np.asarray(labels, np.int64)
    if classes.shape != own.shape[:1]:
        raise ValueError(f"labels must be one per image: {classes.shape} for {len(own)} images")
    known = (classes >= 0)[:, None] & (classes >= 0)
    equal = classes[:, None] == classes
    return known & equal & ~own, known & ~equal


def _least(energies: NDArray[np.float32], pairs: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(k, 2) pairs with the least energy, each named once with its smaller image first."""
    places = np.flatnonzero(pairs)
    order = places[np.argsort(energies.ravel()[places], kind="stable")[: 4 * SHOWN]]
    found = np.stack(np.divmod(order, len(energies)), 1)
    found.sort(1)
    _, first = np.unique(found, axis=0, return_index=True)
    return found[np.sort(first)][:SHOWN].astype(np.int64)
