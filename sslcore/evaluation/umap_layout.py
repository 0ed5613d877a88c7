"""The UMAP computation itself. Runs in the child process only: it imports umap and compiles.

McInnes et al. 2018 (https://arxiv.org/abs/1802.03426) as umap-learn implements it, with two
choices of ours: neighbours are exact, and points start from PCA (or from the map before), which
keeps the large-scale picture (Kobak and Linderman 2021, https://doi.org/10.1038/s41587-020-00809-z)
and cannot fail on a graph in pieces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from umap import layouts, umap_
from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding

from sslcore.evaluation.faithfulness import Faithfulness, faithfulness
from sslcore.evaluation.neighbours import Metric, nearest
from sslcore.evaluation.projection import align, pca
from sslcore.evaluation.vectors import as_matrix, unit

Report = Callable[[float, str], None]
FEWEST = 4
"""Different points below which there is no neighbourhood graph to lay out."""
_BLOCK = 4096
"""Points whose neighbours are searched between two words of progress."""

_COMPILED = (
    (umap_, "smooth_knn_dist"),
    (umap_, "compute_membership_strengths"),
    (layouts, "_nb_optimize_layout_euclidean_single_epoch"),
)
"""What a map compiles besides what umap itself keeps on disk."""


def keep_compiled() -> None:
    """Have numba keep on disk what umap would compile anew in every process (about 5 s)."""
    for module, name in _COMPILED:
        # Another version of umap may name it otherwise; then it is compiled every time.
        enable = getattr(getattr(module, name, None), "enable_caching", None)
        if enable is not None:
            enable()


@dataclass(frozen=True)
class Settings:
    """What a layout depends on besides the features; see :class:`umap_server.Umap`."""

    n_neighbors: int
    min_dist: float
    metric: Metric
    seed: int
    dimensions: int
    epochs: int | None


@dataclass(frozen=True)
class Layout:
    """(N, d) float32 points, how they came about, and how far they can be believed."""

    points: NDArray[np.float32]
    kind: str
    note: str
    faith: Faithfulness


class _Epochs:
    """A text stream for the optimiser's progress bar, which turns its "n/total" into a report."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def write(self, text: str) -> None:
        """One refresh of the bar."""
        found = re.search(r"(\d+)/(\d+)", text)
        if found is not None:
            done, total = int(found[1]), int(found[2])
            self._report(0.25 + 0.65 * done / total, f"placing points, epoch {done} of {total}")

    def flush(self) -> None:
        """Nothing is held back."""


def lay_out(
    features: NDArray[np.float32],
    settings: Settings,
    report: Report,
    initial: NDArray[np.float32] | None = None,
) -> Layout:
    """Features as points of a map.

    Args:
        features: (N, D) finite.
        settings: of the layout.
        report: told (part done 0 to 1, what is being done).
        initial: (N, d) points to start from; the result is then laid onto them.

    Returns:
        The layout; by PCA, with the reason in its note, where UMAP has nothing to work with.
    """
    matrix = as_matrix(features, "features")
    report(0.0, "drawing PCA")
    start = pca(features, settings.dimensions)
    count, different = len(matrix), _different(matrix, settings.metric)
    if different < FEWEST:
        note = (
            f"{count} images have only {different} different feature vectors"
            if different < count
            else f"there are only {count} images"
        )
        faith = faithfulness(features, start, settings.n_neighbors, settings.metric)
        return Layout(start, "pca", f"PCA instead of UMAP: {note}", faith)
    note, size = "", settings.n_neighbors
    if size >= count:
        size = count - 1
        note = f"{settings.n_neighbors} neighbours were asked for, {count} images allow {size}"
    rows, distances = _neighbours(matrix, size, settings.metric, report)
    report(0.2, "building the neighbourhood graph")
    random = np.random.RandomState(settings.seed)
    graph = fuzzy_simplicial_set(
        matrix.numpy(), size, random, settings.metric, {}, rows, distances
    )[0]
    report(0.25, "placing points")
    a, b = find_ab_params(1.0, settings.min_dist)
    embedded, _ = simplicial_set_embedding(
        matrix.numpy(),
        graph,
        settings.dimensions,
        1.0,
        a,
        b,
        1.0,
        5,
        settings.epochs or (500 if count <= 10_000 else 200),
        _jittered(start if initial is None else initial, random),
        random,
        settings.metric,
        {},
        False,
        {},
        False,
        parallel=False,
        tqdm_kwds={
            "disable": False,
            "file": _Epochs(report),
            "bar_format": "{n_fmt}/{total_fmt}",
        },
    )
    points = np.asarray(embedded, np.float32)
    points = points - points.mean(0) if initial is None else align(points, initial)
    report(0.9, "measuring how faithful the map is")
    faith = faithfulness(features, points, settings.n_neighbors, settings.metric)
    return Layout(points, "umap", note, faith)


def _different(matrix: Tensor, metric: Metric) -> int:
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


def _neighbours(
    matrix: Tensor, size: int, metric: Metric, report: Report
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """(N, size) neighbours and their distances; each point is its own first, as umap expects."""
    count = len(matrix)
    rows = np.zeros((count, size), np.int32)
    distances = np.zeros((count, size), np.float32)
    rows[:, 0] = np.arange(count)
    for start in range(0, count, _BLOCK):
        report(0.2 * start / count, "finding neighbours")
        stop = min(start + _BLOCK, count)
        own = torch.arange(start, stop)
        found, values = nearest(matrix, matrix[start:stop], size - 1, metric=metric, exclude=own)
        far = 1 - values if metric == "cosine" else values
        rows[start:stop, 1:] = found.numpy()
        distances[start:stop, 1:] = far.clamp_min(0).numpy()
    return rows, distances


def _jittered(points: NDArray[np.float32], random: np.random.RandomState) -> NDArray[np.float32]:
    """Starting points a little apart, so that duplicates can part and no axis has length zero."""
    reach = float(np.abs(points).max()) or 1.0
    noise = random.normal(scale=1e-4 * reach, size=points.shape)
    return (points + noise).astype(np.float32)
