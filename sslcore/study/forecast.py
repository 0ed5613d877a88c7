"""How long a study will take, from a few steps of each kind of trial on this machine."""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import EmbeddingSaved, RunEvent, RunStarted, RunStopped, StepDone
from sslcore.recipe import Recipe
from sslcore.runs.memory import MemoryStore
from sslcore.study.judging import JUDGES
from sslcore.study.plan import Study
from sslcore.study.table import Row

STEPS = 8
"""Timed; as many again are left out first, for caches to fill."""
PROBED = 128
"""Images of each split that are embedded to time it."""
ASKED = (3, 6)
"""Steps after which they are; before those that are timed."""
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
        trials: to be trained or measured.
        total_steps: of all of them.
        training: seconds of all steps, on this machine, as loaded as it is now.
        measuring: seconds of what every trial is judged by, and of the evaluations of its run, that
            of the untrained encoder among them: the time images take to be embedded. What is
            computed of the features is short beside it and not counted.
    """

    trials: int
    total_steps: int
    training: float
    measuring: float = 0.0

    @property
    def seconds(self) -> float:
        """Of everything."""
        return self.training + self.measuring

    @property
    def steps(self) -> int:
        """Of a trial, the mean where they differ."""
        return round(self.total_steps / max(self.trials, 1))

    @property
    def seconds_per_step(self) -> float:
        """Mean over all steps of the study."""
        return self.training / max(self.total_steps, 1)


@dataclass(frozen=True)
class Timed:
    """What a few steps of a recipe told.

    Attributes:
        steps_per_epoch: of this recipe on its images.
        seconds: of a step, the median.
        embedding: seconds to embed one image; 0 if it was not timed.
        images, held_out: trained on, and held out.
    """

    steps_per_epoch: int
    seconds: float
    embedding: float = 0.0
    images: int = 0
    held_out: int = 0

    def evaluations(self, recipe: Recipe) -> float:
        """Seconds of the evaluations of a run: of the untrained encoder, now and then, at its end.

        Each embeds the probe images of both splits, and two views of those held out.
        """
        section = recipe.run
        bank = min(self.images, section.probe_images)
        queries = min(self.held_out, section.probe_images)
        viewed = queries if queries >= 2 else bank
        count = 1 + math.ceil(recipe.schedule.epochs / section.evaluate_every)
        return count * (bank + queries + 2 * viewed) * self.embedding

    def measurement(self, passes: int) -> float:
        """Seconds of a measurement that goes through all images so often."""
        return passes * (self.images + self.held_out) * self.embedding


def forecast(study: Study, control: Control, left: Sequence[Row] | None = None) -> Forecast:
    """Train some steps of each kind of trial into memory and time them.

    Trials that differ in epochs, seeds, rates and the like take the same time for a step, and their
    steps are counted; those with another network, batch or data are timed by themselves.

    Args:
        study: what is to be trained.
        control: a stop ends the timing.
        left: trials that are not measured yet; all, from their first step on, unless given. Of
            those that are trained already only the measurement counts.

    Raises:
        ValueError: if no trial can be trained; the message says why. One that cannot, among others
            that can, takes no time.
    """
    rows = [Row(one, "waiting") for one in study.trials] if left is None else left
    recipes = [Recipe.from_toml(one.trial.recipe, one.trial.name) for one in rows]
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
    passes = JUDGES[study.measurement].passes
    total, training, measuring = 0, 0.0, 0.0
    for row, recipe, (kind, views) in zip(rows, recipes, kinds, strict=True):
        alike = found.get(kind)
        if alike is None:
            continue
        one = alike.get(views) or _mean(list(alike.values()))
        measuring += one.measurement(passes)
        if not row.trained:
            steps = recipe.schedule.epochs * one.steps_per_epoch
            total, training = total + steps, training + steps * one.seconds
            measuring += one.evaluations(recipe)
    return Forecast(len(rows), total, training, measuring)


class _Until(Control):
    """Stops with another control too, also in the midst of an evaluation."""

    def __init__(self, outer: Control) -> None:
        super().__init__()
        self._outer = outer

    @property
    def stopping(self) -> bool:
        return super().stopping or self._outer.stopping


class _Watch:
    """Looks at the clock at every event of a run."""

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.steps: list[float] = []
        self.embedding: list[float] = []
        self._last = time.monotonic()

    def see(self, event: RunEvent) -> None:
        now = time.monotonic()
        if isinstance(event, RunStarted):
            self.started = event
        elif isinstance(event, StepDone):
            self.steps.append(now - self._last)
        elif isinstance(event, EmbeddingSaved) and event.step:
            # Not that of the untrained encoder, which comes with an evaluation and is the first.
            self.embedding.append((now - self._last) / max(event.count, 1))
        self._last = time.monotonic()


def timed(recipe: Recipe, control: Control) -> Timed | None:
    """Train some steps of a recipe into memory; None if that was stopped before the first.

    Raises:
        ValueError: if it cannot be trained; the message says why.
    """
    longer = {
        # A short trial may have fewer steps than are timed.
        "schedule.epochs": max(recipe.schedule.epochs, 2 * STEPS + 1),
        "run.probe_images": min(recipe.run.probe_images, PROBED),
        # Features are kept when they are asked for and at no other time.
        "run.evaluate_every": 10_000.0,
        "run.snapshot_every": 1_000,
        "run.embed_every": 1,
    }
    own, watch = _Until(control), _Watch()
    for event in train(recipe.with_set(longer), own, MemoryStore()):
        watch.see(event)
        if isinstance(event, RunStopped) and event.reason == "failed":
            raise ValueError(str(event.error))
        if isinstance(event, StepDone) and event.step in ASKED:
            own.snapshot_now()
        if len(watch.steps) > 2 * STEPS:
            own.stop()
    started, taken = watch.started, watch.steps
    if started is None or not taken:
        return None
    return Timed(
        started.steps_per_epoch,
        statistics.median(taken[len(taken) // 2 :]),
        min(watch.embedding, default=0.0),
        started.images,
        started.held_out,
    )


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
    return replace(
        told[0],
        seconds=statistics.fmean(one.seconds for one in told),
        embedding=statistics.fmean(one.embedding for one in told),
    )
