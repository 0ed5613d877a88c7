"""Momentum copies: a network that follows another as the moving average of its weights."""

from __future__ import annotations

import copy
import math
from typing import TypeVar

import torch
from torch import nn
from torch.nn import functional as F

from sslcore.doubles import doubled

N = TypeVar("N", bound=nn.Module)


def follower(online: N) -> N:
    """A copy of a network that takes no gradient and only moves by :func:`update`."""
    target = copy.deepcopy(online)
    target.requires_grad_(False)
    return target


@torch.no_grad()
def update(target: nn.Module, online: nn.Module, momentum: float) -> None:
    """Move every parameter: target <- m target + (1 - m) online.

    Buffers stay the target's own: it meets its own images, so its batch norm keeps its own
    statistics (He et al. 2020, https://arxiv.org/abs/1911.05722).

    Args:
        target: moves.
        online: is followed; not changed.
        momentum: m in [0, 1]; 1 leaves the target where it is, 0 copies.

    Raises:
        ValueError: if m is out of range or the networks do not have the same parameters.
    """
    if not 0.0 <= momentum <= 1.0:
        raise ValueError(f"momentum = {momentum} must lie between 0 and 1")
    _check(target, online)
    for old, new in zip(target.parameters(), online.parameters(), strict=True):
        old.lerp_(new.to(old.dtype), 1.0 - momentum)


def rising(start: float, progress: float) -> float:
    """Momentum on half a cosine from ``start`` to 1: 1 - (1 - start) (cos(pi progress) + 1) / 2.

    Source: BYOL, Grill et al. 2020, section 3.2, https://arxiv.org/abs/2006.07733.

    Args:
        start: momentum of the first step.
        progress: part of the run that is done, 0 to 1.
    """
    return 1.0 - (1.0 - start) * (math.cos(math.pi * progress) + 1.0) / 2.0


@torch.no_grad()
def drift(target: nn.Module, online: nn.Module) -> dict[str, float]:
    """How far each weight matrix of the target lags behind: name -> 1 - cosine, 0 where equal.

    Vectors (biases, scales of norms) are left out: they would drown the layers in names.

    Raises:
        ValueError: if the networks do not have the same parameters.
    """
    _check(target, online)
    followed = dict(online.named_parameters())
    return {
        name: 1.0
        - float(
            F.cosine_similarity(
                doubled(weight.flatten()), doubled(followed[name].flatten()), dim=0
            ).clamp(max=1.0)
        )
        for name, weight in target.named_parameters()
        if weight.dim() > 1
    }


def _check(target: nn.Module, online: nn.Module) -> None:
    have = {name: tuple(one.shape) for name, one in target.named_parameters()}
    want = {name: tuple(one.shape) for name, one in online.named_parameters()}
    if have != want:
        differ = sorted(name for name in {*have, *want} if have.get(name) != want.get(name))
        raise ValueError(f"target and online network differ in: {', '.join(differ[:5])}")
