"""What a classifier gets right on queries, and the labelled images that classifiers learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.evaluation.vectors import Features, as_matrix


@dataclass(frozen=True, eq=False)
class Scores:
    """What a classifier gets right.

    Attributes:
        top_1: part of the queries whose highest score is their class.
        top_5: part whose class is among the five highest scores (or among all, with fewer).
        per_class: (K,) float64, part of each class that is found; NaN for classes never asked.
        confusion: (K, K) int64 counts, row = true class, column = predicted.
        asked: (M,) int64 rows of the queries that have a label.
        truth: (M,) int64 classes of these.
        predicted: (M,) int64 classes they were taken for.
    """

    top_1: float
    top_5: float
    per_class: NDArray[np.float64]
    confusion: NDArray[np.int64]
    asked: NDArray[np.int64]
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]

    @property
    def wrong(self) -> NDArray[np.int64]:
        """Rows of the queries that were taken for another class."""
        return self.asked[self.predicted != self.truth]

    def cell(self, true: int, predicted: int) -> NDArray[np.int64]:
        """Rows of the queries of one class that were taken for another (or for their own)."""
        return self.asked[(self.truth == true) & (self.predicted == predicted)]


def scored(scores: Tensor, labels: Features) -> Scores:
    """Judge the scores of queries.

    Args:
        scores: (N, K), higher is likelier; equal ones: the lower class number wins.
        labels: (N,) class numbers; queries with a negative one are not asked. A class of K or
            above, which the classifier does not know, counts as not found.

    Raises:
        ValueError: if shapes do not fit or no query has a label.
    """
    given, truth = known("queries", labels, len(scores))
    rows = scores.detach().cpu()[given]
    count = max(rows.shape[1], int(truth.max()) + 1)
    guess = rows.argmax(1)
    best = rows.topk(min(5, rows.shape[1]), 1).indices
    pairs = torch.bincount(truth * count + guess, minlength=count**2)
    confusion = pairs.reshape(count, count).numpy().astype(np.int64)
    asked = confusion.sum(1)
    per_class = np.full(count, np.nan)
    np.divide(confusion.diagonal(), asked, out=per_class, where=asked > 0)
    return Scores(
        top_1=float((guess == truth).double().mean()),
        top_5=float((best == truth[:, None]).any(1).double().mean()),
        per_class=per_class,
        confusion=confusion,
        asked=given.numpy(),
        truth=truth.numpy(),
        predicted=guess.numpy(),
    )


def known(name: str, labels: Features, count: int) -> tuple[Tensor, Tensor]:
    """Which of ``count`` images have a label: (M,) int64 rows, (M,) int64 classes, on the CPU.

    Raises:
        ValueError: if there is not one label for each, or none has one; the message names the
            images and says what can still be done.
    """
    numbers = torch.as_tensor(labels).to(torch.int64).cpu()
    if numbers.shape != (count,):
        raise ValueError(
            f"{name}: {count} images need as many labels, got shape {tuple(numbers.shape)}"
        )
    rows = (numbers >= 0).nonzero()[:, 0]
    if not len(rows):
        raise ValueError(
            f"{name}: no image has a label; sub-folders as classes or a CSV with a column 'label' "
            "give some. Without labels, view retrieval, spread and rank can still be measured"
        )
    return rows, numbers[rows]


def labelled(features: Features, labels: Features, name: str) -> tuple[Tensor, Tensor]:
    """The rows that have a label, and their classes: (M, D) on their device, (M,) int64 on the CPU.

    Raises:
        ValueError: if features cannot be scored, shapes do not fit, or no row has a label.
    """
    rows = as_matrix(features, f"{name} features")
    given, truth = known(name, labels, len(rows))
    return rows[given.to(rows.device)], truth


def class_count(truth: Tensor, count: int | None = None) -> int:
    """K of a bank with these (M,) classes.

    Args:
        truth: class numbers, none of them negative.
        count: K where the bank may lack the last classes; by default one more than the largest.

    Raises:
        ValueError: if all are of one class.
    """
    if len(truth.unique()) < 2:
        raise ValueError(
            "all labelled images of the bank are of one class, so there is nothing to tell apart; "
            "give labels of at least two classes"
        )
    return int(truth.max()) + 1 if count is None else count


def kept_aside(truth: Tensor, part: float, seed: int) -> Tensor:
    """Images on which settings are chosen, so that the queries need not be looked at.

    Args:
        truth: (M,) class numbers.
        part: of every class.
        seed: of the draw.

    Returns:
        (M,) bool: the same part of every class, at least one image but never all of a class.
    """
    generator = torch.Generator().manual_seed(seed)
    aside = torch.zeros(len(truth), dtype=torch.bool)
    for one in truth.unique():
        rows = (truth == one).nonzero()[:, 0]
        count = min(max(round(part * len(rows)), 1), len(rows) - 1)
        aside[rows[torch.randperm(len(rows), generator=generator)[:count]]] = True
    return aside
