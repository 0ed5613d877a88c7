"""How far reconstructed pixels are from the true ones."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.losses.precision import full_precision

PixelLoss = Literal["mse", "bce"]
Output = Literal["sigmoid", "linear"]


@full_precision
def pixel_error(raw: Tensor, target: Tensor, loss: PixelLoss, output: Output) -> Tensor:
    """The error of every value, not yet averaged.

    Args:
        raw: (B, C, h, w) what the decoder said, before any squashing.
        target: (B, C, h, w) in [0, 1].
        loss: "mse" squared error, "bce" binary cross-entropy in nats.
        output: "sigmoid" squashes ``raw`` to (0, 1), "linear" takes it as it is.

    Returns:
        (B, C, h, w), not negative.

    Raises:
        ValueError: if shapes differ, or cross-entropy is asked for without a sigmoid.
    """
    if raw.shape != target.shape:
        raise ValueError(
            f"reconstruction {tuple(raw.shape)} and target {tuple(target.shape)} differ in shape"
        )
    if loss == "bce":
        if output != "sigmoid":
            raise ValueError("cross-entropy needs output 'sigmoid': it compares probabilities")
        return F.binary_cross_entropy_with_logits(raw, target.to(raw.dtype), reduction="none")
    return (squashed(raw, output) - target).square()


def squashed(raw: Tensor, output: Output) -> Tensor:
    """What the decoder said, as pixel values."""
    return torch.sigmoid(raw) if output == "sigmoid" else raw


@full_precision
def emphasised(error: Tensor, touched: Tensor, alpha: float, beta: float) -> tuple[Tensor, Tensor]:
    """The two terms of the emphasised loss: corrupted and untouched pixels weigh differently.

    alpha * sum over touched + beta * sum over untouched, both divided by the number of all
    values, so that alpha = beta = 1 is the plain mean and a mean over micro-batches is exact.
    Source: Vincent et al. 2010, section 3.3, https://jmlr.org/papers/v11/vincent10a.html

    Args:
        error: (B, C, h, w).
        touched: (B, 1, h, w) or (B, C, h, w) bool.
        alpha: weight of touched pixels.
        beta: weight of untouched pixels.

    Returns:
        Two scalars, weighted, whose sum is the loss.
    """
    where = touched.to(error.dtype)
    return alpha * (error * where).mean(), beta * (error * (1.0 - where)).mean()
