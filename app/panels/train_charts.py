"""Which numbers of a run go into which chart: a record in, charts out; no widgets here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sslcore.runs.record import RunRecord
    from sslcore.runs.series import Series

COMPARED = 8
"""First steps on which terms are compared with the loss they may add up to."""
CLOSE = 1e-3
"""How near the sum of terms must come to the loss, relative to it."""


@dataclass(frozen=True)
class Trace:
    """One line: a series of the record, and what its values are multiplied by."""

    series: Series
    factor: float = 1.0


@dataclass(frozen=True)
class Chart:
    """What one card of the Train place shows.

    Attributes:
        title: in the card's head.
        lines: name in the legend -> numbers.
        references: name -> height of a thin level line.
        unit: written behind the title.
        percent: whether values in 0..1 read as per cent.
        noisy: whether smoothing makes sense (one value per step, not per evaluation).
        positive: whether a logarithmic axis makes sense.
        empty: what is said while there is no value.
        help: what the lines mean.
    """

    title: str
    lines: Mapping[str, Trace] = field(default_factory=dict[str, Trace])
    references: Mapping[str, float] = field(default_factory=dict[str, float])
    unit: str = ""
    percent: bool = False
    noisy: bool = False
    positive: bool = False
    empty: str = "No values yet"
    help: str = ""


WORDS = {
    "loss": "Loss",
    "knn": "kNN",
    "accuracy": "Accuracy",
    "bound": "Bound",
    "health": "Health",
    "terms": "Terms",
    "views": "Alignment",
    "rate": "Learning rate",
    "speed": "Speed",
}
"""Every chart a run can have, and its word on the switch, in the order they are shown."""
FIRST = ("loss", "knn", "accuracy", "health")
"""Charts that are shown unless a person says otherwise."""
BOUND = "bound"
"""The term that every InfoNCE method reports."""
AFTER_EVALUATION = "Comes with the first evaluation"
HEALTH = (
    "std: deviation of unit-length features times the root of their size, 1 when spread evenly. "
    "std of z: the same of the projections that the loss compares. "
    "rank: effective number of directions in use, as a part of all. "
    "retrieval: how often a view finds the other view of its image among all."
)
JUDGEMENT = (
    "kNN: class of the 20 nearest training images. linear: a readout trained along on the features "
    "of every step, which never changes the method. untrained: kNN before the first step."
)
ALIGNMENT = (
    "Alignment: mean squared distance of two views of one image, 0 to 4. "
    "Uniformity: 0 when all features coincide, towards -4 when they spread evenly."
)
PROVED = (
    "What the loss proves about the information that what it compares has in common: ln N - loss, "
    "N the candidates that the right one is told from. It cannot exceed the ceiling, ln N: more "
    "candidates, a tighter bound. The keys of a queue are candidates from the first step on."
)


def charts(record: RunRecord) -> dict[str, Chart]:
    """The charts of a run by key, in the order of ``WORDS``; those it cannot have are left out."""
    terms = {
        name.removeprefix("term/").replace("_", " "): series
        for name, series in record.series.items()
        if name.startswith("term/")
    }
    parts = loss_parts(record, terms)
    rest = {name: one for name, one in terms.items() if name not in parts}
    accuracies = {name: Trace(one) for name, one in rest.items() if "accuracy" in name}
    others = {
        name: Trace(one) for name, one in rest.items() if "accuracy" not in name and name != BOUND
    }
    loss = {"total": Trace(record.series["loss"])} if "loss" in record.series else {}
    loss |= {name: Trace(terms[name]) for name in parts}
    found = {
        "loss": Chart("Loss", loss, noisy=True, positive=True),
        "knn": _judgement(record),
        "accuracy": Chart("Accuracy of the pretext task", accuracies, percent=True, noisy=True),
        "bound": _bound(record, rest),
        "health": _health(record),
        "terms": Chart("Other terms", others, noisy=True, positive=True),
        "views": _views(record),
        "rate": Chart(
            "Learning rate", _alone(record, "learning_rate", "Learning rate"), positive=True
        ),
        "speed": Chart(
            "Speed", _alone(record, "images_per_second", "Speed"), unit="images/s", noisy=True
        ),
    }
    return {
        key: found[key]
        for key in WORDS
        if found[key].lines or key not in ("accuracy", "bound", "terms")
    }


def loss_parts(record: RunRecord, terms: Mapping[str, Series]) -> tuple[str, ...]:
    """The terms that add up to the loss (two or more of them), judged by the first steps.

    What a method reports beside its loss, an accuracy or a bound, lives on a scale of its own and
    would flatten the loss if both shared an axis.
    """
    if "loss" not in record.series or not 2 <= len(terms) <= 12:
        return ()
    loss = record.series["loss"].values[:COMPARED]
    names = [name for name, one in terms.items() if len(one) >= len(loss)]
    if not names:
        return ()
    values = np.array([terms[name].values[: len(loss)] for name in names])
    taken = np.arange(2 ** len(names))[:, None] >> np.arange(len(names)) & 1
    fits = np.isclose(taken @ values, loss, rtol=CLOSE, atol=1e-6).all(1) & (taken.sum(1) >= 2)
    if not fits.any():
        return ()
    best = taken[fits][taken[fits].sum(1).argmax()]
    return tuple(name for name, used in zip(names, best, strict=True) if used)


def judged_by_labels(record: RunRecord) -> bool:
    """Whether kNN accuracy was, or still may be, measured."""
    measured = {**record.reference, **record.metrics}
    if measured:
        return "knn_20" in measured
    return record.started is None or bool(record.started.classes)


def _judgement(record: RunRecord) -> Chart:
    """KNN accuracy; without labels, how often a view finds its partner."""
    metric, title = "knn_20", "kNN accuracy (k = 20, held out)"
    if not judged_by_labels(record):
        metric = "view_retrieval"
        labelled = record.started is not None and record.started.classes
        reason = "too few labels for kNN" if labelled else "no labels, so no kNN"
        title = f"View retrieval ({reason})"
    lines = {title: Trace(record.metrics[metric])} if metric in record.metrics else {}
    reference = {"untrained": record.reference[metric]} if metric in record.reference else {}
    words = ""
    if metric == "knn_20" and lines and "online_linear" in record.metrics:
        lines = {"kNN": lines[title], "linear": Trace(record.metrics["online_linear"])}
        title, words = "Accuracy (held out)", JUDGEMENT
    return Chart(title, lines, reference, percent=True, empty=AFTER_EVALUATION, help=words)


def _bound(record: RunRecord, terms: Mapping[str, Series]) -> Chart:
    """The mutual information that is proved, under what can be proved with so many candidates."""
    lines = {BOUND: Trace(terms[BOUND])} if BOUND in terms else {}
    ceiling = record.ceilings.get(BOUND)
    reference = {} if ceiling is None else {f"ceiling {_log_of(ceiling)}": ceiling}
    return Chart(
        "Mutual information proved", lines, reference, unit="nats", noisy=True, help=PROVED
    )


def _log_of(value: float) -> str:
    """``ln 255`` for 5.541, ``ln N`` for what is the logarithm of no whole number."""
    count = round(math.exp(value)) if value < 40 else 0
    whole = count > 0 and math.isclose(math.log(count), value, rel_tol=1e-9, abs_tol=1e-9)
    return f"ln {count:,}" if whole else "ln N"


def dimensions(record: RunRecord) -> int | None:
    """Numbers in one feature of this run, None before the first evaluation."""
    return record.embeddings[-1].dimensions if record.embeddings else None


def _health(record: RunRecord) -> Chart:
    """Everything that is 1 in a healthy feature space and 0 in a collapsed one."""
    lines: dict[str, Trace] = {}
    size = dimensions(record)
    if size is not None and "feature_std" in record.metrics:
        lines["std"] = Trace(record.metrics["feature_std"], math.sqrt(size))
    if "projection_spread" in record.metrics:
        lines["std of z"] = Trace(record.metrics["projection_spread"])
    if size is not None and "rank_me" in record.metrics:
        lines[f"rank / {size}"] = Trace(record.metrics["rank_me"], 1 / size)
    if judged_by_labels(record) and "view_retrieval" in record.metrics:
        lines["retrieval"] = Trace(record.metrics["view_retrieval"])
    return Chart("Health", lines, unit="0 is collapsed", empty=AFTER_EVALUATION, help=HEALTH)


def _views(record: RunRecord) -> Chart:
    lines = {
        name: Trace(record.metrics[name])
        for name in ("alignment", "uniformity")
        if name in record.metrics
    }
    return Chart(
        "Alignment and uniformity",
        lines,
        unit="lower is better",
        empty=AFTER_EVALUATION,
        help=ALIGNMENT,
    )


def _alone(record: RunRecord, name: str, title: str) -> dict[str, Trace]:
    """A line that is the whole chart: named like it, so that its head does not say it twice."""
    series = record.series.get(name)
    return {} if series is None else {title: Trace(series)}


def axis_end(done: float, total: float) -> float:
    """Where the time axis ends: the whole run once a quarter is done, before that a part of it.

    A part that doubles now and then: a line one pixel long says nothing in the first minutes.
    """
    for halvings in range(8, 1, -1):
        if done * 1.02 <= total / 2**halvings:
            return total / 2**halvings
    return total
