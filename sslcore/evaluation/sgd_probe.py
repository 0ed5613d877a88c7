"""The linear probe as most papers train it: SGD on random crops, the encoder frozen.

A linear classifier sees a fresh crop of every image at each pass, moved by SGD with momentum on a
falling cosine, without weight decay (MoCo, arXiv 1911.05722; MAE, arXiv 2111.06377, A.1). Features
are normalised by a batch norm without weights of its own, as in MAE: it makes the rate independent
of the scale of the features and is part of the linear map afterwards. All rates are tried at once
on the same features, because the encoder costs nearly everything (DINOv2, arXiv 2304.07193, B.3),
and are judged on a part of the *bank*.

On whole images :mod:`sslcore.evaluation.linear` finds the exact optimum in a fraction of the time;
this one is here to be compared with published figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sslcore.augment.view import ViewPlan, mixed_seed
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation import features, linear
from sslcore.evaluation.features import Images
from sslcore.evaluation.linear import LinearClassifier
from sslcore.evaluation.scores import class_count, kept_aside, known
from sslcore.evaluation.training_crops import batches, crop_plan
from sslcore.evaluation.vectors import as_matrix

LEARNING_RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Tried unless others are given, the calmest first."""

TRIAL = 0.25
"""Length of the trial of all rates relative to the training that follows."""

_MOMENTUM = 0.9
_EPSILON = 1e-6
"""Of the batch norm."""


@dataclass(frozen=True, eq=False)
class SgdProbe(LinearClassifier):
    """A linear classifier on raw features, trained on crops.

    Attributes:
        learning_rate: chosen.
        trials: accuracy on the part kept aside by rate; empty where there was nothing to choose.
    """

    learning_rate: float
    trials: dict[float, float]


def chosen(
    encode: Callable[[Tensor], Tensor],
    store: Images,
    rows: NDArray[np.int64],
    labels: NDArray[np.int64],
    *,
    image_size: int,
    epochs: float = 20.0,
    batch_size: int = 256,
    learning_rates: Sequence[float] = LEARNING_RATES,
    plan: ViewPlan | None = None,
    validation: float = 0.15,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> SgdProbe:
    """Train the probe on a bank of images.

    Args:
        encode: images (B, C, H, W) on ``device`` -> features (B, D); stays as it is.
        store: where the images lie.
        rows: (N,) catalogue rows of the bank.
        labels: (N,) classes of these; images with a negative one take no part.
        image_size: side of a crop in pixels.
        epochs: passes over the bank of the final training; papers take 90 to 100.
        batch_size: images of a step.
        learning_rates: to try; of equally good ones the first is taken.
        plan: how images vary; unless given, random crops and flips.
        validation: part of every class that is kept aside for the choice.
        seed: of that part, of order and crops.
        device: where to compute.
        progress: told (steps done, steps in all).
        cancelled: asked before every step.

    Raises:
        ValueError: without labels, with one class, for numbers that cannot be, or features that
            are not finite.
        Cancelled: if called off.
    """
    if not epochs > 0 or batch_size < 2 or not learning_rates:
        raise ValueError(
            f"epochs = {epochs}, batch_size = {batch_size}, {len(learning_rates)} learning rates: "
            "all must be above 0, and batch norm compares at least 2 images"
        )
    given, truth = known("bank", labels, len(rows))
    count = class_count(truth)
    bank = np.asarray(rows, np.int64)[given.numpy()]
    crops = plan or crop_plan(image_size)
    first = features.extract(encode, store, bank[:2], device=device, image_size=image_size)
    width = first.shape[1]
    aside = kept_aside(truth, validation, seed)
    tries = bool(aside.any()) and len(learning_rates) > 1
    steps = max(1, round(epochs * max(1, len(bank) // batch_size)))
    short = max(1, round(TRIAL * steps)) if tries else 0
    done = 0

    def stepped() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, short + steps)

    def trained(part: Tensor, rates: Sequence[float], length: int) -> list[LinearClassifier]:
        heads = _Heads(rates, count, width, length, device)
        mixed = mixed_seed(seed, "sgd probe", length)
        there = bank[part.numpy()]
        parts = batches(store, there, truth[part], crops, batch_size, mixed, device)
        with closing(parts):
            for _ in range(length):
                raise_if_cancelled(cancelled)
                images, classes = next(parts)
                with torch.no_grad(), features.evaluating(encode):
                    encoded = encode(images)
                heads.step(as_matrix(encoded, "bank features").float(), classes)
                stepped()
        return heads.classifiers()

    trials: dict[float, float] = {}
    if tries:
        found = trained(~aside, learning_rates, short)
        there = bank[aside.numpy()]
        whole = features.extract(
            encode, store, there, batch_size, device, None, cancelled, image_size=image_size
        )
        for rate, one in zip(learning_rates, found, strict=True):
            trials[rate] = linear.measure(one, whole, truth[aside]).top_1
    best = max(trials, key=lambda one: trials[one]) if trials else learning_rates[0]
    (final,) = trained(torch.ones_like(aside), [best], steps)
    return SgdProbe(final.weight, final.bias, final.mean, final.deviation, best, trials)


class _Heads:
    """Classifiers of several rates on one stream of features.

    Args:
        rates: where the cosine of each begins.
        classes: K.
        width: D.
        steps: length of the cosine.
        device: of the features.
    """

    def __init__(
        self,
        rates: Sequence[float],
        classes: int,
        width: int,
        steps: int,
        device: torch.device | str,
    ) -> None:
        self._rates = rates
        self._steps = steps
        self._done = 0
        self._mean = torch.zeros(width, device=device)
        self._variance = torch.ones(width, device=device)
        self._heads = [
            (
                torch.zeros(classes, width, device=device, requires_grad=True),
                torch.zeros(classes, device=device, requires_grad=True),
            )
            for _ in rates
        ]
        groups = [{"params": list(one)} for one in self._heads]
        self._optimiser = torch.optim.SGD(groups, lr=0.0, momentum=_MOMENTUM)

    def step(self, rows: Tensor, truth: Tensor) -> None:
        """One update of every classifier: (B, D) features, (B,) classes."""
        factor = 0.5 * (1 + math.cos(math.pi * self._done / self._steps))
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * factor
        with torch.enable_grad():
            # Features of a frozen encoder do not drift: all batches count the same.
            normed = F.batch_norm(
                rows,
                self._mean,
                self._variance,
                training=True,
                momentum=1 / (self._done + 1),
                eps=_EPSILON,
            )
            # Their sum moves each as its own loss would: no two share a number.
            losses = [F.cross_entropy(F.linear(normed, *one), truth) for one in self._heads]
            self._optimiser.zero_grad()
            torch.stack(losses).sum().backward()
        self._optimiser.step()
        self._done += 1

    def classifiers(self) -> list[LinearClassifier]:
        """One for each rate, the batch norm made part of it."""
        deviation = (self._variance + _EPSILON).sqrt()
        return [
            LinearClassifier(weight.detach(), bias.detach(), self._mean, deviation)
            for weight, bias in self._heads
        ]
