"""Numbers that show without labels whether a feature space collapses. All in float64."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.evaluation.vectors import Features, as_matrix, unit

_PAIRS = 1 << 22
"""Pairwise products held at once: 32 MiB of float64."""


def feature_std(features: Features) -> float:
    """Mean over dimensions of the standard deviation of unit-length features.

    About 1 / sqrt(D) when directions are spread evenly, 0 when all features point one way
    (Chen and He 2021, https://arxiv.org/abs/2011.10566, section 4.1).

    Args:
        features: (N, D), N at least 2; the deviation over images is the unbiased one.
    """
    rows = _images(features)
    return float(unit(rows).std(0, correction=1).mean())


def rank_me(features: Features) -> float:
    """Effective rank: the exponential of the entropy of the singular values.

    p_k = s_k / sum(s) + 1e-7, RankMe = exp(-sum p_k log p_k) (Garrido et al. 2023,
    https://arxiv.org/abs/2210.02885, equations 1 and 2).

    Args:
        features: (N, D), as they are: neither centred nor normalised.

    Returns:
        From 1 (one direction only, or all zero) to min(N, D).
    """
    values = torch.linalg.svdvals(as_matrix(features, "features", double=True))
    total = values.sum()
    parts = values / torch.where(total > 0, total, torch.ones_like(total)) + 1e-7
    return float(torch.exp(-(parts * parts.log()).sum()))


def alignment(a: Features, b: Features) -> float:
    """Mean squared distance of two views of the same image on the unit sphere, 0 to 4.

    Wang and Isola 2020 (https://arxiv.org/abs/2005.10242), with alpha = 2.

    Args:
        a: (N, D) features of one view.
        b: (N, D) features of another, row i of the same image.
    """
    if tuple(a.shape) != tuple(b.shape):
        raise ValueError(f"both views need the same images: {tuple(a.shape)} and {tuple(b.shape)}")
    one = unit(as_matrix(a, "features of the first view", double=True))
    other = unit(as_matrix(b, "features of the second view", double=True))
    return float((one - other.to(one.device)).square().sum(1).mean())


def uniformity(z: Features) -> float:
    """Logarithm of the mean over pairs i < j of exp(-2 |z_i - z_j|^2) on the unit sphere.

    0 when all features coincide, towards -4 when they spread evenly (Wang and Isola 2020, t = 2).

    Args:
        z: (N, D), N at least 2.
    """
    rows = unit(_images(z))
    count, total = len(rows), 0.0
    chunk = max(1, _PAIRS // count)
    norms = rows.square().sum(1)
    for start in range(0, count, chunk):
        part = rows[start : start + chunk]
        rest = rows[start:]
        squared = norms[start : start + chunk, None] + norms[None, start:] - 2 * part @ rest.T
        # Row r of the part is row r of the rest: above its diagonal lie the pairs i < j.
        total += float((-2 * squared.clamp_min(0)).exp().triu(1).sum())
    return float(np.log(total / (count * (count - 1) / 2)))


def spectrum(features: Features) -> NDArray[np.float64]:
    """Variance of the features along their principal directions, largest first.

    A tail at zero is dimensional collapse (Jing et al. 2022, https://arxiv.org/abs/2110.09348).

    Args:
        features: (N, D), N at least 2.

    Returns:
        (D,) float64, eigenvalues of the unbiased covariance; zeros where N is too small for D.
    """
    rows = _images(features)
    values = torch.linalg.svdvals(rows - rows.mean(0))
    variances = np.zeros(rows.shape[1])
    variances[: len(values)] = (values.square() / (len(rows) - 1)).cpu().numpy()
    return variances


def _images(features: Features) -> torch.Tensor:
    """Features of at least two images, float64."""
    rows = as_matrix(features, "features", double=True)
    if len(rows) < 2:
        raise ValueError("need the features of at least 2 images, got 1")
    return rows
