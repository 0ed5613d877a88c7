"""How well two projections of the same image agree."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from sslcore.config import ConfigError
from sslcore.losses.precision import full_precision

SHORTEST = 1e-8
"""Vectors shorter than this are not stretched to unit length: a zero vector stays zero."""


def l2(vectors: Tensor) -> Tensor:
    """(..., d) -> (..., d): divided by the Euclidean norm along the last axis."""
    return F.normalize(vectors, dim=-1, eps=SHORTEST)


@full_precision
def energy(z_a: Tensor, z_b: Tensor) -> Tensor:
    """(B, d), (B, d) raw -> (B,): 1 - cosine; 0 where they point the same way, 2 opposite."""
    check_pairs(z_a, z_b)
    return 1.0 - (l2(z_a) * l2(z_b)).sum(-1)


@full_precision
def negative_cosine(p: Tensor, z: Tensor) -> Tensor:
    """(B, d), (B, d) raw -> scalar in [-1, 1]: minus the mean cosine of the rows.

    Source: SimSiam, Chen and He 2021, equation 1, https://arxiv.org/abs/2011.10566.
    Where gradients are to stop is the caller's choice.

    Raises:
        ValueError: if the shapes differ or there is no row.
    """
    return energy(p, z).mean() - 1.0


def check_batch(batch_size: int) -> None:
    """Refuse, before anything is built, a batch in which there is nothing to compare with.

    Raises:
        ConfigError: naming the setting to change.
    """
    if batch_size < 2:
        raise ConfigError(
            f"schedule.batch_size = {batch_size}: this method compares the images of a batch; "
            "use at least 2"
        )


def check_pairs(z_a: Tensor, z_b: Tensor, fewest: int = 1) -> None:
    """Refuse what cannot be two views of the same images, row by row.

    Raises:
        ValueError: if these are not two (B, d) tensors of one shape with B >= fewest.
    """
    if z_a.dim() != 2 or z_a.shape != z_b.shape:
        raise ValueError(
            "two views of the same images must give (B, d) tensors of one shape, got "
            f"{tuple(z_a.shape)} and {tuple(z_b.shape)}; give both views as many copies"
        )
    if z_a.shape[0] < fewest:
        raise ValueError(
            f"this loss needs at least {fewest} images in a batch, got {z_a.shape[0]}; "
            "raise schedule.batch_size"
        )
