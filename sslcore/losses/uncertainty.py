"""How unsure a prediction is, pixel by pixel, and whether that means anything.

A second output v beside a prediction y^ is fitted to how wrong that turned out to be (Nix and
Weigend 1994, https://doi.org/10.1109/ICNN.1994.374138; v as a logarithm: Kendall and Gal 2017,
https://arxiv.org/abs/1703.04977):

    loss = v^b (log v + (y^ - y)^2 / v) / 2,     least at v = E (y^ - y)^2

with the weight v^b, b = 1/2, taken as a number: without it (b = 0) large errors hardly count, and v
grows far beyond them. Nothing of it flows back into y^, which would give up on what is hard. Both:
Seitzer, Tavakoli, Antic and Martius 2022, https://arxiv.org/abs/2203.09168.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from sslcore.diagnostics import Bars
from sslcore.losses.precision import full_precision

LEAST, MOST = 1e-6, 0.25
"""Bounds of a predicted variance: a quarter of a step of 8 bits, and the largest variance that
numbers between 0 and 1 can have."""

WEIGHT = 0.5
"""The exponent b; between likelihood (0) and mean squared error of variances (1)."""

GROUPS = ("surest quarter", "second", "third", "least sure quarter")


@full_precision
def variance(raw: Tensor) -> Tensor:
    """Any number -> a variance between the bounds; 0 is their geometric mean, .0005."""
    low, high = math.log(LEAST), math.log(MOST)
    return (low + (high - low) * raw.sigmoid()).exp()


@full_precision
def level(squared: Tensor) -> Tensor:
    """Any squared difference on a logarithmic scale: 0 at the least variance, 1 at the most.

    As an input, since a variance that grows with what moved is then a straight line.
    """
    low, high = math.log(LEAST), math.log(MOST)
    return ((squared.clamp(LEAST, MOST)).log() - low) / (high - low)


@full_precision
def weighted_likelihood(predicted: Tensor, squared: Tensor) -> Tensor:
    """Mean negative logarithm of the Gaussian likelihood of errors, weighted, without its constant.

    Args:
        predicted: (...) variances, positive.
        squared: (...) squared errors; no gradient flows into them.

    Returns:
        A scalar; negative where small errors are expected and come.

    Raises:
        ValueError: if shapes differ.
    """
    if predicted.shape != squared.shape:
        raise ValueError(
            f"variances {tuple(predicted.shape)} and squared errors {tuple(squared.shape)} differ "
            "in shape"
        )
    weight = predicted.detach() ** WEIGHT
    return (weight * (predicted.log() + squared.detach() / predicted)).mean() / 2


@full_precision
def mixture_variance(scores: Tensor, centres: Tensor) -> Tensor:
    """Variance of a choice among centres with the probabilities softmax(scores).

    sum over k of p_k w_k^2 - (sum over k of p_k w_k)^2, for every number of a centre by itself.

    Args:
        scores: (N, K) logits.
        centres: (K, D).

    Returns:
        (N, D), not negative.
    """
    shares, middle = scores.softmax(1), centres.mean(0)
    apart = centres - middle  # a variance does not move with the centres, but rounding does
    return (shares @ apart.square() - (shares @ apart).square()).clamp(min=0.0)


@full_precision
def correlation(first: Tensor, second: Tensor) -> Tensor:
    """Pearson's correlation of all numbers of two tensors of one shape, a scalar.

    0 where one of them is constant.
    """
    a, b = first.flatten() - first.mean(), second.flatten() - second.mean()
    scale = a.norm() * b.norm()
    return torch.where(scale > 0, (a @ b) / scale.clamp(min=1e-30), torch.zeros_like(scale))


def reliability(predicted: Tensor, squared: Tensor) -> Bars:
    """Expected beside true errors, in four equally large groups from surest to least sure.

    Levi, Gispan, Giladi and Fetaya 2019, https://arxiv.org/abs/1905.11659.

    Args:
        predicted: (...) variances.
        squared: (...) squared errors.

    Returns:
        Root mean squares: what was expected of each group, and what came.
    """
    expected = predicted.detach().float().flatten()
    groups = expected.argsort(stable=True).tensor_split(len(GROUPS))
    came = squared.detach().float().flatten()
    labels: list[str] = []
    values: list[float] = []
    for name, rows in zip(GROUPS, groups, strict=True):
        labels += [f"{name}, expected", f"{name}, true"]
        values += [float(one[rows].mean().sqrt()) if len(rows) else 0.0 for one in (expected, came)]
    return Bars(tuple(labels), np.array(values, np.float32), axis="root mean squared error")
