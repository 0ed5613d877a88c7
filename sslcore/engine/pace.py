"""How often things are due, and how fast a run goes."""

from __future__ import annotations

import time
from collections import deque


def every(epochs: float, steps_per_epoch: int) -> int:
    """Steps between two of what is due every so many epochs, at least 1."""
    return max(1, round(epochs * steps_per_epoch))


def due(step: int, interval: int, total: int) -> bool:
    """Whether something is due after ``step`` steps: on its cadence, and at the very end."""
    return step > 0 and (step % interval == 0 or step == total)


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
