"""Fine-tuning: the whole encoder learns the labels, pre-trained or from scratch.

The encoder gets a linear classifier on normalised features, and both are trained on random crops
and flips (SimCLR, arXiv 2002.05709, B.5) with AdamW, a short warm-up and a falling cosine. A
network that was pre-trained and one that starts from scratch go through exactly the same: same
crops, same number of steps, same rates to choose from. The rate is chosen by short trials judged on
a part of the *bank*; the queries are touched once, at the end.

The classifier stands on a batch norm without weights of its own, so that features of any scale
learn alike, and begins at zero, so that the first steps do not tear the encoder apart.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.view import ViewPlan, mixed_seed
from sslcore.data.pool import CancelAsked, Progress
from sslcore.evaluation import features
from sslcore.evaluation.features import Images
from sslcore.evaluation.scores import Scores, class_count, kept_aside, known, scored
from sslcore.evaluation.training_crops import batches, crop_plan
from sslcore.nets.memory_format import channels_last

LEARNING_RATES = (3e-4, 1e-3, 3e-3)
"""Tried unless others are given, the calmest first."""

TRIAL = 0.25
"""Length of a trial relative to the training it decides about."""

BatchNorm = nn.BatchNorm1d | nn.BatchNorm2d

Stepped = Callable[[], None]
"""Called after every step; what it raises ends the training."""


class DivergedError(ValueError):
    """The loss is no number any more."""


@dataclass(frozen=True)
class Training:
    """How a network is trained, the same from every start.

    Attributes:
        image_size: side of a crop in pixels.
        steps: updates at least.
        epochs: passes over the images at least; where they are more updates than ``steps``, they
            count.
        batch_size: images of an update; a bank with fewer is a batch.
        weight_decay: of weights, not of biases and norms.
        warmup: share of the steps in which the rate rises.
        plan: how images vary; None for random crops and flips.
    """

    image_size: int
    steps: int = 300
    batch_size: int = 128
    weight_decay: float = 0.05
    warmup: float = 0.1
    plan: ViewPlan | None = None
    epochs: float = 0.0

    def __post_init__(self) -> None:
        if not self.epochs >= 0:
            raise ValueError(f"epochs = {self.epochs} must be at least 0")
        if self.steps < 1 or self.batch_size < 2:
            raise ValueError(
                f"steps = {self.steps}, batch_size = {self.batch_size}: at least 1 step is needed, "
                "and 2 images, which batch norm compares"
            )

    def of(self, images: int) -> Training:
        """The same for so many images, with ``epochs`` turned into steps."""
        batch = max(2, min(self.batch_size, images))
        return replace(
            self, steps=max(self.steps, math.ceil(self.epochs * images / batch)), epochs=0.0
        )

    def factor(self, step: int) -> float:
        """What the rate is multiplied with at a step, counted from 0."""
        rising = max(1, round(self.warmup * self.steps))
        if step < rising:
            return (step + 1) / rising
        part = (step - rising) / max(1, self.steps - rising)
        return 0.5 * (1 + math.cos(math.pi * part))


@dataclass(frozen=True, eq=False)
class Bank:
    """Labelled images to learn from.

    Attributes:
        store: where they lie.
        rows: (N,) int64 catalogue rows.
        labels: (N,) int64 classes; images with a negative one take no part.
    """

    store: Images
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]


class Classifier(nn.Module):
    """An encoder with its classifier: (B, C, H, W) in [0, 1] -> (B, K) scores.

    Args:
        encoder: gives (B, D); trained in place.
        width: D.
        classes: K.
    """

    def __init__(self, encoder: nn.Module, width: int, classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.norm = nn.BatchNorm1d(width, affine=False)
        self.weight = nn.Parameter(torch.zeros(classes, width))
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, images: Tensor) -> Tensor:
        """Scores of images."""
        return F.linear(self.norm(self.encoder(images)), self.weight, self.bias)


def fit(
    encoder: nn.Module,
    bank: Bank,
    learning_rate: float,
    training: Training,
    *,
    classes: int | None = None,
    seed: int = 0,
    device: torch.device | str = "cpu",
    stepped: Stepped | None = None,
) -> Classifier:
    """Train a copy of an encoder on labelled images.

    Args:
        encoder: images (B, C, H, W) in [0, 1] -> (B, D); left as it is. Parts of it that a method
            holds fast (a momentum teacher) are trained like all others.
        bank: the images.
        learning_rate: of AdamW, at its peak.
        training: everything else.
        classes: K; by default one more than the largest label.
        seed: of order and crops; the same seed gives the same network.
        device: where to compute.
        stepped: called after every step.

    Returns:
        The network in evaluation mode, on the device.

    Raises:
        ValueError: without labels, with one class, or for an encoder that does not take these
            images.
        DivergedError: if the loss ends as no number.
    """
    given, truth = known("bank", bank.labels, len(bank.rows))
    count = class_count(truth, classes)
    rows = np.asarray(bank.rows, np.int64)[given.numpy()]
    training = training.of(len(rows))
    learner = copy.deepcopy(encoder).to(device)
    first = features.extract(
        learner, bank.store, rows[:2], device=device, image_size=training.image_size
    )
    network = Classifier(learner, first.shape[1], count).to(device).train()
    channels_last(network, torch.device(device).type)
    for one in network.parameters():
        one.requires_grad_(one.is_floating_point())
    optimiser = _optimiser(network, training)
    norms = _fresh_norms(network)
    plan = training.plan or crop_plan(training.image_size)
    mixed = mixed_seed(seed, "fine-tuning")
    size = max(2, min(training.batch_size, len(rows)))
    parts = batches(bank.store, rows, truth, plan, size, mixed, device)
    loss = torch.zeros(())
    with torch.enable_grad(), closing(parts):
        for step in range(training.steps):
            images, labels = next(parts)
            for group in optimiser.param_groups:
                group["lr"] = learning_rate * training.factor(step)
            for norm, momentum in norms.items():
                norm.momentum = max(momentum, 1 / (step + 1))
            optimiser.zero_grad()
            loss = F.cross_entropy(network(images), labels)
            loss.backward()
            optimiser.step()
            if stepped is not None:
                stepped()
    if not bool(loss.isfinite()):
        raise DivergedError(
            f"fine-tuning diverged at a learning rate of {learning_rate:g}; lower it, or choose "
            "among calmer ones"
        )
    return network.eval()


def _fresh_norms(network: nn.Module) -> dict[BatchNorm, float]:
    """Batch norms whose running statistics are no statistics yet, with the weight of a batch.

    They start at mean 0 and variance 1 and would need some 30 steps to forget it, longer than a
    trial may be. So their first ten batches count the same.
    """
    return {
        part: part.momentum
        for part in network.modules()
        if isinstance(part, BatchNorm)
        and part.momentum is not None
        and part.num_batches_tracked is not None
        and not int(part.num_batches_tracked)
    }


def _optimiser(network: nn.Module, training: Training) -> torch.optim.Optimizer:
    """AdamW that decays weights, not biases and norms; rates are set before every step."""
    everything = list(network.parameters())
    decaying = [one for one in everything if one.ndim > 1]
    others = [one for one in everything if one.ndim < 2]
    return torch.optim.AdamW(
        [
            {"params": decaying, "weight_decay": training.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=0.0,
    )


def trials(
    make: Callable[[], nn.Module],
    bank: Bank,
    learning_rates: tuple[float, ...],
    training: Training,
    *,
    classes: int | None = None,
    validation: float = 0.15,
    seed: int = 0,
    device: torch.device | str = "cpu",
    stepped: Stepped | None = None,
    cancelled: CancelAsked | None = None,
) -> dict[float, float]:
    """Accuracy of short trainings on a part of the bank that they did not see.

    Args:
        make: the encoder each of them starts from.
        bank: the images.
        learning_rates: to try.
        training: of the network these trials decide about; they are shorter (:data:`TRIAL`).
        classes: K, as in :func:`fit`.
        validation: part of every class that is kept aside.
        seed: of that part, of order and crops.
        device: where to compute.
        stepped: called after every step.
        cancelled: asked while the part kept aside is judged.

    Returns:
        Accuracy by rate, 0 for one that diverged; empty if nothing can be kept aside (one image
        per class) or there is only one rate.

    Raises:
        ValueError: as :func:`fit`.
    """
    given, truth = known("bank", bank.labels, len(bank.rows))
    count = class_count(truth, classes)
    aside = kept_aside(truth, validation, seed)
    if not bool(aside.any()) or len(learning_rates) < 2:
        return {}
    rows = np.asarray(bank.rows, np.int64)[given.numpy()]
    part = Bank(bank.store, rows[~aside.numpy()], truth[~aside].numpy())
    training = training.of(len(rows))
    short = replace(training, steps=trial_steps(training))
    found: dict[float, float] = {}
    for rate in learning_rates:
        try:
            network = fit(
                make(), part, rate, short, classes=count, seed=seed, device=device, stepped=stepped
            )
        except DivergedError:
            found[rate] = 0.0
            continue
        asked = Bank(bank.store, rows[aside.numpy()], truth[aside].numpy())
        found[rate] = measure(network, asked, training.image_size, device, None, cancelled).top_1
    return found


def trial_steps(training: Training) -> int:
    """Steps of a trial for a training whose epochs are steps already (:meth:`Training.of`)."""
    return max(1, round(TRIAL * training.steps))


def measure(
    network: Classifier,
    queries: Bank,
    image_size: int,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Scores:
    """How a network does on whole images.

    Args:
        network: on ``device``.
        queries: images; those with a negative label are not asked.
        image_size: side of a crop it was trained on.
        device: where to compute.
        progress: told (images done, images in all).
        cancelled: asked before every batch.

    Raises:
        ValueError: if no query has a label.
        Cancelled: if called off.
    """
    found = features.extract(
        network,
        queries.store,
        queries.rows,
        device=device,
        progress=progress,
        cancelled=cancelled,
        image_size=image_size,
    )
    return scored(torch.from_numpy(found), queries.labels)
