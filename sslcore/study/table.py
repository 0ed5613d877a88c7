"""How a study stands: what every trial reached, read from the disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sslcore.assessment import kept
from sslcore.assessment.kinds.knn import KnnFinding
from sslcore.assessment.kinds.linear import LinearFinding
from sslcore.assessment.subject import TRAINED, UNTRAINED
from sslcore.runs.directory import RunDirectory
from sslcore.study.plan import Study, Trial

State = Literal["waiting", "begun", "trained", "measured", "failed"]


@dataclass(frozen=True)
class Row:
    """One trial.

    Attributes:
        trial: what it is.
        state: how far it is.
        accuracy, untrained: part of the held-out images, 0 to 1, once it was measured.
        epochs: trained so far.
        error: why it failed, or "".
    """

    trial: Trial
    state: State
    accuracy: float | None = None
    untrained: float | None = None
    epochs: float = 0.0
    error: str = ""


def run_path(folder: Path, trial: Trial) -> Path:
    """The run directory of a trial."""
    return folder / "runs" / trial.name


def row(folder: Path, study: Study, trial: Trial) -> Row:
    """How a trial stands."""
    path = run_path(folder, trial)
    if not (path / "events.jsonl").is_file():
        return Row(trial, "waiting")
    directory = RunDirectory.open(path)
    try:
        found = kept.newest(directory, study.measurement)
    except ValueError:  # a damaged finding is measured again
        found = None
    if found is not None:
        accuracy, untrained = _accuracies(found.finding)
        return Row(trial, "measured", accuracy, untrained, found.epoch)
    last = _last(directory.log_path)
    if last.get("event") == "RunStopped":
        reason, error = last.get("reason"), str(last.get("error") or "")
        if reason == "completed":
            return Row(trial, "trained")
        if reason == "failed":
            return Row(trial, "failed", error=error)
    epochs = last.get("epoch")
    return Row(trial, "begun", epochs=float(epochs) if isinstance(epochs, float) else 0.0)


def rows(folder: Path, study: Study) -> list[Row]:
    """How all trials stand, in their order."""
    return [row(folder, study, trial) for trial in study.trials]


def _accuracies(finding: object) -> tuple[float, float | None]:
    if isinstance(finding, KnnFinding):
        references = finding.accuracy.get(UNTRAINED)
        return finding.accuracy[TRAINED][0], references[0] if references else None
    if isinstance(finding, LinearFinding):
        reference = finding.scores.get(UNTRAINED)
        return finding.scores[TRAINED].top_1, reference.top_1 if reference else None
    raise TypeError(f"{type(finding).__name__} is not compared by studies")


def _last(log: Path) -> dict[str, object]:
    """The last whole line of a log; {} if there is none."""
    with log.open("rb") as file:
        file.seek(max(file.seek(0, 2) - (1 << 16), 0))
        lines = file.read().rpartition(b"\n")[0].split(b"\n")
    try:
        found = json.loads(lines[-1])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
