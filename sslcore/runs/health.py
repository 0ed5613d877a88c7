"""How a run is doing, in plain words with numbers and something to try."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sslcore.runs.record import RunRecord
from sslcore.runs.series import Series
from sslcore.tell_tales import (
    CALM,
    COLLAPSED,
    LEARN,
    MARK,
    NOW,
    PATIENCE,
    START,
    WIDEN,
    excused,
    growth,
    shrunk,
    stands,
)

Level = Literal["waiting", "learning", "stuck", "collapsing", "diverging", "done"]

NARROW = 0.2
"""Deviation relative to 1 / sqrt(D) that is doubtful while it falls."""
UNTRAINED = "What comes later is compared with it. Steps begin in a moment."


@dataclass(frozen=True)
class Verdict:
    """What to think of a run.

    Attributes:
        level: one word, for a colour and a symbol.
        headline: a few words.
        detail: what it is based on, with numbers.
        remedy: what to try, empty where nothing is wrong.
    """

    level: Level
    headline: str
    detail: str
    remedy: str = ""


def verdict(record: RunRecord) -> Verdict:
    """Judge a run by what is known of it so far."""
    ended = _ended(record)
    if ended is not None:
        return ended
    loss = record.series.get("loss")
    if record.started is None or loss is None:
        stage = "" if record.stage is None else f"{record.stage.stage} …"
        if record.state == "running":
            return Verdict("waiting", "Measuring the untrained encoder first", UNTRAINED)
        return Verdict("waiting", "Not started yet", stage or "No step has been made.")
    found = _diverging(record, loss) or _collapsing(record) or _stuck(record, loss)
    if found is not None:
        return found
    detail = _sentence([*_spread_words(record), *_progress_words(record), *_loss_words(loss)])
    if len(loss) < 20 and not record.metrics:
        return Verdict("waiting", "Too early to say", detail)
    return Verdict("learning", "Learning", detail)


def relative_spread(record: RunRecord) -> float | None:
    """Feature deviation divided by 1 / sqrt(D): about 1 where features spread evenly, 0 collapsed.

    None before the first evaluation.
    """
    spread = record.metrics.get("feature_std")
    if not spread or not record.embeddings:
        return None
    return spread.last * math.sqrt(record.embeddings[-1].dimensions)


def _ended(record: RunRecord) -> Verdict | None:
    if record.state != "stopped" or record.stopped is None:
        return None
    if record.stopped.reason == "failed":
        return Verdict(
            "diverging" if "not finite" in record.stopped.error else "done",
            "The run failed",
            record.stopped.error,
            "Mend this and resume: everything up to the last checkpoint is safe.",
        )
    words = [*_accuracy_words(record), *_spread_words(record)]
    how = "Completed" if record.stopped.reason == "completed" else "Stopped"
    detail = _sentence([f"{record.step} steps, {record.epoch:.1f} epochs", *words])
    trouble = _collapsing(record)
    if trouble is not None:
        return Verdict("collapsing", f"{how}, but collapsed", trouble.detail, trouble.remedy)
    return Verdict("done", how, detail)


def _diverging(record: RunRecord, loss: Series) -> Verdict | None:
    recent = loss.values[-NOW:]
    bad = int((~np.isfinite(recent)).sum())
    if bad:
        return Verdict(
            "diverging", "The loss is not a number",
            f"{bad} of the last {len(recent)} steps had no finite loss; {record.skipped} updates "
            "were left out in all.", CALM,
        )  # fmt: skip
    values = loss.values[np.isfinite(loss.values)]
    found = growth(values[:START].tolist(), values[-NOW:].tolist())
    if found is None:
        return None
    return Verdict(
        "diverging", "The loss grows",
        f"It went from {found[0]:.3g} at the start to {found[1]:.3g}.", CALM,
    )  # fmt: skip


def _collapsing(record: RunRecord) -> Verdict | None:
    features = relative_spread(record)
    if features is None or record.embeddings[-1].step == 0:
        return None
    size = record.embeddings[-1].dimensions
    found = [("Features", record.metrics["feature_std"].values * math.sqrt(size))]
    if projected := record.metrics.get("projection_spread"):
        found.append(("Projections", projected.values))
    untrained = record.reference.get("projection_spread")
    for what, values in found:
        relative = float(values[-1])
        falls = len(values) >= 3 and values[-1] < 0.7 * values[-3]
        limit = NARROW if falls else COLLAPSED
        if relative >= limit or (what == "Projections" and not shrunk(relative, untrained, limit)):
            continue
        words = [f"{what} differ little between images (std {relative:.2f} of 1)"]
        if retrieval := record.metrics.get("view_retrieval"):
            words.append(
                f"an image's other view is found {_percent(retrieval.last, 0)} of the time"
            )
        headline = "Collapsing" if relative >= COLLAPSED else "Collapsed"
        return Verdict("collapsing", headline, _sentence(words), _widen(record))
    return None


def _widen(record: RunRecord) -> str:
    """What the run itself was told to try against collapse, which knows its method."""
    told = [one.remedy for one in record.warnings if one.code == "collapsed"]
    return told[-1] if told else WIDEN


def _stuck(record: RunRecord, loss: Series) -> Verdict | None:
    if record.started is None or len(loss) < PATIENCE:
        return None
    recent = [float(one) for one in loss.values[-PATIENCE:]]
    for name, value in record.started.constants.items():
        if stands(recent, value) and not excused(name, _spreads(record), _accuracies(record)):
            collapse = name.endswith(MARK)
            means = ", as once all images get the same answer" if collapse else ""
            return Verdict(
                "stuck",
                "Stuck where nothing is learned",
                f"The loss has stood at {value:.3f} = {name} for {PATIENCE} steps{means}.",
                _widen(record) if collapse else LEARN,
            )
    return None


def _spreads(record: RunRecord) -> list[float]:
    """Last deviations of features and projections, as far as known."""
    features, projected = relative_spread(record), record.metrics.get("projection_spread")
    known = [] if features is None else [features]
    return [*known, projected.last] if projected else known


def _accuracies(record: RunRecord) -> list[float]:
    series = record.metrics.get("knn_20") or record.metrics.get("view_retrieval")
    return [float(one) for one in series.values] if series else []


def _spread_words(record: RunRecord) -> list[str]:
    relative = relative_spread(record)
    if relative is None:
        return []
    how = "spread out" if relative >= 0.5 else "fairly spread out" if relative >= 0.3 else "close"
    return [f"features are {how} (std {relative:.2f} of 1)"]


def _accuracy_words(record: RunRecord) -> list[str]:
    accuracy = record.metrics.get("knn_20")
    if not accuracy:
        return []
    words = f"kNN {_percent(accuracy.last)}"
    if "knn_20" in record.reference:
        words += f", untrained {_percent(record.reference['knn_20'])}"
    return [words]


def _progress_words(record: RunRecord) -> list[str]:
    """How kNN (or view retrieval, without labels) moved over the last ten epochs."""
    for name, title in (("knn_20", "kNN"), ("view_retrieval", "view retrieval")):
        series = record.metrics.get(name)
        if not series:
            continue
        epochs, values = series.epochs, series.values
        at = int(np.searchsorted(epochs, epochs[-1] - 10.0))
        before = float(values[at])
        past = round(epochs[-1] - epochs[at])
        since = f"in {past} epochs" if past != 1 else "in an epoch"
        if at == len(values) - 1:
            if name not in record.reference:
                return [f"{title} {_percent(values[-1])}"]
            before, since = record.reference[name], "over the untrained encoder"
        points = 100 * (float(values[-1]) - before)
        if abs(points) < 0.05:
            return [f"{title} stayed at {_percent(values[-1])} {since}"]
        return [f"{title} {'rose' if points > 0 else 'fell'} {abs(points):.1f} points {since}"]
    return []


def _loss_words(loss: Series) -> list[str]:
    values = loss.values[np.isfinite(loss.values)]
    if len(values) < 40:
        return []
    part = max(10, len(values) // 10)
    first, last = float(values[:part].mean()), float(values[-part:].mean())
    verb = "fell" if last < first else "rose"
    return [f"the loss {verb} from {first:.3g} to {last:.3g}"]


def _sentence(words: list[str]) -> str:
    text = ", ".join(words)
    return text[:1].upper() + text[1:] + "." if text else ""


def _percent(part: float, digits: int = 1) -> str:
    """``14.8 %``: with the space that a unit has."""
    return f"{100 * part:.{digits}f} %"
