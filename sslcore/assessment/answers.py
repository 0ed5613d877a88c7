"""What the features of labelled images are worth: figures of one encoder on one folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.assessment.watch import Watch
from sslcore.evaluation import budgets, clustering, knn, linear, mlp_probe, spectrum
from sslcore.evaluation.budgets import Budget
from sslcore.evaluation.cluster_agreement import agree
from sslcore.evaluation.scores import Scores

STARTS = 5
"""Of k-means."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Features and classes, and what is asked of them.

    Attributes:
        name: of the encoder, for progress.
        learned: (N, D) float32 features to learn from.
        labels: (N,) int64 their classes.
        asked: (Q, D) float32 features of the images asked about.
        truth: (Q,) int64 their classes.
        seed: of everything that is drawn.
        device: where classifiers compute.
        watch: told of progress.
    """

    name: str
    learned: NDArray[np.float32]
    labels: NDArray[np.int64]
    asked: NDArray[np.float32]
    truth: NDArray[np.int64]
    seed: int
    device: torch.device
    watch: Watch

    def neighbours(self, count: int) -> float:
        """Accuracy of the nearest neighbours' vote."""
        return knn.accuracy(self.learned, self.labels, self.asked, self.truth, count)

    def linear(self) -> Scores:
        """A linear classifier solved to convergence on all labels."""
        return self._solved(np.arange(len(self.labels)), self.seed, f"Linear, {self.name}")

    def few(self, wanted: Sequence[Budget], draws: int) -> dict[str, tuple[float, float]]:
        """Top-1 of linear classifiers with few labels, by the budget's title.

        Returns:
            Mean and standard deviation over draws; the deviation of one draw is 0.
        """
        found: dict[str, tuple[float, float]] = {}
        for budget in wanted:
            values = [
                self._solved(
                    budgets.subset(self.labels, budget, self.seed + draw),
                    self.seed + draw,
                    f"{budget.title} of the labels, {self.name}",
                ).top_1
                for draw in range(draws)
            ]
            spread = float(np.std(values, ddof=1)) if draws > 1 else 0.0
            found[budget.title] = float(np.mean(values)), spread
        return found

    def mlp(self) -> float:
        """Top-1 of an MLP."""
        probe = mlp_probe.chosen(
            self.learned,
            self.labels,
            seed=self.seed,
            device=self.device,
            progress=self.watch.stage(f"MLP, {self.name}"),
            cancelled=self.watch.cancelled,
        )
        return mlp_probe.measure(probe, self.asked, self.truth).top_1

    def clusters(self) -> tuple[float, float] | None:
        """NMI and ARI of k-means with as many clusters as classes; None with one class."""
        count = len(np.unique(self.truth))
        if count < 2:
            return None
        made = clustering.k_means(
            clustering.scaled(self.asked),
            count,
            STARTS,
            self.seed,
            self.watch.stage(f"Clusters, {self.name}"),
            self.watch.cancelled,
        )
        scores = agree(self.truth, made.numbers, int(self.truth.max()) + 1).scores
        return scores.nmi, scores.ari

    def effective_rank(self) -> float | None:
        """Of the images asked about; None where there is but one, or all are equal."""
        if len(self.asked) < 2:
            return None
        return spectrum.spectrum(self.asked).effective_rank or None

    def _solved(self, rows: NDArray[np.int64], seed: int, words: str) -> Scores:
        probe, _ = linear.chosen(
            self.learned[rows],
            self.labels[rows],
            seed=seed,
            device=self.device,
            progress=self.watch.stage(words),
            cancelled=self.watch.cancelled,
        )
        return linear.measure(probe, self.asked, self.truth)
