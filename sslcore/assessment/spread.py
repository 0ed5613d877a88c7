"""A distribution as part of a finding."""

from __future__ import annotations

from sslcore.assessment.contract import Plain
from sslcore.evaluation.distributions import Distribution


class Spread(Plain):
    """How numbers are spread, see :class:`sslcore.evaluation.distributions.Distribution`.

    Attributes:
        count: how many there are.
        mean: of all.
        quantiles: below which 5, 25, 50, 75 and 95 % lie.
        counts: a number a bin, over edges that the finding has.
    """

    count: int
    mean: float
    quantiles: tuple[float, float, float, float, float]
    counts: tuple[int, ...]

    @property
    def median(self) -> float:
        """Half of the numbers lie below."""
        return self.quantiles[2]


def spread(found: Distribution) -> Spread:
    """The same numbers as plain values."""
    low, below, middle, above, high = found.quantiles.tolist()
    return Spread(
        count=found.count,
        mean=found.mean,
        quantiles=(low, below, middle, above, high),
        counts=tuple(found.counts.tolist()),
    )
