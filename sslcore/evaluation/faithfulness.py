"""How far a layout can be believed: trustworthiness and continuity.

Venna and Kaski 2001, Neighborhood preservation in nonlinear projection methods
(https://doi.org/10.1007/3-540-44668-0_68).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sslcore.evaluation.projected import Faithfulness
from sslcore.evaluation.projection_settings import Metric
from sslcore.evaluation.vectors import Features, as_matrix, unit

__all__ = ["NEIGHBOURS", "SAMPLE", "Faithfulness", "faithfulness"]

NEIGHBOURS = 15
"""The same for every projection, so that their scores can be compared."""
SAMPLE = 1000
_CELLS = 1 << 22


def faithfulness(
    features: Features,
    layout: Features,
    neighbours: int = NEIGHBOURS,
    metric: Metric = "cosine",
    sample: int = SAMPLE,
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
        far, shown = _distances(rows, some), _distances(places, some)
        intruders += _excess(far, shown.topk(k, largest=False).indices, k)
        missed += _excess(shown, far.topk(k, largest=False).indices, k)
    worst = len(chosen) * k * (2 * count - 3 * k - 1) / 2
    return Faithfulness(1 - intruders / worst, 1 - missed / worst, k, len(chosen))


def _distances(points: Tensor, some: Tensor) -> Tensor:
    """(B, N) from each of some to all points; to itself, infinity."""
    distances = torch.cdist(points[some], points)
    distances[torch.arange(len(some)), some] = torch.inf
    return distances


def _excess(distances: Tensor, neighbours: Tensor, k: int) -> float:
    """By how many ranks in all (B, k) neighbours stand behind the k nearest.

    A rank is the number of points that are nearer, counted: some twenty times as fast as sorting
    all of them. At equal distances all have the better rank, so duplicates are no complaint.
    """
    total = torch.zeros((), dtype=torch.int64, device=distances.device)
    for column in neighbours.split(1, dim=1):
        nearer = (distances < distances.gather(1, column)).sum(1)
        total += (nearer + 1 - k).clamp_min(0).sum()
    return float(total)
