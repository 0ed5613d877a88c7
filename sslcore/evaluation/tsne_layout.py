"""The t-SNE computation itself. Runs in the child process only.

Van der Maaten and Hinton 2008 (https://jmlr.org/papers/v9/vandermaaten08a.html) as scikit-learn
implements it (Barnes-Hut, with its learning rate N / 48 after Belkina et al. 2019,
https://doi.org/10.1038/s41467-019-13055-y), with two choices of ours: neighbours are exact, and
points start from PCA or from the map before, which keeps the large-scale picture.

A cosine metric means points on the unit sphere and the straight line between them, d^2 = 2 - 2 cos:
t-SNE's Gaussians are made for squared Euclidean distances.
"""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.manifold import TSNE

from sslcore.evaluation.faithfulness import faithfulness
from sslcore.evaluation.neighbour_graph import PART, Report, jittered, neighbours, too_few
from sslcore.evaluation.projected import Projection
from sslcore.evaluation.projection import Points, align, pca
from sslcore.evaluation.projection_settings import TsneSettings
from sslcore.evaluation.vectors import as_matrix

_PLACED = 0.9
"""Part of the work after which points have their places."""
_SMALL = 1e-4
"""Spread of the starting points: t-SNE unfolds from the middle."""
_LEAST_RATE = {2: 50.0, 3: 10.0}
"""By dimensions: in three, a hundred points fly apart at the 50 that is usual in two."""


class Iterations(StringIO):
    """What the optimiser prints every 50 steps becomes a report."""

    def __init__(self, report: Report, total: int) -> None:
        super().__init__()
        self._report, self._total = report, total

    def write(self, text: str, /) -> int:
        """A line, or a part of one."""
        found = re.search(r"Iteration (\d+):", text)
        if found is not None:
            done = min(int(found[1]), self._total)
            part = PART + (_PLACED - PART) * done / self._total
            self._report(part, f"placing points, step {done:,} of {self._total:,}")
        return len(text)


def lay_out(
    features: NDArray[np.float32],
    settings: TsneSettings,
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
        The layout; by PCA, with the reason in its note, where t-SNE has nothing to work with.
    """
    matrix = as_matrix(features, "features")
    report(0.0, "drawing PCA")
    start = pca(features, settings.dimensions)
    reason = too_few(matrix, settings.metric)
    if reason:
        faith = faithfulness(features, start, metric=settings.metric)
        return Projection(start, "pca", f"PCA instead of t-SNE: {reason}", faith)
    count, note, perplexity = len(matrix), "", float(settings.perplexity)
    most = (count - 1) / 3
    if perplexity > most:
        perplexity = most
        note = f"perplexity {settings.perplexity:g} was asked for, {count} images allow {most:.1f}"
    size = min(count, int(3 * perplexity + 1) + 1)
    rows, distances = neighbours(matrix, size, settings.metric, report)
    if settings.metric == "cosine":
        distances = np.sqrt(2 * distances)
    ends = np.arange(count + 1) * size
    graph = csr_matrix((distances.ravel(), rows.ravel(), ends), (count, count))
    random = np.random.RandomState(settings.seed)
    begin = jittered(start if initial is None else initial, random)
    begin = begin - begin.mean(0)
    spread = float(begin[:, 0].std()) or float(begin.std()) or 1.0
    report(PART, "placing points")
    rate = settings.learning_rate or max(count / 48, _LEAST_RATE[settings.dimensions])
    tsne = TSNE(
        settings.dimensions,
        perplexity=perplexity,
        learning_rate=cast("Any", rate),
        max_iter=settings.iterations,
        metric="precomputed",
        init=(begin / spread * _SMALL).astype(np.float32),
        random_state=random,
        verbose=2,
    )
    with redirect_stdout(Iterations(report, settings.iterations)):
        points = np.asarray(tsne.fit_transform(graph), np.float32)
    points = points - points.mean(0) if initial is None else align(points, initial)
    report(_PLACED, "measuring how faithful the map is")
    faith = faithfulness(features, points, metric=settings.metric)
    return Projection(points, "tsne", note, faith)
