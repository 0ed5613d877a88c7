"""How long a study will take, from a few steps of each kind of trial on this machine."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import RunStarted, RunStopped, StepDone
from sslcore.recipe import Recipe
from sslcore.runs.memory import MemoryStore
from sslcore.study.plan import Study

STEPS = 8
"""Timed; as many again are left out first, for caches to fill."""
MOST = 8
"""Recipes that are timed where only views differ; what others take lies between these."""
_LENGTH = {
    "schedule": {"epochs", "decay", "milestones"},
    "run": {"seed", "snapshot_every", "keep_checkpoints", "probe_images", "embed_every"},
    "data": {"split_seed"},
}
"""Fields that change nothing of a step's time or of the steps of an epoch."""
_SIZES = {"mask_ratio", "patch"}
"""Numbers with a point that say how much a network has to go through."""


@dataclass(frozen=True)
class Forecast:
    """What a study will take.

    Attributes:
        trials: to be trained.
        total_steps: of all of them.
        seconds: of all training, on this machine, as loaded as it is now; measuring comes on top of
            it and is short beside it.
    """

    trials: int
    total_steps: int
    seconds: float

    @property
    def steps(self) -> int:
        """Of a trial, the mean where they differ."""
        return round(self.total_steps / max(self.trials, 1))

    @property
    def seconds_per_step(self) -> float:
        """Mean over all steps of the study."""
        return self.seconds / max(self.total_steps, 1)


@dataclass(frozen=True)
class Timed:
    """What a few steps of a recipe told.

    Attributes:
        steps_per_epoch: of this recipe on its images.
        seconds: of a step, the median.
    """

    steps_per_epoch: int
    seconds: float


def forecast(study: Study, control: Control, left: int | None = None) -> Forecast:
    """Train some steps of each kind of trial into memory and time them.

    Trials that differ in epochs, seeds, rates and the like take the same time for a step, and their
    steps are counted; those with another network, batch or data are timed by themselves.

    Args:
        study: what is to be trained.
        control: a stop ends the timing.
        left: trials to be trained, the last ones; all unless given.

    Raises:
        ValueError: if no trial can be trained; the message says why. One that cannot, among others
            that can, takes no time.
    """
    count = len(study.trials) if left is None else left
    trials = study.trials[len(study.trials) - count :]
    recipes = [Recipe.from_toml(one.recipe, one.name) for one in trials]
    kinds = [_kind(one) for one in recipes]
    found: dict[str, dict[str, Timed]] = {}  # kind -> views -> what was told
    problems: list[ValueError] = []
    for number in _chosen(kinds):
        if control.stopping:
            break
        kind, views = kinds[number]
        try:
            told = timed(recipes[number], control)
        except ValueError as error:
            problems.append(error)
        else:
            if told is not None:
                found.setdefault(kind, {})[views] = told
    if problems and not found:
        raise problems[0]
    total, seconds = 0, 0.0
    for recipe, (kind, views) in zip(recipes, kinds, strict=True):
        alike = found.get(kind)
        if alike is not None:
            one = alike.get(views) or _mean(list(alike.values()))
            steps = recipe.schedule.epochs * one.steps_per_epoch
            total, seconds = total + steps, seconds + steps * one.seconds
    return Forecast(count, total, seconds)


def timed(recipe: Recipe, control: Control) -> Timed | None:
    """Train some steps of a recipe into memory; None if that was stopped before the first.

    Raises:
        ValueError: if it cannot be trained; the message says why.
    """
    # The evaluation of the untrained encoder, before the first step, is not what is timed.
    # A short trial may have fewer steps than are timed.
    longer = {"run.probe_images": 2, "schedule.epochs": max(recipe.schedule.epochs, 2 * STEPS + 1)}
    own = Control()
    times: list[float] = []
    steps_per_epoch = 0
    for event in train(recipe.with_set(longer), own, MemoryStore()):
        if isinstance(event, RunStarted):
            steps_per_epoch = event.steps_per_epoch
        elif isinstance(event, StepDone):
            times.append(time.monotonic())
        elif isinstance(event, RunStopped) and event.reason == "failed":
            raise ValueError(str(event.error))
        if control.stopping or len(times) > 2 * STEPS:
            own.stop()
    taken = [after - before for before, after in pairwise(times)]
    if not taken:
        return None
    return Timed(steps_per_epoch, statistics.median(taken[len(taken) // 2 :]))


def _kind(recipe: Recipe) -> tuple[str, str]:
    """What steps cost and how many an epoch has, as text: all but the views, and the views.

    Numbers with a point (rates, temperatures, weights of a loss) move no step's time, but for
    sizes; those of the data say which images there are.
    """
    values: dict[str, Any] = recipe.model_dump(mode="json")
    views = json.dumps(values.pop("views", None), sort_keys=True)
    kept: dict[str, Mapping[str, Any]] = {}
    for section, fields in values.items():
        left_out = _LENGTH.get(section, set())
        kept[section] = {
            name: value
            for name, value in fields.items()
            if name not in left_out
            and (section == "data" or name in _SIZES or not isinstance(value, float))
        }
    return json.dumps(kept, sort_keys=True), views


def _chosen(kinds: Sequence[tuple[str, str]]) -> list[int]:
    """Which trials are timed: one of each kind, then one of each views, MOST of these evenly."""
    first: dict[str, int] = {}
    every: dict[tuple[str, str], int] = {}
    for number, kind in enumerate(kinds):
        first.setdefault(kind[0], number)
        every.setdefault(kind, number)
    more = [number for number in every.values() if number not in set(first.values())]
    room = min(max(MOST - len(first), 0), len(more))
    return [*first.values(), *(more[place * len(more) // room] for place in range(room))]


def _mean(told: Sequence[Timed]) -> Timed:
    """Of trials that differ in their views alone; an epoch has the same steps in all of them."""
    return Timed(told[0].steps_per_epoch, statistics.fmean(one.seconds for one in told))
