"""Images whose neighbours disagree with their label: perhaps it is the label that is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.data.pool import CancelAsked, Progress
from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.vectors import Features, as_matrix

_CELLS = 1 << 22
"""Votes counted at once."""


@dataclass(frozen=True, eq=False)
class Suspects:
    """Images whose neighbours would rather give them another label.

    Attributes:
        rows: (n,) int64 rows of the features; the largest margin first, equals by lower row.
        margins: (n,) float64 above 0, at most 1: votes for the suggested label less votes for the
            given one, as a part of all votes.
        labels: (n,) int64, given.
        suggested: (n,) int64.
        shares: (n,) float64, part of the votes that the suggested label has.
        asked: how many labelled images were asked.
    """

    rows: NDArray[np.int64]
    margins: NDArray[np.float64]
    labels: NDArray[np.int64]
    suggested: NDArray[np.int64]
    shares: NDArray[np.float64]
    asked: int

    def __len__(self) -> int:
        return len(self.rows)


def mislabelled(
    features: Features,
    labels: Features,
    k: int = 10,
    temperature: float | None = None,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Suspects:
    """Ask the k nearest labelled images of every labelled image for its label.

    Args:
        features: (N, D).
        labels: (N,) class numbers; images with a negative one (no label) neither ask nor answer.
        k: neighbours that vote; cut to the other labelled images.
        temperature: T of weights exp(cosine / T), above 0; None lets every neighbour count the
            same.
        progress: told (images done, images in all).
        cancelled: asked before every chunk.

    Raises:
        ValueError: with fewer than two labelled images, for NaN, shapes that do not fit, k below
            1, or a temperature not above 0.
        Cancelled: if ``cancelled`` said so.
    """
    rows = as_matrix(features, "features")
    numbers = torch.as_tensor(labels).to(torch.int64).cpu()
    if numbers.shape != (len(rows),):
        raise ValueError(
            f"labels must hold one class per feature row: {tuple(numbers.shape)} for {len(rows)} "
            "rows"
        )
    if temperature is not None and not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    labelled = (numbers >= 0).nonzero().squeeze(1)
    if len(labelled) < 2:
        raise ValueError(
            "fewer than two images have a label, so no neighbour can disagree; give the images "
            "classes (sub-folders or a CSV column) first"
        )
    rows = rows[labelled.to(rows.device)]
    own, place = numbers[labelled].unique(return_inverse=True)
    neighbours, cosines = nearest(
        rows, rows, k, exclude_self=True, progress=progress, cancelled=cancelled
    )
    if temperature is None:
        weights = torch.ones_like(cosines, dtype=torch.float64)
    else:
        # Taking the largest cosine out of the exponent leaves the shares as they are.
        weights = ((cosines - cosines[:, :1]).double() / temperature).exp()
    weights /= weights.sum(1, keepdim=True)
    given = torch.empty(len(rows), dtype=torch.float64)
    best = torch.empty(len(rows), dtype=torch.float64)
    other = torch.empty(len(rows), dtype=torch.int64)
    chunk = max(1, _CELLS // len(own))
    for start in range(0, len(rows), chunk):
        part = slice(start, start + chunk)
        votes = torch.zeros(len(rows[part]), len(own), dtype=torch.float64)
        votes.scatter_add_(1, place[neighbours[part]], weights[part])
        mine = place[part, None]
        given[part] = votes.gather(1, mine).squeeze(1)
        votes.scatter_(1, mine, -1.0)
        other[part] = votes.argmax(1)
        best[part] = votes.gather(1, other[part, None]).squeeze(1)
    margins = best - given
    # Ten tenths do not add up to one exactly; what is less than that apart is a draw.
    order = [row for row in _by_margin(margins) if margins[row] > 1e-9]
    chosen = torch.tensor(order, dtype=torch.int64)
    return Suspects(
        labelled[chosen].numpy(),
        margins[chosen].numpy(),
        numbers[labelled[chosen]].numpy(),
        own[other[chosen]].numpy(),
        best[chosen].numpy(),
        len(labelled),
    )


def _by_margin(margins: torch.Tensor) -> list[int]:
    """Rows by falling margin, equals (but for rounding) by lower row."""
    return torch.argsort(margins.round(decimals=9), descending=True, stable=True).tolist()
