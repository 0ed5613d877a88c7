"""Pretext tasks that are a choice of one answer out of several."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.losses.precision import full_precision


@full_precision
def cross_entropy(scores: Tensor, answer: Tensor) -> Tensor:
    """Minus the log of the softmax at the right answer.

    Args:
        scores: (N, K), not squashed.
        answer: (N,) int64 in [0, K).

    Returns:
        (N,) in nats, not negative; ln K where all scores are equal.

    Raises:
        ValueError: if there is not one answer for every row of scores, or one is out of range.
    """
    if scores.dim() != 2 or len(scores) != len(answer):
        raise ValueError(
            f"need a row of scores for each of {len(answer)} answers, got {tuple(scores.shape)}"
        )
    if len(answer) and not 0 <= int(answer.min()) <= int(answer.max()) < scores.shape[1]:
        raise ValueError(
            f"answers run from {int(answer.min())} to {int(answer.max())}, but there are "
            f"{scores.shape[1]} scores; the views ask for something else than the method"
        )
    return F.cross_entropy(scores, answer, reduction="none")


def confusion(guess: Tensor, answer: Tensor, classes: int) -> Tensor:
    """(N,), (N,) int64 -> (K, K) float64: row = true answer, column = guess; rows add up to 1.

    The row of an answer that did not occur is zero.
    """
    pairs = torch.bincount(answer.cpu() * classes + guess.cpu(), minlength=classes**2)
    counts = pairs.reshape(classes, classes).double()
    return counts / counts.sum(1, keepdim=True).clamp(min=1)
