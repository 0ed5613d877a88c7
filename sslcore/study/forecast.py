"""How long a study will take, from a few steps of its first trial on this machine."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from itertools import pairwise

from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import RunStarted, RunStopped, StepDone
from sslcore.recipe import Recipe
from sslcore.runs.memory import MemoryStore
from sslcore.study.plan import Study

STEPS = 8
"""Timed; as many again are left out first, for caches to fill."""


@dataclass(frozen=True)
class Forecast:
    """What a study will take.

    Attributes:
        trials: to be trained.
        steps: of one trial.
        seconds_per_step: median on this machine, as loaded as it is now.
    """

    trials: int
    steps: int
    seconds_per_step: float

    @property
    def seconds(self) -> float:
        """Of all training; measuring comes on top of it and is short beside it."""
        return self.trials * self.steps * self.seconds_per_step


def forecast(study: Study, control: Control, left: int | None = None) -> Forecast:
    """Train some steps of the first trial into memory and time them.

    Args:
        study: what is to be trained.
        control: a stop ends the timing.
        left: trials to be trained; all unless given.

    Raises:
        ValueError: if the first trial cannot be trained; the message says why.
    """
    recipe = Recipe.from_toml(study.trials[0].recipe, study.trials[0].name)
    # The evaluation of the untrained encoder, before the first step, is not what is timed.
    recipe = recipe.with_set({"run.probe_images": 2})
    own = Control()
    times: list[float] = []
    steps = 0
    for event in train(recipe, own, MemoryStore()):
        if isinstance(event, RunStarted):
            steps = event.total_steps
        elif isinstance(event, StepDone):
            times.append(time.monotonic())
            if len(times) > 2 * STEPS or control.stopping:
                own.stop()
        elif isinstance(event, RunStopped) and event.reason == "failed":
            raise ValueError(str(event.error))
    taken = [after - before for before, after in pairwise(times)]
    usual = statistics.median(taken[len(taken) // 2 :]) if taken else 0.0
    return Forecast(len(study.trials) if left is None else left, steps, usual)
