"""Works through the trials of a study, one after the other; stopped, it goes on where it was."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sslcore.assessment import kept
from sslcore.assessment.contract import find
from sslcore.assessment.subject import PIXELS, Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.engine import failure
from sslcore.engine.control import Control
from sslcore.engine.store import SaveError
from sslcore.engine.train import train
from sslcore.events import Preparing, StepDone
from sslcore.recipe import Recipe
from sslcore.runs.claim import Claim
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from sslcore.study import judging, reason, table
from sslcore.study.plan import Study, Trial

logger = logging.getLogger(__name__)
LOCK = "study.lock"


@dataclass(frozen=True)
class Progress:
    """How far a study is.

    Attributes:
        trial: at work.
        number, total: of trials, from 1.
        words: what is done.
        part: of the trial, 0 to 1.
    """

    trial: Trial
    number: int
    total: int
    words: str
    part: float


def work(
    folder: Path, control: Control, told: Callable[[Progress], None]
) -> Literal["completed", "stopped"]:
    """Train and measure every trial that was not measured yet.

    A trial that fails is left as it is, its reason in its log, and the next one begins; it is tried
    again the next time. So is one that was trained and could not be measured, its reason beside it.
    One that was stopped goes on from its newest checkpoint. What a study is closed with is measured
    once all had their turn, anew if any trial was measured since; where that fails, the reason is
    kept beside the study, and it is tried again the next time too.

    Args:
        folder: of the study.
        control: a stop saves the trial at work and ends.
        told: gets every word about progress.

    Returns:
        Whether all trials had their turn.

    Raises:
        ConfigError: if the folder holds no study.
        SaveError: if another process works on it, or the disk is full.
    """
    study = Study.open(folder)
    claim = Claim(folder / LOCK)
    claim.take()
    try:
        for number, trial in enumerate(study.trials, start=1):
            row = table.row(folder, study, trial)
            if control.stopping:
                return "stopped"
            if row.state == "measured":
                continue

            def tell(words: str, part: float, trial: Trial = trial, number: int = number) -> None:
                told(Progress(trial, number, len(study.trials), words, part))

            path = table.run_path(folder, trial)
            reason.forget(path)
            try:
                if row.trained or _trained(path, trial, control, tell):
                    judge = judging.JUDGES[study.measurement]
                    _measured(path, judge.assessment, control, tell)
                elif control.stopping:
                    return "stopped"
            except Cancelled:
                return "stopped"
            except SaveError:
                raise  # the next one could not be kept either
            except failure.EXPECTED as problem:
                reason.keep(path, failure.sentence(problem))
            except Exception as problem:
                logger.exception("%s: not measured", path)
                reason.keep(path, failure.sentence(problem))
        if study.closing and table.closing(folder, study) is None:
            return _closed(folder, study, control, told)
    finally:
        claim.release()
    return "completed"


def _closed(
    folder: Path, study: Study, control: Control, told: Callable[[Progress], None]
) -> Literal["completed", "stopped"]:
    """Measure what a study is closed with, of the last trial that was measured, if there is one."""
    count = len(study.trials)
    done = [one.trial for one in table.rows(folder, study) if one.state == "measured"]
    if not done or control.stopping:
        return "stopped" if control.stopping else "completed"
    last = done[-1]
    path = table.run_path(folder, last)
    reason.forget(folder)
    try:
        _measured(
            path,
            study.closing,
            control,
            lambda words, part: told(Progress(last, count, count, words, part)),
        )
    except Cancelled:
        return "stopped"
    except SaveError:
        raise
    except failure.EXPECTED as problem:
        reason.keep(folder, failure.sentence(problem))
    except Exception as problem:
        logger.exception("%s: %s not measured", path, study.closing)
        reason.keep(folder, failure.sentence(problem))
    return "completed"


def _trained(
    path: Path, trial: Trial, control: Control, tell: Callable[[str, float], None]
) -> bool:
    """Train a trial to its end; False if it was stopped or failed."""
    recipe = Recipe.from_toml(trial.recipe, trial.name)
    if (path / "recipe.toml").exists():
        directory = RunDirectory.open(path)
    else:
        directory = RunDirectory.create(path, recipe)
    resume = "auto" if directory.shelf.entries() else None
    record = RunRecord()
    try:
        for event in directory.record(train(directory.own(recipe), control, directory, resume)):
            record.apply(event)
            if isinstance(event, Preparing):
                tell(event.stage, 0.0)
            elif isinstance(event, StepDone):
                tell("Training", record.progress)
    finally:
        directory.close()
    return record.stopped is not None and record.stopped.reason == "completed"


def _measured(
    path: Path, assessment: str, control: Control, tell: Callable[[str, float], None]
) -> None:
    one = find(assessment)
    watch = Watch(
        lambda words, done, total: tell(words, done / total if total else 0.0),
        lambda: control.stopping,
    )
    with Subject.open(RunDirectory.open(path), watch=watch) as subject:
        subject.omitted = frozenset({PIXELS})  # the same for all trials
        found = kept.measure(one, subject, one.config(), watch)
    if found.unsaved:  # the table of the study reads what was kept
        raise SaveError(found.unsaved)
