"""Two runs on the same images compared: their maps, and how far neighbourhoods changed."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sslcore.runs.record import RunRecord

NEIGHBOURS = 10


@dataclass(frozen=True, eq=False)
class Pair:
    """Two feature spaces of the same images.

    Attributes:
        paths: of the two runs.
        steps: of their features.
        index: (N,) catalogue rows that both have features of, as the first run counted them.
        images: (N,) their paths, or () where a run did not keep them.
        points: two (N, 2) maps, the second laid onto the first.
        neighbours: two (N, k) positions of nearest images by cosine, nearest first.
        change: (N,) part of every image's neighbours that are not shared, 0 to 1.
    """

    paths: tuple[Path, Path]
    steps: tuple[int, int]
    index: NDArray[np.int64]
    images: tuple[str, ...]
    points: tuple[NDArray[np.float32], NDArray[np.float32]]
    neighbours: tuple[NDArray[np.int64], NDArray[np.int64]]
    change: NDArray[np.float32]

    @property
    def order(self) -> NDArray[np.int64]:
        """(N,) positions, those whose neighbours changed most first."""
        return np.argsort(-self.change, kind="stable")


def compare(
    paths: tuple[Path, Path], records: tuple[RunRecord, RunRecord], cancelled: Any = None
) -> Pair | None:
    """Compare the newest features of two runs; None if it was called off.

    Raises:
        ValueError: saying what is missing: features, or images that both know.
    """
    directories: Any = importlib.import_module("sslcore.runs.directory")
    projection: Any = importlib.import_module("sslcore.evaluation.projection")
    drift: Any = importlib.import_module("sslcore.evaluation.drift")
    near: Any = importlib.import_module("sslcore.evaluation.neighbours")
    found: list[tuple[int, NDArray[np.int64], NDArray[np.float32]]] = []
    names: list[tuple[str, ...]] = []
    for path, record in zip(paths, records, strict=True):
        if not record.embeddings:
            raise ValueError(f"{path.name}: no features were saved yet; let it train an evaluation")
        step = record.embeddings[-1].step
        directory = directories.RunDirectory(path)
        kept = directory.kept(step)
        found.append((step, kept.rows, kept.features))
        names.append(kept.paths)
    (first_step, first_rows, first), (second_step, second_rows, second) = found
    named = all(names)
    # Files that came between the two runs have shifted the rows; paths stay what they are.
    one, two = map(np.array, names) if named else (first_rows, second_rows)
    _, a, b = np.intersect1d(one, two, return_indices=True)
    if named:
        a, b = a[order := np.argsort(first_rows[a])], b[order]
    index = first_rows[a]
    if len(index) < 3:
        raise ValueError(
            "the two runs were measured on different images of the folder; give both the same "
            "data.split_seed and run.probe_images"
        )
    first, second = first[a], second[b]
    if cancelled is not None and cancelled():
        return None
    points = projection.pca(first, 2), projection.pca(second, 2)
    k = min(NEIGHBOURS, len(index) - 1)
    lists = tuple(
        near.nearest(one, one, k, exclude_self=True)[0].numpy() for one in (first, second)
    )
    if cancelled is not None and cancelled():
        return None
    return Pair(
        paths=paths,
        steps=(first_step, second_step),
        index=index.astype(np.int64),
        images=tuple(names[0][one] for one in a) if named else (),
        points=(points[0], projection.align(points[1], points[0])),
        neighbours=(lists[0], lists[1]),
        change=drift.neighbour_change(first, second, k),
    )
