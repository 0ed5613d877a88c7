"""How often things are due, and how fast a run goes."""

from __future__ import annotations

import math
import time
from collections import deque

MOMENTS = 100
"""Sets of features kept of a run between its evaluations, about, unless a recipe says otherwise."""
SHARE = 0.1
"""Part of the work of training that these may cost at most, unless a recipe says otherwise."""
PASSES = 3
"""Of an image through the network in a step at least: forward, and backward as two of these."""


def every(epochs: float, steps_per_epoch: int) -> int:
    """Steps between two of what is due every so many epochs, at least 1."""
    return max(1, round(epochs * steps_per_epoch))


def due(step: int, interval: int, total: int) -> bool:
    """Whether something is due after ``step`` steps: on its cadence, and at the very end."""
    return step > 0 and (step % interval == 0 or step == total)


def features(
    snapshots: int | None, snapshot_every: int, images: int, step_images: float, total: int
) -> int:
    """Steps between two sets of features of the probe images that are kept beside evaluations.

    Worked out from counts and never from the clock, so that a run keeps the same ones on every
    machine, and when it is resumed.

    Args:
        snapshots: how many snapshots lie between two, as the recipe says; 0 is never, None as often
            as costs little.
        snapshot_every: steps between two snapshots.
        images: that are embedded.
        step_images: images of a step, counted by the part that goes through the network.
        total: steps of the run.

    Returns:
        0 for never.
    """
    if snapshots is None:
        bearable = images / (PASSES * step_images * SHARE)
        snapshots = max(1, math.ceil(max(bearable, total / MOMENTS) / snapshot_every))
    return snapshots * snapshot_every


class Speed:
    """Images per second over the last steps; time spent between them (evaluations) is left out."""

    def __init__(self, window: int = 20) -> None:
        self._steps: deque[tuple[int, float]] = deque(maxlen=window)
        self._began = 0.0

    def start(self) -> None:
        """A step begins."""
        self._began = time.perf_counter()

    def stop(self, images: int) -> float:
        """A step ended; the average over the last steps."""
        self._steps.append((images, time.perf_counter() - self._began))
        images_done = sum(count for count, _ in self._steps)
        return images_done / max(sum(seconds for _, seconds in self._steps), 1e-9)
