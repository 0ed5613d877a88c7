"""What a straight line through feature space tells of an image: ridge regression and softmax.

A number is read out by ridge regression on standardised features, a category by the softmax of
:mod:`sslcore.evaluation.linear`; of both the strength of the penalty is chosen on a part of the
bank, and the queries are touched once, at the end (Alain and Bengio 2016,
https://arxiv.org/abs/1610.01644).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation import linear
from sslcore.evaluation.nuisances import Nuisance
from sslcore.evaluation.ridge import PENALTIES, Ridge
from sslcore.evaluation.vectors import Features, as_matrix

CATEGORY_PENALTIES = (0.1, 0.01, 0.001)
"""Of the softmax: fewer, because each of them takes seconds and there are many categories."""

VALIDATION = 0.15
"""Part of the bank on which the penalty is chosen."""

FEWEST = 8
"""With fewer images that have a value, nothing is read out."""


@dataclass(frozen=True)
class Reading:
    """How well one nuisance can be read from features of images never seen.

    Attributes:
        score: R2 of a number (1 perfect, 0 no better than a constant, below that worse), or the
            accuracy of a category, 0 to 1.
        baseline: the same for the mean, or the most frequent category, of the bank.
        penalty: the strength that was chosen.
        images: queries that were asked.
    """

    score: float
    baseline: float
    penalty: float
    images: int


@dataclass(frozen=True)
class Readings:
    """Everything that was read out of one encoder's features.

    Attributes:
        found: key of the nuisance -> how well it can be read.
        skipped: title of the nuisance -> why it was not asked for.
    """

    found: Mapping[str, Reading]
    skipped: Mapping[str, str]


def read(
    bank: Features,
    queries: Features,
    nuisances: Sequence[Nuisance],
    *,
    penalties: Sequence[float] = PENALTIES,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Readings:
    """Read every nuisance out of features.

    Args:
        bank: (N, D) features of the images to learn from.
        queries: (Q, D) features of the images to be asked.
        nuisances: of N + Q images, those of the bank first.
        penalties: tried for numbers, above 0; each multiplies the squared weights beside the mean
            squared error of the standardised target.
        seed: of the part of the bank that is kept aside for the choice.
        device: where to compute.
        progress: told (nuisances done, nuisances).
        cancelled: asked before each of them.

    Raises:
        ValueError: for features that cannot be scored or nuisances of other images.
        Cancelled: if called off.
    """
    known, asked = as_matrix(bank, "bank features"), as_matrix(queries, "query features")
    count = len(known)
    for one in nuisances:
        if len(one.values) != count + len(asked):
            raise ValueError(
                f"{one.key}: {len(one.values)} values for {count} + {len(asked)} images"
            )
    reasons = {one.title: _unfit(one, count) for one in nuisances}
    fit = [one for one in nuisances if not reasons[one.title]]
    groups: dict[bytes, list[Nuisance]] = {}
    for one in fit:
        if not one.names:
            groups.setdefault(one.known[:count].tobytes(), []).append(one)
    found: dict[str, Reading] = {}

    def tell(more: Mapping[str, Reading]) -> None:
        found.update(more)
        if progress is not None:
            progress(len(found), len(fit))

    for group in groups.values():
        raise_if_cancelled(cancelled)
        tell(_numbers(known, asked, group, penalties, seed, device, cancelled))
    for one in fit:
        if one.names:
            raise_if_cancelled(cancelled)
            tell({one.key: _category(known, asked, one, seed, device, cancelled)})
    ordered = {one.key: found[one.key] for one in fit}
    return Readings(ordered, {title: reason for title, reason in reasons.items() if reason})


def r_squared(truth: NDArray[Any], guess: NDArray[Any]) -> float:
    """1 - sum of squared errors / sum of squared distances from the mean of (Q,) true values."""
    errors = np.square(np.asarray(truth, np.float64) - guess).sum()
    spread = np.square(truth - np.mean(truth, dtype=np.float64)).sum()
    return float(1.0 - errors / spread)


def _unfit(one: Nuisance, count: int) -> str:
    """Why a nuisance cannot be read out, or ""."""
    for place, where in ((slice(0, count), "to learn from"), (slice(count, None), "held out")):
        values = one.values[place][one.known[place]]
        if len(values) < FEWEST:
            return f"known of {len(values)} images {where}, at least {FEWEST} are needed"
        if len(np.unique(values)) < 2:
            return f"the same for all images {where}"
    return ""


def _numbers(
    bank: Tensor,
    queries: Tensor,
    group: Sequence[Nuisance],
    penalties: Sequence[float],
    seed: int,
    device: torch.device | str,
    cancelled: CancelAsked | None,
) -> dict[str, Reading]:
    """Numbers known of the same images of the bank, so that they share every decomposition."""
    count = len(bank)
    known = group[0].known[:count]
    rows = bank[torch.from_numpy(known)]
    targets = torch.from_numpy(np.stack([one.values[:count][known] for one in group], 1)).double()
    middle, deviation = targets.mean(0), targets.std(0, unbiased=False)
    targets = (targets - middle) / deviation
    best = [penalties[0]] * len(group)
    if len(penalties) > 1:
        drawn = torch.from_numpy(np.random.default_rng(seed).permutation(len(rows)))
        size = max(1, round(VALIDATION * len(rows)))
        aside, kept = drawn[:size], drawn[size:]
        choosing = Ridge(rows[kept], targets[kept], device)
        errors: list[Tensor] = []
        for penalty in penalties:
            raise_if_cancelled(cancelled)
            guess = choosing.predict(rows[aside], penalty)
            errors.append((guess - targets[aside]).square().mean(0))
        best = [penalties[place] for place in torch.stack(errors).argmin(0).tolist()]
    final = Ridge(rows, targets, device)
    guesses: dict[float, Tensor] = {}
    for penalty in sorted(set(best)):
        raise_if_cancelled(cancelled)
        guesses[penalty] = final.predict(queries, penalty) * deviation + middle
    found: dict[str, Reading] = {}
    for place, (one, penalty) in enumerate(zip(group, best, strict=True)):
        asked = one.known[count:]
        truth = one.values[count:][asked].astype(np.float64)
        guess = guesses[penalty][torch.from_numpy(asked), place].numpy()
        mean = np.full(len(truth), float(middle[place]))
        found[one.key] = Reading(
            r_squared(truth, guess), r_squared(truth, mean), penalty, len(truth)
        )
    return found


def _category(
    bank: Tensor,
    queries: Tensor,
    one: Nuisance,
    seed: int,
    device: torch.device | str,
    cancelled: CancelAsked | None,
) -> Reading:
    count = len(bank)
    labels, asked = one.values[:count], one.values[count:]
    probe, _ = linear.chosen(
        bank,
        labels,
        penalties=CATEGORY_PENALTIES,
        validation=VALIDATION,
        seed=seed,
        device=device,
        cancelled=cancelled,
    )
    scores = linear.measure(probe, queries, asked)
    known = asked[asked >= 0]
    most = np.bincount(labels[labels >= 0]).argmax()
    return Reading(scores.top_1, float((known == most).mean()), probe.penalty, len(known))
