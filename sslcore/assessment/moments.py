"""Features a run kept while it trained: the probe images at every evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sslcore.assessment.watch import Watch
from sslcore.events import Evaluated, RunEvent
from sslcore.runs.directory import RunDirectory, RunError
from sslcore.runs.kept_features import KeptViews
from sslcore.runs.record import RunRecord


@dataclass(frozen=True, eq=False)
class Moment:
    """Features of one evaluation.

    Attributes:
        step, epoch: when.
        rows: (N,) int64 catalogue rows.
        features: (N, D) float32.
        views: two views of some of the images, where they were kept.
    """

    step: int
    epoch: float
    rows: NDArray[np.int64]
    features: NDArray[np.float32]
    views: KeptViews | None = None


def moments(
    directory: RunDirectory, most: int, watch: Watch, words: str, *, evaluations: bool = False
) -> Iterator[Moment]:
    """Kept features in the order of training; those that are damaged or diverged are left out.

    Args:
        directory: of the run.
        most: at most so many, spread evenly, the last and (of several) the first among them.
        watch: told of progress, asked before each.
        words: what is done with them, for the progress.
        evaluations: whether only moments with views are wanted; ``most`` is of these then.

    Raises:
        Cancelled: if it was called off.
    """
    evaluated: set[int] = set()

    def noted() -> Iterator[RunEvent]:
        for event in directory.replay():
            if isinstance(event, Evaluated):
                evaluated.add(event.step)
            yield event

    saved = RunRecord.fold(noted()).embeddings
    if evaluations:
        saved = [one for one in saved if one.step in evaluated]
    places = np.linspace(len(saved) - 1, 0, min(most, len(saved)))
    chosen = np.unique(places.round().astype(int))
    progress = watch.stage(words)
    for number, place in enumerate(chosen.tolist()):
        watch.check()
        event = saved[place]
        try:
            kept = directory.kept(event.step)
        except RunError:
            continue
        if len(kept.rows) > 1 and np.isfinite(kept.features).all():
            yield Moment(event.step, event.epoch, kept.rows, kept.features, kept.views)
        progress(number + 1, len(chosen))
