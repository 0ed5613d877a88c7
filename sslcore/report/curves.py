"""Sections of curves: the loss, accuracy, the health of features, learning rate and speed."""

from __future__ import annotations

import numpy as np

from sslcore.report import chart, parts
from sslcore.report.chart import Line
from sslcore.report.story import Story
from sslcore.runs.series import Series

EPOCHS = "epochs"
PROVED = "ln N - loss, N the candidates the right one is told from; ln N is the ceiling."
_ACCURACY = {
    "knn_20": "kNN, k = 20",
    "knn_200": "kNN, k = 200",
    "view_retrieval": "other view found",
}


def sections(story: Story) -> list[str]:
    """What there are curves for; empty for a run that never made a step."""
    made = [_loss(story), *_terms(story), _accuracy(story), _health(story)]
    return [one for one in made if one]


def _line(name: str, series: Series, scale: float = 1.0) -> Line:
    """A curve; one of many steps is smoothed, with the raw values behind."""
    values = series.values * scale
    if len(values) < 60:
        return Line(name, series.epochs, values)
    return Line(name, series.epochs, chart.smoothed(values), values)


def _loss(story: Story) -> str:
    loss = story.record.series.get("loss")
    if loss is None or not len(loss):
        return ""
    started = story.record.started
    values = loss.values[np.isfinite(loss.values)]
    near = {
        name: value
        for name, value in ({} if started is None else started.constants).items()
        if len(values) and value <= 1.3 * values.max() and value >= 0.5 * values.min()
    }
    note = "The faint line is every step, the strong one their mean." if len(loss) >= 60 else ""
    drawn = chart.lines([_line("loss", loss)], EPOCHS, "loss", references=near, from_zero=True)
    return parts.section("Loss", drawn, note=note)


def _terms(story: Story) -> list[str]:
    """Terms of the loss; those that are parts of one (accuracies) on a scale of their own."""
    found = {
        name.removeprefix("term/").replace("_", " "): series
        for name, series in story.record.series.items()
        if name.startswith("term/") and len(series)
    }
    accuracies = {name: one for name, one in found.items() if "accuracy" in name}
    proved = found.pop("bound", None)
    losses = {name: one for name, one in found.items() if name not in accuracies}
    made: list[str] = []
    if len(losses) > 1:
        lines = [_line(name, one) for name, one in list(losses.items())[: chart.SERIES]]
        made.append(
            parts.section("Terms of the loss", chart.lines(lines, EPOCHS, "value", from_zero=True))
        )
    if proved is not None:
        ceilings = story.record.ceilings
        under = {"ceiling": ceilings["bound"]} if "bound" in ceilings else {}
        drawn = chart.lines(
            [_line("bound", proved)], EPOCHS, "nats", references=under, from_zero=True
        )
        made.append(parts.section("Mutual information proved", drawn, note=PROVED))
    if accuracies:
        lines = [_line(name, one) for name, one in accuracies.items()]
        drawn = chart.lines(
            lines, EPOCHS, "part of answers", percent=True, zero=True, from_zero=True
        )
        made.append(parts.section("Pretext task", drawn, note="How often it is solved."))
    return made


def _accuracy(story: Story) -> str:
    metrics, reference = story.record.metrics, story.record.reference
    lines = [
        Line(title, metrics[name].epochs, metrics[name].values)
        for name, title in _ACCURACY.items()
        if name in metrics
    ]
    if not lines:
        return ""
    untrained = {}
    if "knn_20" in metrics and "knn_20" in reference:
        untrained = {"untrained, k = 20": reference["knn_20"]}
    drawn = chart.lines(
        lines, EPOCHS, "accuracy", references=untrained, percent=True, zero=True, from_zero=True
    )
    return parts.section("Accuracy while it trained", drawn, note="On a sample of images.")


def _health(story: Story) -> str:
    record = story.record
    if not record.embeddings:
        return ""
    size = record.embeddings[-1].dimensions
    lines: list[Line] = []
    if "feature_std" in record.metrics:
        lines.append(_line("spread (1 is even)", record.metrics["feature_std"], size**0.5))
    if "projection_spread" in record.metrics:
        lines.append(_line("spread of projections", record.metrics["projection_spread"]))
    if "rank_me" in record.metrics:
        lines.append(_line(f"effective rank / {size}", record.metrics["rank_me"], 1 / size))
    if not lines:
        return ""
    drawn = chart.lines(lines, EPOCHS, "relative to the best possible", zero=True, from_zero=True)
    note = "Both near 0 means collapse: all images look alike to the encoder."
    return parts.section("Health of the features", drawn, note=note)
