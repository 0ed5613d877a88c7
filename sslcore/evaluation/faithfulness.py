"""How far a flat layout can be believed: trustworthiness and continuity.

Venna and Kaski 2001, Neighborhood preservation in nonlinear projection methods
(https://doi.org/10.1007/3-540-44668-0_68).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sslcore.evaluation.vectors import Features, as_matrix, unit

_CELLS = 1 << 22


@dataclass(frozen=True)
class Faithfulness:
    """Two complaints a map can deserve, each 1 where there is nothing to complain of.

    Attributes:
        trustworthiness: below 1, points lie together that do not belong together.
        continuity: below 1, points that belong together were torn apart.
        neighbours: size of the neighbourhoods compared.
        points: on how many points this was measured (against all).
    """

    trustworthiness: float
    continuity: float
    neighbours: int
    points: int


def faithfulness(
    features: Features,
    layout: Features,
    neighbours: int = 15,
    metric: str = "cosine",
    sample: int = 1000,
    seed: int = 0,
) -> Faithfulness:
    """Compare each point's neighbours in the layout (Euclidean) with those in feature space.

    Args:
        features: (N, D).
        layout: (N, d) of the same images.
        neighbours: size of a neighbourhood; cut to below N / 2, where the scores are defined.
        metric: of the feature space, "cosine" or "euclidean".
        sample: points whose neighbourhoods are compared; more points are sampled down to it.
        seed: of the sample.

    Raises:
        ValueError: if the two do not show the same images or hold NaN.
    """
    rows = as_matrix(features, "features", double=True)
    places = as_matrix(layout, "layout", double=True).to(rows.device)
    count = len(rows)
    if len(places) != count:
        raise ValueError(f"layout and features need the same images: {len(places)} and {count}")
    k = min(neighbours, (count - 1) // 2)
    if k < 1:  # two points have no neighbourhood to get wrong
        return Faithfulness(1.0, 1.0, 0, count)
    if metric == "cosine":
        rows = unit(rows)
    chosen = np.arange(count)
    if count > sample:
        chosen = np.sort(np.random.default_rng(seed).choice(count, sample, replace=False))
    intruders = missed = 0.0
    chunk = max(1, _CELLS // count)
    for start in range(0, len(chosen), chunk):
        some = torch.from_numpy(chosen[start : start + chunk]).to(rows.device)
        order, rank = _ranks(rows, some)
        place_order, place_rank = _ranks(places, some)
        intruders += float((rank.gather(1, place_order[:, :k]) - k).clamp_min(0).sum())
        missed += float((place_rank.gather(1, order[:, :k]) - k).clamp_min(0).sum())
    worst = len(chosen) * k * (2 * count - 3 * k - 1) / 2
    return Faithfulness(1 - intruders / worst, 1 - missed / worst, k, len(chosen))


def _ranks(points: Tensor, some: Tensor) -> tuple[Tensor, Tensor]:
    """(B, N) points by distance from each of some, and (B, N) rank of every point, nearest 1."""
    distances = torch.cdist(points[some], points)
    distances[torch.arange(len(some)), some] = torch.inf
    order = distances.argsort(dim=1, stable=True)
    rank = torch.empty_like(order)
    rank.scatter_(1, order, torch.arange(1, len(points) + 1).to(order).expand_as(order))
    return order, rank
