"""How the positions of a slider become values that a person would have typed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sslcore.config import Knob

MOST = 200
PER_DECADE = 24
SPAN = 1000.0
"""A slider of more integers, or of more than this factor either way, stays near its default."""
WIDE = 200.0
"""The same for fractions: their bounds over the way from the lower one to the default."""


@dataclass(frozen=True)
class Travel:
    """Positions 0 to ``count``, each a round value between ``low`` and ``high``.

    Attributes:
        low, high: ends of the slider; the bounds of the knob may lie beyond.
        count: the last position.
        log: whether equal ways are equal factors.
        whole: whether values are integers.
        zero: whether position 0 of a log slider is the value 0.
    """

    low: float
    high: float
    count: int
    log: bool
    whole: bool
    zero: bool = False

    def value(self, position: int) -> float | int:
        """The value of a position: the ends exactly, between them with few digits."""
        if self.zero and position <= 0:
            return 0 if self.whole else 0.0
        part = min(max(position / max(self.count, 1), 0.0), 1.0)
        if self.log:
            found = self.low * (self.high / self.low) ** part
            found = float(f"{found:.2g}")
        else:
            step = (self.high - self.low) / max(self.count, 1)
            found = self.low + part * (self.high - self.low)
            found = round(found, max(0, 1 - math.floor(math.log10(step)))) if step > 0 else found
        found = min(max(found, self.low), self.high)
        return round(found) if self.whole else found

    def position(self, value: float) -> int:
        """The position nearest to a value; beyond the ends, the end."""
        if not math.isfinite(value) or (self.zero and value <= 0):
            return 0 if not value > 0 else self.count
        inside = min(max(value, self.low), self.high)
        if self.log:
            part = math.log(inside / self.low) / math.log(self.high / self.low)
        else:
            part = (inside - self.low) / (self.high - self.low)
        return max(round(part * self.count), 1 if self.zero else 0)

    @classmethod
    def of(cls, knob: Knob) -> Travel | None:
        """The slider of a number, or None where it has no bounds to slide between."""
        if knob.low is None or knob.high is None or knob.high <= knob.low:
            return None
        low, high, default = float(knob.low), float(knob.high), _number(knob.default)
        whole = knob.kind == "int"
        if knob.log and high > 0:
            return cls._logarithmic(low, high, default, whole)
        if whole and high - low > SPAN:
            # epochs from 1 to 100,000 on a hundred pixels: slide where people are, type the rest
            low, high = low, min(high, low + max(4 * abs((default or low) - low), 100.0))
        elif not whole and high - low > WIDE * (from_low := abs((default or low) - low) or 1.0):
            high = min(high, low + (4 if default else 20) * from_low)
        count = int(high - low) if whole and high - low <= MOST * 2 else MOST
        return cls(low, high, count, log=False, whole=whole)

    @classmethod
    def _logarithmic(cls, low: float, high: float, default: float | None, whole: bool) -> Travel:
        centre = (
            default if default is not None and default > 0 else math.sqrt(max(low, 1e-6) * high)
        )
        bottom = max(low, centre / SPAN) if low > 0 else min(centre, high) / SPAN
        top = min(high, centre * SPAN)
        bottom = max(bottom, 1.0) if whole else bottom
        count = max(int(math.log10(top / bottom) * PER_DECADE), 8)
        return cls(bottom, top, count, log=True, whole=whole, zero=low <= 0)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
