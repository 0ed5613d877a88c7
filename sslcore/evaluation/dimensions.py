"""What single dimensions of a projection say about single images.

A dimension has no name; what it answers to is seen in the images for which it is largest. Where
two dimensions correlate, the images with the largest product are those that make them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sslcore.diagnostics import Heatmap, block_starts
from sslcore.evaluation.ranking import Ranking, ranked

VARIANCE_FLOOR = 1e-5
"""Added to a variance before it is divided by, as Barlow Twins does: a constant stays 0."""

Floats = NDArray[np.float32]


def standardised(z: NDArray[Any]) -> Floats:
    """(N, d) projections -> (N, d) with mean 0 and variance 1 per dimension over these images.

    Raises:
        ValueError: for fewer than two images, or numbers that are not finite.
    """
    given = np.asarray(z, np.float64)
    if given.ndim != 2 or len(given) < 2:
        raise ValueError(f"projections of at least two images are needed, got shape {given.shape}")
    if not np.isfinite(given).all():
        raise ValueError("the projections are not finite numbers: the run has diverged")
    centred = given - given.mean(0)
    return (centred / np.sqrt(np.square(centred).mean(0) + VARIANCE_FLOOR)).astype(np.float32)


def strongest(z: Floats, i: int, j: int | None = None, count: int = 12) -> Ranking:
    """Images with the largest z_i, or with the largest z_i * z_j.

    Args:
        z: (N, d) standardised projections.
        i: a dimension.
        j: another one, or the same.
        count: images at most.

    Returns:
        Rows of ``z``, largest first.
    """
    return ranked(z[:, i] if j is None else z[:, i].astype(np.float64) * z[:, j], count)


def strongest_pair(z: Floats, rows: range, columns: range) -> tuple[int, int]:
    """Of all pairs in a block of the matrix, the two dimensions that correlate most, by size.

    Args:
        z: (N, d) standardised projections.
        rows: dimensions of the block; where there is a choice, none is paired with itself.
        columns: others, or the same.
    """
    block = np.abs(z[:, list(rows)].T.astype(np.float64) @ z[:, list(columns)])
    own = np.equal.outer(np.asarray(rows), np.asarray(columns))
    if not own.all():
        block[own] = -1.0
    first, second = np.unravel_index(int(block.argmax()), block.shape)
    return rows[int(first)], columns[int(second)]


def separation(z: Floats, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How far chosen images lie from the others in every dimension.

    The difference of the two means over the deviation within the two groups (pooled), Cohen's d:
    2 means that the groups hardly overlap.

    Args:
        z: (N, d) standardised projections.
        chosen: (N,) flags.

    Returns:
        (d,) signed differences.

    Raises:
        ValueError: unless there are images on both sides.
    """
    if chosen.all() or not chosen.any():
        raise ValueError("a separation needs images that are chosen and images that are not")
    inside, outside = z[chosen].astype(np.float64), z[~chosen].astype(np.float64)
    squares = len(inside) * inside.var(0) + len(outside) * outside.var(0)
    within = np.sqrt(squares / len(z) + VARIANCE_FLOOR)
    return (inside.mean(0) - outside.mean(0)) / within


def agreement(shown: Heatmap) -> tuple[float, float] | None:
    """Mean of the diagonal and root mean square off it, over the full matrix; None if not square.

    Exact for a matrix that is kept as block means too: its deviation was measured on the whole.
    """
    size = len(shown.diagonal)
    if size < 2 or "off-diagonal sd" not in shown.summary:
        return None
    counts = [
        np.diff(np.append(block_starts(full, kept), full)).astype(np.float64)
        for full, kept in zip(shown.shape, shown.values.shape, strict=True)
    ]
    total = float(counts[0] @ shown.values.astype(np.float64) @ counts[1])
    mean = (total - float(shown.diagonal.sum(dtype=np.float64))) / (size * (size - 1))
    deviation = shown.summary["off-diagonal sd"]
    return float(shown.diagonal.mean()), float(np.hypot(mean, deviation))
