"""The untrained encoder with other weights for every seed, frozen or as a start of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from sslcore.assessment.subject import UNTRAINED, Encode, Layer, Subject
from sslcore.evaluation.features import evaluating
from sslcore.evaluation.label_study import Frozen, Redraw
from sslcore.method import Method

ROOM = 2**31
"""Bytes that features for further seeds may take; beyond that, all seeds share one encoder."""


def fresh(subject: Subject, seed: int) -> Method[Any]:
    """The method before its first step, with other weights for every seed but the first."""
    if not seed:
        return subject.method(UNTRAINED)
    own = subject.recipe.run.seed
    recipe = subject.recipe.with_set({"run.seed": own + seed})
    return replace(subject.opened, recipe=recipe).untrained()


def of(
    subject: Subject, layers: Sequence[Layer], seeds: int, sources: Sequence[Frozen]
) -> Redraw | None:
    """How features of further untrained encoders are made.

    Args:
        subject: the run.
        layers: that are read.
        seeds: how many, the first with the run's own weights.
        sources: features of the first.

    Returns:
        None where there is nothing to redraw, or no room for what would be.
    """
    own = [one for one in sources if one.start == UNTRAINED]
    size = (seeds - 1) * sum(one.bank.nbytes + one.queries.nbytes for one in own)
    if not 0 < size <= ROOM:
        return None

    def make(seed: int) -> Encode:
        method = fresh(subject, seed)
        return lambda images: _side_by_side(method, images, layers)

    return Redraw(UNTRAINED, make)


def _side_by_side(method: Method[Any], images: Tensor, layers: Sequence[Layer]) -> Tensor:
    """(B, C, H, W) -> (B, D), or (B, D + d) with projections."""
    features = method.embed(images)
    if "projection" not in layers:
        return features
    with torch.no_grad(), evaluating(method):
        return torch.cat([features, method.projection(features)], 1)
