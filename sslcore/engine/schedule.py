"""How learning rate and weight decay move over a run: pure functions of the step."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sslcore.sections import OptimiserSection, ScheduleSection


@dataclass(frozen=True)
class Timetable:
    """Learning rate and weight decay of every step; steps count from 0.

    Attributes:
        schedule: shape, warm-up and length.
        optimiser: peak learning rate and weight decay.
        steps_per_epoch: optimiser steps of one pass over the data.
    """

    schedule: ScheduleSection
    optimiser: OptimiserSection
    steps_per_epoch: int

    @property
    def total_steps(self) -> int:
        """Optimiser steps of the whole run."""
        return self.schedule.epochs * self.steps_per_epoch

    @property
    def warmup_steps(self) -> int:
        """Steps until the peak rate is reached, at most the whole run."""
        steps = round(self.schedule.warmup_epochs * self.steps_per_epoch)
        return min(steps, self.total_steps)

    def warmup(self, step: int) -> float:
        """Rises evenly; the first step already moves, the last of the warm-up has the peak."""
        return min(1.0, (step + 1) / self.warmup_steps) if self.warmup_steps else 1.0

    def decay(self, step: int) -> float:
        """1 until the end of the warm-up, then the recipe's shape."""
        section = self.schedule
        if step < self.warmup_steps or section.decay == "constant":
            return 1.0
        if section.decay == "step":
            passed = sum(step >= part * self.total_steps for part in section.milestones)
            return section.decay_factor**passed
        part = (step - self.warmup_steps) / max(1, self.total_steps - self.warmup_steps)
        return section.final_factor + (1 - section.final_factor) * _cosine(part)

    def rate(self, step: int, *, scale: float = 1.0, fixed: bool = False) -> float:
        """Learning rate of one parameter group.

        Args:
            step: optimiser steps done before.
            scale: the group's factor on the recipe's rate.
            fixed: whether the group keeps its rate after the warm-up.
        """
        factor = self.warmup(step) * (1.0 if fixed else self.decay(step))
        return self.optimiser.learning_rate * scale * factor

    def weight_decay(self, step: int) -> float:
        """Constant, or on a cosine from ``weight_decay`` to ``weight_decay_end``."""
        start, end = self.optimiser.weight_decay, self.optimiser.weight_decay_end
        if end is None:
            return start
        return end + (start - end) * _cosine(step / max(1, self.total_steps))


def _cosine(part: float) -> float:
    """Half a cosine, from 1 at 0 to 0 at 1."""
    return 0.5 * (1 + math.cos(math.pi * min(part, 1.0)))
