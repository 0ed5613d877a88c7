"""What is known of how good a run is: the log's measures and the findings kept with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sslcore.assessment.contract import registry
from sslcore.assessment.kept import Kept
from sslcore.runs.record import RunRecord


@dataclass(frozen=True)
class Score:
    """One measure of the log.

    Attributes:
        title: what it is, with its unit or range.
        value: of the encoder, as a person reads it.
        untrained: of the same network before its first step, or "".
        step: optimiser steps behind it.
    """

    title: str
    value: str
    untrained: str
    step: int


@dataclass(frozen=True)
class Measured:
    """One finding of ``sslcore evaluate`` or of the Evaluate place.

    Attributes:
        title: of the measurement.
        idea: what it tells, in a sentence.
        headline: the finding in a few words.
        lines: the finding, aligned for a font of one width.
        step: optimiser steps behind the encoder that was measured.
    """

    title: str
    idea: str
    headline: str
    lines: tuple[str, ...]
    step: int


def percent(value: float) -> str:
    """``48.4 %``."""
    return f"{100 * value:.1f} %"


def number(value: float) -> str:
    """``3.42``, ``-1.07``."""
    return f"{value:.2f}"


MEASURES: dict[str, tuple[str, Callable[[float], str]]] = {
    "knn_20": ("kNN accuracy, k = 20", percent),
    "knn_200": ("kNN accuracy, k = 200", percent),
    "online_linear": ("linear accuracy, classifier trained alongside", percent),
    "view_retrieval": ("other view of an image found", percent),
    "feature_std": ("standard deviation of unit features", lambda one: f"{one:.4f}"),
    "projection_spread": ("spread of projections (1 is even, 0 collapsed)", number),
    "rank_me": ("effective rank (RankMe), dimensions", lambda one: f"{one:.1f}"),
    "alignment": ("alignment of views (squared distance, 0 best)", number),
    "uniformity": ("uniformity (log of mean potential, low is spread)", number),
}
"""What evaluations during training measure, in the order people ask for it."""


def of_log(record: RunRecord, step: int | None = None) -> list[Score]:
    """Measures of the log, each as it was last before or at a step.

    Args:
        record: the run.
        step: optimiser steps behind the encoder in question; None for the newest.
    """
    found: list[Score] = []
    for name in (*MEASURES, *sorted(set(record.metrics) - set(MEASURES))):
        series = record.metrics.get(name)
        if series is None or not len(series):
            continue
        title, shown = MEASURES.get(name, (name.replace("_", " "), number))
        steps, values = series.steps, series.values
        early = steps <= (steps[-1] if step is None else step)
        if not early.any():
            continue
        at = int(early.nonzero()[0][-1])
        value = float(values[at])
        if not math.isfinite(value):
            continue
        before = record.reference.get(name)
        untrained = "" if before is None or not math.isfinite(before) else shown(before)
        found.append(Score(title, shown(value), untrained, int(steps[at])))
    return found


def of_findings(findings: Mapping[str, Kept]) -> list[Measured]:
    """Findings as a person reads them, in the order of measurements."""
    known = registry()
    return [
        Measured(
            known[key].title,
            known[key].idea,
            one.finding.headline(),
            (*one.finding.lines(), *filter(None, [one.caution])),
            one.step,
        )
        for key, one in findings.items()
    ]
