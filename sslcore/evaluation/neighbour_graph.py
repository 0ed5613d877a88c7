"""What UMAP and t-SNE begin with: exact neighbours of every point, and where points set out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.projection_settings import Metric
from sslcore.evaluation.vectors import unit

Report = Callable[[float, str], None]
"""Told (part done 0 to 1, what is being done)."""
FEWEST = 4
"""Different points below which there is no neighbourhood graph to lay out."""
PART = 0.2
"""Of the whole work, as far as it is told."""
_BLOCK = 4096
"""Points whose neighbours are searched between two words of progress."""


def neighbours(
    matrix: Tensor, size: int, metric: Metric, report: Report
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Nearest points of every point, exactly; each is its own first, as the libraries expect.

    Args:
        matrix: (N, D).
        size: how many, itself among them; at most N.
        metric: a cosine distance is 1 - cosine.
        report: told after every block.

    Returns:
        (N, size) rows and their distances, ascending.
    """
    count = len(matrix)
    rows = np.zeros((count, size), np.int32)
    distances = np.zeros((count, size), np.float32)
    rows[:, 0] = np.arange(count)
    for start in range(0, count, _BLOCK):
        report(PART * start / count, "finding neighbours")
        stop = min(start + _BLOCK, count)
        own = torch.arange(start, stop)
        found, values = nearest(matrix, matrix[start:stop], size - 1, metric=metric, exclude=own)
        far = 1 - values if metric == "cosine" else values
        rows[start:stop, 1:] = found.numpy()
        distances[start:stop, 1:] = far.clamp_min(0).numpy()
    return rows, distances


def too_few(matrix: Tensor, metric: Metric) -> str:
    """Why there is no graph to lay out, or "" if there is one."""
    count, found = len(matrix), different(matrix, metric)
    if found >= FEWEST:
        return ""
    if found < count:
        return f"{count} images have only {found} different feature vectors"
    return f"there are only {count} images"


def different(matrix: Tensor, metric: Metric) -> int:
    """How many rows differ as the metric sees them; counted up to FEWEST."""
    if metric == "cosine":
        rows = unit(matrix)
    else:
        rows = matrix - matrix.mean(0)
        rows = rows / rows.abs().max().clamp_min(torch.finfo(rows.dtype).tiny)
    found = 0
    while len(rows) and found < FEWEST:
        rows = rows[(rows - rows[0]).abs().amax(1) > 1e-6]
        found += 1
    return found


def jittered(points: NDArray[np.float32], random: np.random.RandomState) -> NDArray[np.float32]:
    """Starting points a little apart, so that duplicates can part and no axis has length zero."""
    reach = float(np.abs(points).max()) or 1.0
    noise = random.normal(scale=1e-4 * reach, size=points.shape)
    return (points + noise).astype(np.float32)
