"""Runs beside a run that differ in the number of negatives, as records of a sweep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sslcore.assessment.moments import moments
from sslcore.assessment.watch import Watch
from sslcore.config import ConfigError
from sslcore.evaluation import clustering
from sslcore.evaluation.cluster_agreement import agree
from sslcore.evaluation.cluster_verdict import judge
from sslcore.evaluation.negatives import Trial, negatives
from sslcore.method import find
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory, RunError
from sslcore.runs.record import RunRecord

_DATA = (
    "folder", "image_size", "labels", "channels", "kind", "split_seed", "held_out", "held_out_from",
    "limit",
)  # fmt: skip
"""Fields of the section ``data`` that must be equal, or the same images are not compared."""
_EXPECTED = ("schedule.batch_size", "method.queue_size", "method.negatives", "run.seed")
"""What runs of a sweep differ in by intention."""
_FEWEST = 50
"""Held-out images from which clusters are looked for in them alone."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """What is known of the images.

    Attributes:
        labels: (N,) class by catalogue row, negative for none.
        classes: names.
        held_out: catalogue rows that never entered training.
    """

    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    held_out: NDArray[np.int64]


@dataclass(frozen=True)
class Sibling:
    """A run of the sweep.

    Attributes:
        own: whether it is the run that asked.
        trial: what was measured of it.
        epochs, steps: it has behind it.
        others: paths of recipe fields, beside those a sweep varies, in which it differs from the
            first run of its method (the one that asked, if it is of that method), and which change
            what is learned; where that is another method's, also those outside the sections
            ``method`` and ``views`` in which it differs from the run that asked.
        title: of its method.
    """

    own: bool
    trial: Trial
    epochs: float
    steps: int
    others: tuple[str, ...]
    title: str = ""


def siblings(
    own: RunDirectory,
    folder: Path,
    known: Labelled,
    starts: int,
    seed: int,
    watch: Watch,
    *,
    all_methods: bool = False,
) -> Iterator[Sibling]:
    """Runs of a folder with the method and the images of one run, that run among them.

    kNN accuracy is what the run itself measured last; clusters are looked for (k-means, as many as
    classes) in the features it kept last; the bound is the mean over its last epoch.

    Args:
        own: the run that asks.
        folder: whose direct sub-folders are looked through.
        known: labels of the images.
        starts: of k-means.
        seed: of k-means.
        watch: told of progress, asked before each run.
        all_methods: whether runs of other methods with negatives belong to it.

    Raises:
        Cancelled: if it was called off.
    """
    asked = own.recipe()
    first = {asked.method.key: asked}
    here = own.path.resolve()
    paths = sorted({*(path.parent.resolve() for path in folder.glob("*/recipe.toml")), here})
    progress = watch.stage("Runs beside this one")
    for number, path in enumerate(paths):
        watch.check()
        progress(number, len(paths))
        try:
            directory = RunDirectory.open(path)
            recipe = directory.recipe()
        except (RunError, ConfigError, OSError):
            continue  # not a whole run; the place where runs are listed says so
        key = recipe.method.key
        if (all_methods or key == asked.method.key) and _same_images(recipe, asked):
            trial = _trial(directory, recipe, known, starts, seed)
            if trial is not None:
                others = set(_differences(recipe, first.setdefault(key, recipe)))
                if key != asked.method.key:
                    others |= set(_differences(recipe, asked, method=False))
                title = find(key).card.title
                yield Sibling(path == here, *trial, tuple(sorted(others)), title)
    progress(len(paths), len(paths))


def _same_images(one: Recipe, other: Recipe) -> bool:
    return all(getattr(one.data, name) == getattr(other.data, name) for name in _DATA)


def _trial(
    directory: RunDirectory, recipe: Recipe, known: Labelled, starts: int, seed: int
) -> tuple[Trial, float, int] | None:
    """What is known of a run, its epochs and steps; None before the first, or without negatives."""
    record = RunRecord.fold(directory.replay())
    if record.started is None or record.last is None:
        return None
    images = record.started.images
    batch_size = min(recipe.schedule.batch_size, images)
    count = negatives(recipe.method.key, recipe.method.config, batch_size, images)
    if count is None:
        return None
    values: dict[str, float] = {}
    bound = record.series.get("term/bound")
    if bound is not None:
        last = bound.values[bound.epochs > record.epoch - 1.0]
        if len(last) and np.isfinite(last).all():
            values["bound"] = float(last.mean())
    knn = record.metrics.get("knn_20")
    if knn is not None and np.isfinite(knn.last):
        values["knn"] = knn.last
    values |= _clustered(directory, known, starts, seed)
    return Trial(directory.path.name, recipe.method.key, count, values), record.epoch, record.step


def _clustered(
    directory: RunDirectory, known: Labelled, starts: int, seed: int
) -> dict[str, float]:
    """NMI and both faults in the features kept last; nothing without labels."""
    kept = list(moments(directory, 1, Watch(), ""))
    if not kept or kept[0].rows.max() >= len(known.labels):
        return {}
    rows, features = kept[0].rows, kept[0].features
    held_out = np.isin(rows, known.held_out)
    if held_out.sum() >= _FEWEST:
        rows, features = rows[held_out], features[held_out]
    labels = known.labels[rows]
    present = np.unique(labels[labels >= 0])
    if len(present) < 2:
        return {}
    points = clustering.scaled(features, "unit", 32, seed)
    found = clustering.k_means(points, min(len(present), len(points)), starts, seed)
    agreement = agree(labels, found.numbers, len(known.classes))
    shares = judge(points, labels, found.numbers, agreement, known.classes).shares
    return {"nmi": agreement.scores.nmi, "shared": shares.shared, "split": shares.split}


def _differences(one: Recipe, other: Recipe, *, method: bool = True) -> tuple[str, ...]:
    """Paths of fields that differ and change what is learned, those of the method among them."""
    left_out = ("run.", "data.") if method else ("run.", "data.", "method.", "views")
    first, second = _flat(one.model_dump(mode="json")), _flat(other.model_dump(mode="json"))
    return tuple(
        path
        for path in sorted({*first, *second})
        if first.get(path) != second.get(path)
        and path not in _EXPECTED
        and not path.startswith(left_out)
    )


def _flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{before}{name}"
        if isinstance(value, dict):
            found |= _flat(value, f"{path}.")
        else:
            found[path] = value
    return found
