"""How a study stands: what every trial reached, read from the disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sslcore.assessment import kept
from sslcore.runs.directory import RunDirectory, RunError
from sslcore.study import judging, reason
from sslcore.study.plan import Study, Trial

State = Literal["waiting", "begun", "trained", "measured", "failed"]


@dataclass(frozen=True)
class Row:
    """One trial.

    Attributes:
        trial: what it is.
        state: how far it is.
        score, untrained: part of the held-out images that are recognised, or of the dimensions
            that are used (see :mod:`.judging`), 0 to 1, once it was measured.
        epochs: trained so far.
        error: why it failed, or "".
        trained: whether its training is complete, so that only measuring is left, if anything.
        made: when it was measured, in seconds since 1970.
    """

    trial: Trial
    state: State
    score: float | None = None
    untrained: float | None = None
    epochs: float = 0.0
    error: str = ""
    trained: bool = False
    made: float = 0.0


def run_path(folder: Path, trial: Trial) -> Path:
    """The run directory of a trial."""
    return folder / "runs" / trial.name


def row(folder: Path, study: Study, trial: Trial) -> Row:
    """How a trial stands."""
    path = run_path(folder, trial)
    why = reason.kept(path)
    if not (path / "events.jsonl").is_file():
        return Row(trial, "failed", error=why) if why else Row(trial, "waiting")
    try:
        directory = RunDirectory.open(path)
    except RunError as problem:
        return Row(trial, "failed", error=str(problem))
    try:
        found = kept.newest(directory, judging.JUDGES[study.measurement].assessment)
    except ValueError:  # a damaged finding is measured again
        found = None
    if found is not None:
        score, untrained = judging.scores(study.measurement, found.finding)
        return Row(trial, "measured", score, untrained, found.epoch, trained=True, made=found.made)
    last = _last(directory.log_path)
    if last.get("event") == "RunStopped":
        end, error = last.get("reason"), str(last.get("error") or "")
        if end == "completed" and why:
            return Row(trial, "failed", error=f"trained, but not measured: {why}", trained=True)
        if end == "completed":
            return Row(trial, "trained", trained=True)
        if end == "failed":
            return Row(trial, "failed", error=error)
    if why:
        return Row(trial, "failed", error=why)
    epochs = last.get("epoch")
    return Row(trial, "begun", epochs=float(epochs) if isinstance(epochs, float) else 0.0)


def rows(folder: Path, study: Study) -> list[Row]:
    """How all trials stand, in their order."""
    return [row(folder, study, trial) for trial in study.trials]


def closing(folder: Path, study: Study, known: Sequence[Row] | None = None) -> kept.Kept | None:
    """What was measured at the end of a study: of several trials it was measured of, the newest.

    It tells of all trials together, so it is out of date where any of them was measured since.

    Args:
        folder: of the study.
        study: what it is.
        known: its rows, where they were read already.

    Returns:
        What was found; None where nothing is to be, was yet, is out of date, or is whole.
    """
    found = _closings(folder, study)
    if not found:
        return None
    latest = max(found, key=lambda one: one.made)
    measured = rows(folder, study) if known is None else known
    return None if any(one.made > latest.made for one in measured) else latest


def unclosed(folder: Path, study: Study) -> str:
    """Why what a study is closed with could not be measured the last time, or ""."""
    return reason.kept(folder) if study.closing else ""


def _closings(folder: Path, study: Study) -> list[kept.Kept]:
    """What a study is closed with, of every trial it was measured of, the last trial first."""
    made: list[kept.Kept] = []
    for trial in reversed(study.trials) if study.closing else ():
        path = run_path(folder, trial)
        if not (path / kept.FOLDER).is_dir():
            continue
        try:
            found = kept.newest(RunDirectory.open(path), study.closing)
        except (RunError, ValueError):
            continue  # damaged: measured again when the study is gone on with
        if found is not None:
            made.append(found)
    return made


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
