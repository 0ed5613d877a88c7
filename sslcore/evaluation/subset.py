"""A few images that stand for many: the most typical ones, and the most diverse ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.outliers import neighbour_distance
from sslcore.evaluation.ranking import Ranking, ranked
from sslcore.evaluation.vectors import Features, as_matrix, unit


@dataclass(frozen=True, eq=False)
class Spread(Ranking):
    """Images as far from one another as can be, in the order they were taken.

    Every beginning of the list is such a subset itself.

    Attributes:
        rows: (n,) int64.
        scores: (n,) float64, cosine distance of each to the nearest one taken before it; nan for
            the first.
        radius: the largest cosine distance of any image to the nearest one taken.
    """

    radius: float


def densest(
    features: Features,
    count: int,
    k: int = 10,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Ranking:
    """Images where images lie densest: the smallest mean cosine distance to the k nearest.

    Args:
        features: (N, D).
        count: how many images; cut to N.
        k: neighbours that are measured; cut to N - 1.
        progress: told (images done, images in all).
        cancelled: asked before every chunk.

    Returns:
        The densest first, with that distance; equals by lower row.

    Raises:
        ValueError: for one image, NaN, or a count or k below 1.
        Cancelled: if ``cancelled`` said so.
    """
    _at_least_one(count)
    return ranked(neighbour_distance(features, k, progress, cancelled), count, smallest=True)


def central(features: Features, count: int, labels: Features | None = None) -> Ranking:
    """Images nearest to the centre of their class or cluster.

    The centre is the mean of the members' features at unit length. The most central image of every
    class comes first, then the second of every class, and so on.

    Args:
        features: (N, D).
        count: how many images; cut to those that have a label.
        labels: (N,) numbers of classes or clusters; images with a negative one take no part. None
            takes all images as one.

    Returns:
        Images with their cosine to the centre; within one round the larger cosine comes first,
        equals by lower row.

    Raises:
        ValueError: for NaN, a count below 1, labels that do not fit, or without any label.
    """
    _at_least_one(count)
    rows = unit(as_matrix(features, "features", double=True)).cpu()
    given = torch.zeros(len(rows)) if labels is None else torch.as_tensor(labels)
    numbers = given.to(torch.int64).cpu()
    if numbers.shape != (len(rows),):
        raise ValueError(
            f"labels must hold one class per feature row: {tuple(numbers.shape)} for {len(rows)} "
            "rows"
        )
    known = (numbers >= 0).nonzero().squeeze(1)
    if not len(known):
        raise ValueError("no image has a label, so there is no centre to be near to")
    rows = rows[known]
    classes, place = numbers[known].unique(return_inverse=True)
    centres = torch.zeros(len(classes), rows.shape[1], dtype=rows.dtype)
    centres.index_add_(0, place, rows)  # the sum points where the mean does
    cosines = (rows * unit(centres)[place]).sum(1).numpy()
    order = np.lexsort((known.numpy(), -cosines, place.numpy()))
    starts = np.searchsorted(place.numpy()[order], np.arange(len(classes)))
    turn = np.empty(len(order), np.int64)
    turn[order] = np.arange(len(order)) - starts[place.numpy()[order]]
    chosen = np.lexsort((known.numpy(), -cosines, turn))[:count]
    return Ranking(known.numpy()[chosen], cosines[chosen])


def diverse(
    features: Features,
    count: int,
    seed: int = 0,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Spread:
    """Images that cover all: again and again the one farthest from those taken already.

    Farthest-first traversal (Gonzalez 1985, https://doi.org/10.1016/0304-3975(85)90224-5), by
    cosine distance, exactly.

    Args:
        features: (N, D).
        count: how many images; cut to N.
        seed: draws the first one.
        progress: told (images taken, images wanted).
        cancelled: asked before every image.

    Raises:
        ValueError: for NaN or a count below 1.
        Cancelled: if ``cancelled`` said so.
    """
    _at_least_one(count)
    rows = unit(as_matrix(features, "features"))
    wanted = min(count, len(rows))
    taken = np.empty(wanted, np.int64)
    scores = np.full(wanted, np.nan)
    taken[0] = np.random.default_rng(seed).integers(len(rows))
    apart = np.full(len(rows), np.inf)
    for number in range(wanted):
        raise_if_cancelled(cancelled)
        if number:
            # numpy takes the first of equals, torch any.
            taken[number] = apart.argmax()
            scores[number] = apart[taken[number]]
        found: NDArray[np.float32] = (rows @ rows[int(taken[number])]).cpu().numpy()
        np.minimum(apart, np.maximum(1.0 - found, 0.0), out=apart)
        apart[taken[: number + 1]] = -1.0
        if progress is not None:
            progress(number + 1, wanted)
    return Spread(taken, scores, max(float(apart.max()), 0.0))


def _at_least_one(count: int) -> None:
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
