"""An axis: how values become pixels, where its ticks stand and how they read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 100
"""Ticks of an axis at most."""


@dataclass(frozen=True)
class Scale:
    """Values between ``low`` and ``high`` laid over pixels between ``start`` and ``stop``."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def pixels(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Pixels of values, any shape; on a log axis values <= 0 are not finite."""
        low, high = self._ends()
        moved = np.asarray(values, np.float64)
        if self.log:
            moved = np.log10(np.where(moved > 0, moved, np.nan))
        return self.start + (moved - low) / (high - low) * (self.stop - self.start)

    def pixel(self, value: float) -> float:
        """The pixel of one value."""
        return float(self.pixels(np.asarray(value)))

    def value(self, pixel: float) -> float:
        """The value under a pixel."""
        low, high = self._ends()
        moved = low + (pixel - self.start) / (self.stop - self.start) * (high - low)
        return 10.0**moved if self.log else moved

    def _ends(self) -> tuple[float, float]:
        if self.log:
            return math.log10(self.low), math.log10(self.high)
        return self.low, self.high


def ticks(low: float, high: float, count: int, *, log: bool = False) -> list[float]:
    """About ``count`` round values within [low, high]: 1, 2 or 5 times a power of ten.

    On a log axis: powers of ten, thinned out if there are many, with 2 and 5 between if few.
    """
    count = max(count, 2)
    if log:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        stride = max(1, math.ceil((last - first) / count))
        parts = (1.0, 2.0, 5.0) if (last - first) * 3 <= count + 3 else (1.0,)
        values = [part * 10.0**n for n in range(first, last + 1, stride) for part in parts]
        slack = 1 + 1e-9
        return [value for value in values if low / slack <= value <= high * slack]
    first_index, last_index, step = 0, 0, 1.0
    while last_index - first_index < 1 and count < MOST:  # one tick alone does not make a scale
        step = round_step((high - low) / count)
        first_index, last_index = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        count += 1
    return [index * step for index in range(first_index, last_index + 1)]


def round_step(rough: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below ``rough``."""
    power = 10.0 ** math.floor(math.log10(max(rough, 1e-300)))
    for part in (1.0, 2.0, 5.0):
        if part * power >= rough * (1 - 1e-9):
            return part * power
    return 10.0 * power


def limits(low: float, high: float, *, log: bool = False, count: int = 4) -> tuple[float, float]:
    """Round limits that hold [low, high]; zero is taken in where it is near.

    A log axis gets its limits at 1, 2 or 5 times a power of ten, and never fewer than a factor 4.
    """
    if log:
        high = max(high, low * (1 + 1e-9))
        bottom, top = _round_down(low), 1 / _round_down(1 / high)
        if top / bottom < 4:
            bottom, top = bottom / 2, top * 2
        return bottom, top
    if high <= low:
        pad = abs(low) * 0.1 or 1.0
        low, high = low - pad, high + pad
    elif 0 < low < 0.5 * high:
        low = 0.0
    step = round_step((high - low) / count)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value) + 1e-12)
    return max(part for part in (1.0, 2.0, 5.0) if part * power <= value * (1 + 1e-9)) * power


def tick_text(value: float, step: float) -> str:
    """A tick as text, with as many decimals as the distance between ticks asks for."""
    if abs(value) < step * 1e-6:
        value = 0.0
    if value != 0.0 and (step < 1e-4 or abs(value) >= 1e7):
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e").replace("-", "−")
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return f"{value:,.{min(decimals, 6)}f}".replace("-", "−")


def reading(value: float) -> str:
    """One value to read off: three significant figures, a true minus sign."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "∞" if value > 0 else "−∞"
    size = abs(value)
    if size == 0:
        text = "0"
    elif size >= 1e6 or size < 1e-3:
        text = f"{value:.2e}".replace("e-0", "e-").replace("e+0", "e")
    elif size >= 100:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.{2 - math.floor(math.log10(size))}f}" if size < 1 else f"{value:.2f}"
    return text.replace("-", "−")
