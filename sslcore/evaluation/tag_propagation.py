"""Which untagged images lie nearest to tagged ones in feature space: candidates for the tag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sslcore.data.pool import Cancelled
from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.vectors import Features, as_matrix

_CHUNK = 8192
"""Images asked between two questions whether to go on."""

Positions = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Images that may deserve a tag, the most similar first.

    Attributes:
        positions: (M,) int64, which rows of the features.
        cosines: (M,) float32, descending: to the nearest tagged image.
        sources: (M,) int64, position of that tagged image.
    """

    positions: Positions
    cosines: NDArray[np.float32]
    sources: Positions

    def __len__(self) -> int:
        return len(self.positions)


def candidates(
    features: Features,
    tagged: Positions,
    *,
    barred: Positions | None = None,
    threshold: float = -1.0,
    most: int | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Candidates:
    """Rank untagged images by their cosine to the nearest tagged one, exactly.

    Args:
        features: (N, D) finite numbers.
        tagged: (T,) positions that carry the tag.
        barred: (B,) positions that are not to be offered, such as those with another tag.
        threshold: smallest cosine of a candidate, -1 to 1.
        most: how many candidates at most.
        cancelled: asked often; True calls the search off.

    Returns:
        The candidates; equal cosines in order of position, and of equally near tagged images the
        first one is the source.

    Raises:
        ValueError: without a tagged image, for positions out of range, NaN, or ``most`` below 1.
        Cancelled: if called off.
    """
    rows = as_matrix(features, "features")
    sources = np.unique(_positions(tagged, len(rows), "tagged"))
    if not len(sources):
        raise ValueError("no image carries the tag, so nothing is near to it")
    if most is not None and most < 1:
        raise ValueError(f"most must be at least 1, got {most}")
    hidden = np.zeros(len(rows), bool)
    hidden[sources] = True
    if barred is not None:
        hidden[_positions(barred, len(rows), "barred")] = True
    asked = np.flatnonzero(~hidden)
    bank = rows[sources]
    near, cosines = np.zeros(len(asked), np.int64), np.zeros(len(asked), np.float32)
    for start in range(0, len(asked), _CHUNK):
        if cancelled is not None and cancelled():
            raise Cancelled("the search for candidates was called off")
        part = slice(start, start + _CHUNK)
        found, values = nearest(bank, rows[asked[part]], 1)
        near[part], cosines[part] = found[:, 0].numpy(), values[:, 0].numpy()
    order = np.argsort(-cosines, kind="stable")
    order = order[cosines[order] >= threshold][:most]
    return Candidates(asked[order], cosines[order], sources[near[order]])


def _positions(given: Positions, count: int, name: str) -> Positions:
    found = np.asarray(given, np.int64).reshape(-1)
    beyond = found[(found < 0) | (found >= count)]
    if len(beyond):
        raise ValueError(f"{name} must name rows of the {count} features, got {beyond[0]}")
    return found
