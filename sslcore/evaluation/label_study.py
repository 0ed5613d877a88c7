"""A few-label study as a list of things to measure: what learns, from what, from how many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sslcore.evaluation import budgets, finetune, linear, mlp_probe
from sslcore.evaluation.budgets import Budget
from sslcore.evaluation.features import Images
from sslcore.evaluation.finetune import Bank
from sslcore.evaluation.scores import class_count, known
from sslcore.evaluation.vectors import as_matrix

Readout = Literal["linear", "mlp", "fine_tuning"]
READOUTS: tuple[Readout, ...] = ("linear", "mlp", "fine_tuning")
NETWORK = "network"
"""Layer of fine-tuning: all of them."""


@dataclass(frozen=True, eq=False)
class Frozen:
    """Features of one encoder at one layer, to be read out as they are.

    Attributes:
        start: name of the encoder ("trained", "untrained").
        layer: "features" (h) or "projection" (z).
        bank: (N, D) of the images to learn from.
        queries: (Q, D) of the images that are asked.
        readouts: of those asked for, which read it; all but where that would take too long.
    """

    start: str
    layer: str
    bank: NDArray[np.float32]
    queries: NDArray[np.float32]
    readouts: tuple[Readout, ...] = ("linear", "mlp")


@dataclass(frozen=True, eq=False)
class Network:
    """Where fine-tuning starts.

    Attributes:
        start: name of the encoder; from "untrained" it is supervised learning from scratch.
        make: the encoder for a seed, (B, C, H, W) in [0, 1] -> (B, D); a copy of it is trained.
        fresh: whether it has other weights for every seed.
    """

    start: str
    make: Callable[[int], nn.Module]
    fresh: bool = False


@dataclass(frozen=True, eq=False)
class Redraw:
    """A frozen encoder that has other weights for every seed: one that was never trained.

    Its features for seed 0 are those of ``Study.frozen``.

    Attributes:
        start: name of the encoder.
        make: the encoder for a seed, (B, C, H, W) in [0, 1] -> (B, D_1 + D_2 + ...): its layers
            side by side, in the order in which ``Study.frozen`` has them.
    """

    start: str
    make: Callable[[int], Callable[[Tensor], Tensor]]


@dataclass(frozen=True, eq=False)
class Pictures:
    """The images themselves, for fine-tuning and for encoders that are drawn anew.

    Attributes:
        store: where they lie.
        bank: (N,) int64 catalogue rows of those to learn from.
        queries: (Q,) int64 of those that are asked.
        training: how networks are trained on them.
        learning_rates: of which the best is taken, the calmest first.
    """

    store: Images
    bank: NDArray[np.int64]
    queries: NDArray[np.int64]
    training: finetune.Training
    learning_rates: tuple[float, ...] = finetune.LEARNING_RATES


@dataclass(frozen=True)
class Settings:
    """What is asked.

    Attributes:
        budgets: of labels.
        seeds: repetitions; each draws other images and begins from other weights.
        readouts: of frozen features.
        validation: part of every budget on which settings are chosen.
        mlp: how MLPs are trained.
    """

    budgets: tuple[Budget, ...] = (Budget(part=0.01), Budget(part=0.1), Budget(part=1.0))
    seeds: int = 3
    readouts: tuple[Readout, ...] = ("linear", "mlp")
    validation: float = 0.15
    mlp: mlp_probe.Training = field(
        default_factory=lambda: mlp_probe.Training(steps=400, hidden=512)
    )

    def __post_init__(self) -> None:
        if self.seeds < 1 or not self.budgets:
            raise ValueError("a few-label study needs at least one seed and one label budget")
        if not 0 < self.validation < 1:
            raise ValueError(f"validation = {self.validation} must be above 0 and below 1")


@dataclass(frozen=True)
class Line:
    """One thing to measure, for all seeds.

    Attributes:
        budget: labels that may be seen.
        start: name of the encoder.
        readout: what reads the classes.
        layer: of what; :data:`NETWORK` for fine-tuning.
    """

    budget: Budget
    start: str
    readout: Readout
    layer: str


@dataclass(frozen=True, eq=False)
class Study:
    """Everything a few-label study works on; checked when it is made.

    Attributes:
        bank_labels: (N,) classes of the images to learn from, negative for none.
        query_labels: (Q,) classes of the images that are asked.
        frozen: features to read out.
        networks: starts of fine-tuning.
        pictures: needed for fine-tuning and for ``redraw``.
        settings: what is asked.
        names: of the classes, for remarks.
        device: where to compute.
        tagged: (T,) int64 places in the bank of the images a person picked, for that budget.
        redraw: encoder whose frozen features are others for every seed.

    Raises:
        ValueError: without labels or with one class, for features that are not finite or whose
            sizes do not fit, or if there is nothing to measure; the message says what to do.
    """

    bank_labels: NDArray[np.int64]
    query_labels: NDArray[np.int64]
    frozen: Sequence[Frozen] = ()
    networks: Sequence[Network] = ()
    pictures: Pictures | None = None
    settings: Settings = field(default_factory=Settings)
    names: Sequence[str] = ()
    device: torch.device | str = "cpu"
    tagged: NDArray[np.int64] | None = None
    redraw: Redraw | None = None

    def __post_init__(self) -> None:
        class_count(known("bank", self.bank_labels, len(self.bank_labels))[1])
        known("queries", self.query_labels, len(self.query_labels))
        for one in self.frozen:
            self._check(one)
        if (self.networks or self.redraw) and self.pictures is None:
            raise ValueError("fine-tuning needs the images themselves, not only their features")
        for budget in self.settings.budgets:
            if budget.tagged:
                class_count(torch.from_numpy(self.bank_labels[self.subset(budget, 0)]))
        if self.pictures is not None:
            known("bank", self.bank_labels, len(self.pictures.bank))
            known("queries", self.query_labels, len(self.pictures.queries))
        if not self.lines:
            raise ValueError(
                "nothing to measure: choose a readout of frozen features, or fine-tuning"
            )

    def _check(self, one: Frozen) -> None:
        name = f"{one.start} {one.layer}"
        bank = as_matrix(one.bank, f"{name} of the bank")
        queries = as_matrix(one.queries, f"{name} of the queries")
        known("bank", self.bank_labels, len(bank))
        known("queries", self.query_labels, len(queries))
        if bank.shape[1] != queries.shape[1]:
            raise ValueError(
                f"{name}: {bank.shape[1]} numbers for an image of the bank, {queries.shape[1]} for "
                "a query; embed both with the same encoder"
            )

    @property
    def classes(self) -> int:
        """K."""
        return class_count(known("bank", self.bank_labels, len(self.bank_labels))[1])

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What is measured, the cheapest of each budget first."""
        found: list[Line] = []
        for budget in self.settings.budgets:
            for readout in self.settings.readouts:
                found += [
                    Line(budget, one.start, readout, one.layer)
                    for one in self.frozen
                    if readout in one.readouts
                ]
            found += [Line(budget, one.start, "fine_tuning", NETWORK) for one in self.networks]
        return tuple(found)

    def subset(self, budget: Budget, seed: int) -> NDArray[np.int64]:
        """Places in the bank that show their label."""
        return budgets.subset(self.bank_labels, budget, seed, self.tagged)

    def draws(self, budget: Budget) -> bool:
        """Whether seeds learn from different images: not all of them, nor those picked by hand."""
        first = self.subset(budget, 0)
        return any(
            not np.array_equal(self.subset(budget, seed), first)
            for seed in range(1, self.settings.seeds)
        )

    def fresh(self, line: Line) -> bool:
        """Whether seeds begin from different weights of the encoder."""
        if line.readout == "fine_tuning":
            return self.network_of(line).fresh
        return self.redraw is not None and self.redraw.start == line.start

    @property
    def redrawn(self) -> tuple[Frozen, ...]:
        """Layers of the encoder that is drawn anew."""
        start = None if self.redraw is None else self.redraw.start
        return tuple(one for one in self.frozen if one.start == start)

    def frozen_of(self, line: Line) -> Frozen:
        """The features of a line."""
        return next(
            one for one in self.frozen if (one.start, one.layer) == (line.start, line.layer)
        )

    def network_of(self, line: Line) -> Network:
        """The start of a line."""
        return next(one for one in self.networks if one.start == line.start)

    def bank_of(self, places: NDArray[np.int64]) -> Bank:
        """Images of the bank for fine-tuning."""
        assert self.pictures is not None
        return Bank(self.pictures.store, self.pictures.bank[places], self.bank_labels[places])

    def steps(self, line: Line, labels: int) -> int:
        """Steps of a network's training on so many labels; 0 of a readout."""
        if line.readout != "fine_tuning":
            return 0
        assert self.pictures is not None
        return self.pictures.training.of(labels).steps

    def rounds(self, line: Line) -> int:
        """Steps of all seeds of a line, trials and trainings; fits where nothing has steps."""
        total = 0
        for seed in range(self.settings.seeds):
            labels = self.bank_labels[self.subset(line.budget, seed)]
            chooses = bool((np.unique(labels, return_counts=True)[1] > 1).any())
            total += self._rounds(line.readout, chooses, len(labels))
        return total

    def _rounds(self, readout: Readout, chooses: bool, labels: int) -> int:
        if readout == "linear":
            return len(linear.PENALTIES) * chooses + 1
        if readout == "mlp":
            training, short = self.settings.mlp, mlp_probe.trial_steps(self.settings.mlp)
            return training.steps + short * len(mlp_probe.SETTINGS) * chooses
        assert self.pictures is not None
        training = self.pictures.training.of(labels)
        short = finetune.trial_steps(training)
        rates = len(self.pictures.learning_rates)
        return training.steps + short * rates * (chooses and rates > 1)
