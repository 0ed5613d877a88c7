"""MLP readout: how well a small network, not only a line, reads classes from frozen features.

One hidden layer with batch norm and ReLU, dropout before both linear layers: the classifier of
AMDIM (Bachman et al. 2019, https://arxiv.org/abs/1906.00910; 1,024 units, dropout .2). Features are
standardised over the bank. AdamW moves the weights for a fixed number of steps while the rate falls
on a cosine. Learning rate and weight decay are chosen early, by short trials judged on a part of
the *bank*; the queries are touched once, at the end.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from sslcore.augment.view import mixed_seed
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.linear import SMALLEST_DEVIATION
from sslcore.evaluation.scores import Scores, class_count, kept_aside, labelled, scored
from sslcore.evaluation.vectors import Features, as_matrix
from sslcore.nets.mode import evaluating


@dataclass(frozen=True)
class Setting:
    """One pair of numbers that a trial judges.

    Attributes:
        learning_rate: of AdamW, where the cosine begins.
        weight_decay: of the two weight matrices.
    """

    learning_rate: float
    weight_decay: float


SETTINGS = tuple(Setting(*one) for one in itertools.product((1e-3, 4e-3), (1e-1, 1e-2)))
"""Tried unless others are given: the calmest first."""

TRIAL = 0.25
"""Length of a trial relative to the training it decides about."""

_CHUNK = 4096  # queries judged at once


@dataclass(frozen=True)
class Training:
    """What is the same for every setting.

    Attributes:
        steps: updates.
        batch_size: rows of an update; a bank with fewer is a batch.
        hidden: units of the hidden layer.
        dropout: share of numbers that are left out before each layer.
    """

    steps: int = 1000
    batch_size: int = 256
    hidden: int = 1024
    dropout: float = 0.2

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch_size < 2:
            raise ValueError(
                f"steps = {self.steps}, batch_size = {self.batch_size}: at least 1 step is needed, "
                "and 2 rows, which batch norm compares"
            )
        if self.hidden < 1 or not 0 <= self.dropout < 1:
            raise ValueError(
                f"hidden = {self.hidden}, dropout = {self.dropout}: at least 1 unit is needed, and "
                "a dropout of at least 0 and below 1"
            )


class Mlp(nn.Module):
    """(B, D) standardised features -> (B, K) scores; draws nothing from torch's own generator.

    A training of a run may be going on in another thread, and that generator is its.

    Args:
        inputs, hidden, outputs: D, width of the hidden layer, K.
        dropout: share of numbers that are left out before each layer, in training.
        generator: of the CPU, for weights and dropout.
    """

    def __init__(
        self, inputs: int, hidden: int, outputs: int, dropout: float, generator: Generator
    ) -> None:
        super().__init__()
        self.first = _weights(hidden, inputs, generator)
        self.norm = nn.BatchNorm1d(hidden)
        self.second = _weights(outputs, hidden, generator)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self._dropout = dropout
        self._generator = generator

    def forward(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, K)."""
        hidden = F.relu(self.norm(F.linear(self._thinned(features), self.first)))
        return F.linear(self._thinned(hidden), self.second, self.bias)

    def _thinned(self, rows: Tensor) -> Tensor:
        """Dropout, by whole 256ths.

        Eight decisions are read out of each number drawn: drawing one a decision would take as
        long as all the arithmetic.
        """
        cut = round(256 * self._dropout)
        if not self.training or not cut:
            return rows
        raw = torch.empty(-(-rows.numel() // 8), dtype=torch.int64)
        raw.random_(-(2**63), None, generator=self._generator)
        kept = raw.view(torch.uint8)[: rows.numel()].view(rows.shape) >= cut
        return rows * kept.to(rows).mul_(256 / (256 - cut))


def _weights(outputs: int, inputs: int, generator: Generator) -> nn.Parameter:
    """As nn.Linear draws them: uniform within 1 / sqrt(inputs)."""
    bound = 1 / math.sqrt(inputs)
    drawn = torch.rand(outputs, inputs, generator=generator)
    return nn.Parameter((2 * drawn - 1) * bound)


@dataclass(frozen=True, eq=False)
class MlpProbe:
    """A trained classifier on raw features.

    Attributes:
        network: of standardised features, in evaluation mode, on its device.
        mean, deviation: (D,) float32 of the bank.
        setting: chosen.
        trials: accuracy on the part kept aside by setting; empty where there was nothing to choose.
    """

    network: Mlp
    mean: Tensor
    deviation: Tensor
    setting: Setting
    trials: dict[Setting, float] = field(default_factory=dict[Setting, float])

    def scores(self, features: Features) -> Tensor:
        """(N, D) raw features -> (N, K) scores, on the device of the probe.

        Raises:
            ValueError: if features have another length than the bank's.
        """
        rows = as_matrix(features, "features")
        if rows.shape[1] != len(self.mean):
            raise ValueError(
                f"features of {rows.shape[1]} numbers, the probe was fitted on "
                f"{len(self.mean)}; embed both with the same encoder"
            )
        with evaluating(self.network):
            parts = [
                self.network((part.to(self.mean) - self.mean) / self.deviation)
                for part in rows.split(_CHUNK)
            ]
        return torch.cat(parts)


def fit(
    features: Features,
    labels: Features,
    setting: Setting,
    training: Training = Training(),
    *,
    classes: int | None = None,
    seed: int = 0,
    device: torch.device | str = "cpu",
    stepped: Callable[[], None] | None = None,
) -> MlpProbe:
    """Train an MLP on a bank.

    Args:
        features: (N, D) raw features of labelled and unlabelled images.
        labels: (N,) class numbers; rows with a negative one take no part.
        setting: learning rate and weight decay.
        training: everything else.
        classes: K; by default one more than the largest label.
        seed: of weights, order and dropout; the same seed gives the same probe.
        device: where to compute.
        stepped: called after every step; what it raises ends the training.

    Raises:
        ValueError: for features that cannot be scored or fewer than two classes.
    """
    rows, truth = labelled(features, labels, "bank")
    count = class_count(truth, classes)
    x, y = rows.to(device, torch.float32), truth.to(device)
    mean, deviation = x.mean(0), x.std(0, unbiased=False)
    deviation = torch.where(deviation > SMALLEST_DEVIATION, deviation, 1.0)
    x = (x - mean) / deviation
    generator = Generator().manual_seed(mixed_seed(seed, "mlp probe"))
    network = (
        Mlp(x.shape[1], training.hidden, count, training.dropout, generator).to(device).train()
    )
    decaying = [network.first, network.second]
    others = [one for one in network.parameters() if one.ndim == 1]
    optimiser = torch.optim.AdamW(
        [
            {"params": decaying, "weight_decay": setting.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=setting.learning_rate,
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, training.steps)
    size = min(training.batch_size, len(x))
    order = torch.empty(0, dtype=torch.int64)
    with torch.enable_grad():
        for _ in range(training.steps):
            if len(order) < size:  # a last batch that would not be full is left out
                order = torch.randperm(len(x), generator=generator)
            chosen, order = order[:size].to(device), order[size:]
            optimiser.zero_grad()
            F.cross_entropy(network(x[chosen]), y[chosen]).backward()
            optimiser.step()
            schedule.step()
            if stepped is not None:
                stepped()
    return MlpProbe(network.eval(), mean, deviation, setting)


def chosen(
    features: Features,
    labels: Features,
    *,
    settings: Sequence[Setting] = SETTINGS,
    training: Training = Training(),
    validation: float = 0.15,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> MlpProbe:
    """The MLP with the setting that does best in short trials on a part of the bank.

    Args:
        features: (N, D) bank.
        labels: (N,) class numbers, negative for none.
        settings: to try; of equally good ones the first is taken.
        training: of the final network, on the whole bank.
        validation: part of every class that is kept aside for the choice.
        seed: of that part, and of every training.
        device: where to compute.
        progress: told (steps done, steps in all).
        cancelled: asked before every step.

    Returns:
        The probe. A bank too small to keep anything aside (one image per class) takes the first
        setting.

    Raises:
        ValueError: as :func:`fit`.
        Cancelled: if called off.
    """
    rows, truth = labelled(features, labels, "bank")
    tries = bool(kept_aside(truth, validation, seed).any()) and len(settings) > 1
    total = len(settings) * trial_steps(training) * tries + training.steps
    done = 0

    def stepped() -> None:
        nonlocal done
        raise_if_cancelled(cancelled)
        done += 1
        if progress is not None:
            progress(done, total)

    raise_if_cancelled(cancelled)
    found = trials(
        rows,
        truth,
        settings=settings,
        training=training,
        validation=validation,
        seed=seed,
        device=device,
        stepped=stepped,
    )
    best = max(found, key=lambda one: found[one]) if found else settings[0]
    return replace(
        fit(rows, truth, best, training, seed=seed, device=device, stepped=stepped), trials=found
    )


def trials(
    features: Features,
    labels: Features,
    *,
    settings: Sequence[Setting] = SETTINGS,
    training: Training = Training(),
    classes: int | None = None,
    validation: float = 0.15,
    seed: int = 0,
    device: torch.device | str = "cpu",
    stepped: Callable[[], None] | None = None,
) -> dict[Setting, float]:
    """Accuracy of short trainings on a part of the bank that they did not see.

    Args:
        features: (N, D) bank.
        labels: (N,) class numbers, negative for none.
        settings: to try.
        training: of the network these trials decide about; they are shorter (:data:`TRIAL`).
        classes: K, as in :func:`fit`.
        validation: part of every class that is kept aside.
        seed: of that part, and of every training.
        device: where to compute.
        stepped: called after every step; what it raises ends the work.

    Returns:
        Accuracy by setting; empty if nothing can be kept aside (one image per class) or there is
        only one setting.

    Raises:
        ValueError: as :func:`fit`.
    """
    rows, truth = labelled(features, labels, "bank")
    count = class_count(truth, classes)
    aside = kept_aside(truth, validation, seed)
    if not bool(aside.any()) or len(settings) < 2:
        return {}
    there = (~aside).to(rows.device)
    short = replace(training, steps=trial_steps(training))
    found: dict[Setting, float] = {}
    for setting in settings:
        probe = fit(
            rows[there],
            truth[~aside],
            setting,
            short,
            classes=count,
            seed=seed,
            device=device,
            stepped=stepped,
        )
        found[setting] = measure(probe, rows[~there], truth[aside]).top_1
    return found


def trial_steps(training: Training) -> int:
    """Steps of a trial."""
    return max(1, round(TRIAL * training.steps))


def measure(probe: MlpProbe, features: Features, labels: Features) -> Scores:
    """How a probe does on queries, as :func:`sslcore.evaluation.linear.measure`."""
    return scored(probe.scores(features), labels)
