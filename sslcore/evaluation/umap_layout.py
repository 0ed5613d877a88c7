"""The UMAP computation itself. Runs in the child process only: it imports umap and compiles.

McInnes et al. 2018 (https://arxiv.org/abs/1802.03426) as umap-learn implements it, with two
choices of ours: neighbours are exact, and points start from PCA (or from the map before), which
keeps the large-scale picture (Kobak and Linderman 2021, https://doi.org/10.1038/s41587-020-00809-z)
and cannot fail on a graph in pieces.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from umap import layouts, umap_
from umap.layouts import optimize_layout_euclidean
from umap.umap_ import (
    compute_membership_strengths,
    find_ab_params,
    fuzzy_simplicial_set,
    init_graph_transform,
    make_epochs_per_sample,
    simplicial_set_embedding,
    smooth_knn_dist,
)

from sslcore.evaluation.faithfulness import faithfulness
from sslcore.evaluation.neighbour_graph import PART, Report, jittered, neighbours, too_few
from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.projected import Projection
from sslcore.evaluation.projection import Alignment, Points, pca
from sslcore.evaluation.projection_settings import UmapSettings
from sslcore.evaluation.vectors import as_matrix

_PLACED = 0.9
"""Part of the work after which points have their places."""
_ALPHA, _NEGATIVE = 1.0, 5
"""Step of the optimisation and edges not there per edge, as umap has them."""
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


class Epochs:
    """A text stream for the optimiser's progress bar, which turns its "n/total" into a report."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def write(self, text: str) -> None:
        """One refresh of the bar."""
        found = re.search(r"(\d+)/(\d+)", text)
        if found is not None:
            done, total = int(found[1]), int(found[2])
            part = PART + 0.05 + (_PLACED - PART - 0.05) * done / total
            self._report(part, f"placing points, epoch {done} of {total}")

    def flush(self) -> None:
        """Nothing is held back."""


def lay_out(
    features: NDArray[np.float32],
    settings: UmapSettings,
    report: Report,
    initial: Points | None = None,
) -> Projection:
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
    reason = too_few(matrix, settings.metric)
    if reason:
        faith = faithfulness(features, start, metric=settings.metric)
        return Projection(start, "pca", f"PCA instead of UMAP: {reason}", faith)
    count, note, size = len(matrix), "", settings.n_neighbors
    if size >= count:
        size = count - 1
        note = f"{settings.n_neighbors} neighbours were asked for, {count} images allow {size}"
    rows, distances = neighbours(matrix, size, settings.metric, report)
    report(PART, "building the neighbourhood graph")
    random = np.random.RandomState(settings.seed)
    graph = fuzzy_simplicial_set(
        matrix.numpy(), size, random, settings.metric, {}, rows, distances
    )[0]
    report(PART + 0.05, "placing points")
    a, b = find_ab_params(1.0, settings.min_dist)
    embedded, _ = simplicial_set_embedding(
        matrix.numpy(),
        graph,
        settings.dimensions,
        _ALPHA,
        a,
        b,
        1.0,
        _NEGATIVE,
        settings.epochs or (500 if count <= 10_000 else 200),
        jittered(start if initial is None else initial, random),
        random,
        settings.metric,
        {},
        False,
        {},
        False,
        parallel=False,
        tqdm_kwds=_bar(report),
    )
    points, scale = np.asarray(embedded, np.float32), 1.0
    if initial is None:
        points = points - points.mean(0)
    else:
        alignment = Alignment.of(points, initial)
        points, scale = alignment(points), alignment.scale
    report(_PLACED, "measuring how faithful the map is")
    faith = faithfulness(features, points, metric=settings.metric)
    return Projection(points, "umap", note, faith, scale)


def place(
    features: NDArray[np.float32],
    layout: Points,
    queries: NDArray[np.float32],
    settings: UmapSettings,
    scale: float,
    report: Report,
) -> Points:
    """New points on a UMAP, the others standing still.

    umap-learn's own ``transform`` on exact neighbours: a new point sets out from the mean of its
    neighbours, weighted by how strongly they belong to it, and is then drawn to them and pushed
    away from others. All that the map knows is in the arguments, so it can be of another day.

    Args:
        features: (N, D) of the images on the map.
        layout: (N, d) where they lie.
        queries: (Q, D) new ones of the same encoder.
        settings: the map was made with.
        scale: of the map, see :class:`~sslcore.evaluation.projected.Projection`.
        report: told (part done 0 to 1, what is being done).

    Returns:
        (Q, d) float32.
    """
    bank = as_matrix(features, "features")
    asked = as_matrix(queries, "features of new images")
    size = min(settings.n_neighbors, len(bank) - 1)
    report(0.0, "finding neighbours")
    found, values = nearest(bank, asked, size, metric=settings.metric)
    far = 1 - values if settings.metric == "cosine" else values
    distances = np.ascontiguousarray(far.clamp_min(0).numpy(), np.float32)
    sigmas, rhos = smooth_knn_dist(distances, float(size), local_connectivity=0.0)
    rows, columns, strengths, _ = compute_membership_strengths(
        found.numpy().astype(np.int32), distances, sigmas, rhos, bipartite=True
    )
    graph: Any = coo_matrix((strengths, (rows, columns)), shape=(len(asked), len(bank)))
    edges = graph.tocsr()
    edges.eliminate_zeros()
    fixed = np.ascontiguousarray(layout / np.float32(scale), np.float32)
    start = init_graph_transform(edges, fixed)
    epochs = settings.epochs // 3 if settings.epochs else 100 if len(asked) <= 10_000 else 30
    graph.data[graph.data < graph.data.max() / epochs] = 0.0
    graph.eliminate_zeros()
    a, b = find_ab_params(1.0, settings.min_dist)
    random = np.random.RandomState(settings.seed)
    limits = np.iinfo(np.int32)
    placed = optimize_layout_euclidean(
        start,
        fixed.copy(),
        graph.row,
        graph.col,
        epochs,
        len(bank),
        make_epochs_per_sample(graph.data, epochs),
        a,
        b,
        random.randint(limits.min + 1, limits.max - 1, 3).astype(np.int64),
        1.0,
        _ALPHA / 4,
        _NEGATIVE,
        False,
        tqdm_kwds=_bar(report),
    )
    return np.asarray(placed, np.float32) * np.float32(scale)


def _bar(report: Report) -> dict[str, Any]:
    return {"disable": False, "file": Epochs(report), "bar_format": "{n_fmt}/{total_fmt}"}


def warm() -> None:
    """Compile what every map and every placing needs, on a few points."""
    keep_compiled()
    random = np.random.default_rng(0)
    points = random.normal(size=(40, 4)).astype(np.float32)
    settings = UmapSettings(n_neighbors=5, epochs=33)

    def quiet(_part: float, _stage: str) -> None:
        """Nobody listens."""

    made = lay_out(points, settings, quiet)
    place(points, made.layout, points[:3] + 1, settings, made.scale, quiet)
