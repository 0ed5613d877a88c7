"""Contrastive losses: a positive pair must score higher than the negatives.

Projections come in raw; cosines are taken here. Every function is in float32 at least.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.losses.agreement import check_pairs, l2
from sslcore.losses.precision import full_precision


@full_precision
def similarity(z_a: Tensor, z_b: Tensor) -> Tensor:
    """(B, d), (B, d) raw -> (2B, 2B) cosines; rows are all of z_a, then all of z_b.

    Raises:
        ValueError: if shapes differ, or there is one image only (it has no negatives).
    """
    check_pairs(z_a, z_b, fewest=2)
    z = l2(torch.cat([z_a, z_b]))
    return z @ z.T


@full_precision
def attraction(cosines: Tensor, temperature: float) -> Tensor:
    """(2B, 2B) cosines -> scalar: minus the mean cosine of positive pairs, over T."""
    count = cosines.shape[0] // 2
    return -cosines.diagonal(count).mean() / _warm(temperature)


@full_precision
def repulsion(cosines: Tensor, temperature: float) -> Tensor:
    """(2B, 2B) cosines -> scalar: mean over rows of log sum_{k != i} exp(s_ik / T)."""
    return _others(cosines / _warm(temperature)).logsumexp(-1).mean()


def nt_xent(z_a: Tensor, z_b: Tensor, temperature: float) -> Tensor:
    """Normalised temperature-scaled cross-entropy: for each of 2B views, find its other view.

    Mean over i of -log exp(s_ij / T) / sum_{k != i} exp(s_ik / T), s the cosine, j the other view
    of i. Source: SimCLR, Chen et al. 2020, equation 1, https://arxiv.org/abs/2002.05709.

    Args:
        z_a: (B, d) projections of one view, raw.
        z_b: (B, d) projections of the other view, row i of the same image.
        temperature: T > 0.

    Returns:
        Scalar, :func:`attraction` + :func:`repulsion`.

    Raises:
        ValueError: if shapes differ, B < 2 or T is not positive.
    """
    cosines = similarity(z_a, z_b)
    return attraction(cosines, temperature) + repulsion(cosines, temperature)


@torch.no_grad()
def found(cosines: Tensor) -> Tensor:
    """(2B, 2B) cosines -> scalar in [0, 1]: how often the other view is the most similar row.

    Ties count as not found, so a collapsed network scores 0 instead of 1.
    """
    count = cosines.shape[0] // 2
    positive = torch.cat([cosines.diagonal(count), cosines.diagonal(-count)])
    partner = torch.eye(len(cosines), dtype=torch.bool, device=cosines.device).roll(count, 0)
    others = _others(cosines).masked_fill(partner, -math.inf).amax(-1)
    return (positive > others).to(cosines.dtype).mean()


@full_precision
def info_nce(query: Tensor, key: Tensor, negatives: Tensor, temperature: float) -> Tensor:
    """InfoNCE with given negatives: pick the key of a query out of K + 1 candidates.

    Mean over i of -log exp(q_i k_i / T) / (exp(q_i k_i / T) + sum_n exp(q_i n / T)) on unit
    vectors. Source: MoCo, He et al. 2020, equation 1, https://arxiv.org/abs/1911.05722.

    Args:
        query: (B, d) raw.
        key: (B, d) raw, row i the positive of query i.
        negatives: (K, d) raw, the same for all queries.
        temperature: T > 0.

    Returns:
        Scalar.

    Raises:
        ValueError: if shapes do not fit or T is not positive.
    """
    logits = candidates(query, key, negatives) / _warm(temperature)
    return F.cross_entropy(logits, torch.zeros_like(logits[:, 0], dtype=torch.int64))


@full_precision
def candidates(query: Tensor, key: Tensor, negatives: Tensor) -> Tensor:
    """(B, d), (B, d), (K, d) raw -> (B, 1 + K) cosines, the positive in column 0.

    Raises:
        ValueError: if shapes do not fit.
    """
    check_pairs(query, key)
    if negatives.dim() != 2 or negatives.shape[1] != query.shape[1] or len(negatives) == 0:
        raise ValueError(
            f"negatives must be (K, {query.shape[1]}) with K > 0, got {tuple(negatives.shape)}"
        )
    q = l2(query)
    positive = (q * l2(key)).sum(-1, keepdim=True)  # B x 1
    negative = q @ l2(negatives).to(q.dtype).T  # B x K
    return torch.cat([positive, negative], 1)


def mutual_information_bound(loss: Tensor, candidates: int) -> Tensor:
    """log(N) - loss: what the loss proves about the mutual information of the views, in nats.

    It can never show more than log N, so more candidates make a tighter bound. Source: van den
    Oord et al. 2018, https://arxiv.org/abs/1807.03748.

    Args:
        loss: the unscaled InfoNCE cross-entropy.
        candidates: N, the positive counted: 2B - 1 (NT-Xent), K + 1 (queue), B (in-batch).

    Raises:
        ValueError: if there are no two candidates.
    """
    if candidates < 2:
        raise ValueError(f"a bound needs at least 2 candidates, got {candidates}")
    return math.log(candidates) - loss.detach()


def _others(matrix: Tensor) -> Tensor:
    """(N, N) -> (N, N) with -inf on the diagonal: a view is no candidate for itself."""
    itself = torch.eye(len(matrix), dtype=torch.bool, device=matrix.device)
    return matrix.masked_fill(itself, -math.inf)


def _warm(temperature: float) -> float:
    if not temperature > 0:
        raise ValueError(f"temperature = {temperature} must be positive")
    return temperature
