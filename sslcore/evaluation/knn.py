"""Weighted k-nearest-neighbour classification: how well labels follow features, untrained.

The protocol of Wu et al. 2018 (https://arxiv.org/abs/1805.01978, section 3.4): the k bank images
with the highest cosine s vote for their class with weight exp(s / T).
"""

from __future__ import annotations

import torch
from torch import Tensor

from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.vectors import Features, as_matrix

__all__ = ["accuracy", "classify", "nearest"]


def classify(
    bank: Features,
    bank_labels: Features,
    queries: Features,
    k: int = 20,
    temperature: float = 0.1,
) -> Tensor:
    """The class that each query's nearest bank images vote for.

    Args:
        bank: (N, D) features of labelled images.
        bank_labels: (N,) class numbers; rows with a negative one (no label) take no part.
        queries: (Q, D) features to classify.
        k: neighbours that vote; more than there are labelled rows means all of them.
        temperature: T, above 0; small lets only the very nearest count.

    Returns:
        (Q,) int64 on the CPU. Equal cosines: the lower bank row votes; equal votes: the lower
        class number wins.

    Raises:
        ValueError: without any label, for NaN, k below 1, temperature not above 0, or shapes
            that do not fit.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    rows = as_matrix(bank, "bank features")
    labels = _labels(bank_labels, len(rows), "bank_labels").to(rows.device)
    labelled = labels >= 0
    if not bool(labelled.any()):
        raise ValueError("no image of the bank has a label, so nothing can be classified")
    rows, labels = rows[labelled], labels[labelled].cpu()
    neighbours, cosines = nearest(rows, queries, k)
    # Taking the largest cosine out of the exponent leaves the vote as it is and cannot overflow.
    weights = ((cosines - cosines[:, :1]).double() / temperature).exp()
    votes = torch.zeros(len(neighbours), int(labels.max()) + 1, dtype=torch.float64)
    votes.scatter_add_(1, labels[neighbours], weights)
    return votes.argmax(1)


def accuracy(
    bank: Features,
    bank_labels: Features,
    queries: Features,
    query_labels: Features,
    k: int = 20,
    temperature: float = 0.1,
) -> float:
    """Part of the labelled queries that :func:`classify` gets right, 0 to 1.

    Args:
        bank: (N, D) features of labelled images.
        bank_labels: (N,) class numbers, negative for none.
        queries: (Q, D) features to classify.
        query_labels: (Q,) class numbers; queries with a negative one are not asked.
        k: neighbours that vote.
        temperature: of the votes.

    Raises:
        ValueError: as :func:`classify`, or if no query has a label.
    """
    asked = as_matrix(queries, "query features")
    truth = _labels(query_labels, len(asked), "query_labels")
    known = truth >= 0
    if not bool(known.any()):
        raise ValueError("no query has a label, so accuracy cannot be measured")
    predicted = classify(bank, bank_labels, asked[known.to(asked.device)], k, temperature)
    return float((predicted == truth[known]).double().mean())


def _labels(labels: Features, count: int, name: str) -> Tensor:
    """Labels as (N,) int64 on the CPU."""
    numbers = torch.as_tensor(labels).to(torch.int64).cpu()
    if numbers.shape != (count,):
        raise ValueError(
            f"{name} must hold one class per feature row: {tuple(numbers.shape)} for {count} rows"
        )
    return numbers
