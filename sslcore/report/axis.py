"""Where an axis has its marks, and how numbers are written on it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_RAISED = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)


@dataclass(frozen=True)
class Axis:
    """One axis of a chart.

    Attributes:
        low, high: its ends.
        log: whether equal factors take equal room.
        percent: whether 0.5 is written 50 %.
    """

    low: float
    high: float
    log: bool = False
    percent: bool = False

    @classmethod
    def around(
        cls,
        values: Iterable[float],
        *,
        log: bool = False,
        percent: bool = False,
        zero: bool = False,
        tight: bool = False,
    ) -> Axis:
        """An axis with room for all finite values.

        Args:
            values: what is drawn.
            log: asked for; not used unless every value is positive.
            percent: see above.
            zero: whether 0 belongs to it.
            tight: whether it ends where the values end.
        """
        found = np.array([one for one in values if math.isfinite(one)], np.float64)
        if zero:
            found = np.append(found, 0.0)
        if not len(found):
            return cls(0.0, 1.0, percent=percent)
        low, high = float(found.min()), float(found.max())
        if log and low > 0:
            if high / low < 1.1:
                low, high = low / 1.1, high * 1.1
            return cls(low, high, log=True, percent=percent)
        span = (high - low) or abs(high) or 1.0
        if high == low:
            return cls(low - 0.05 * span, high + 0.05 * span, percent=percent)
        if not tight:
            low = low if zero and low == 0 else low - 0.05 * span
            high = high if zero and high == 0 else high + 0.05 * span
        return cls(low, high, percent=percent)

    def part(self, value: float) -> float:
        """Where a value lies, 0 at the low end, 1 at the high end."""
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            return (math.log(value) - low) / (high - low)
        return (value - self.low) / (self.high - self.low)

    def marks(self, most: int = 6) -> list[float]:
        """Round values between the ends."""
        if self.log and self.high / self.low > 20:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            every = max(1, math.ceil((last - first + 1) / most))
            return [10.0**power for power in range(first, last + 1, every)]
        rough = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [one * step for one in range(first, last + 1)]

    def written(self, value: float) -> str:
        """A mark's number."""
        if self.percent:
            return f"{100 * value:.4g} %"
        power = round(math.log10(value)) if value > 0 else 0
        if self.log and abs(power) > 2 and math.isclose(value, 10.0**power):
            return "10" + str(power).translate(_RAISED)
        if value and (abs(value) >= 1e5 or abs(value) < 1e-4):
            return f"{value:.3g}"
        return f"{value:.6g}"
