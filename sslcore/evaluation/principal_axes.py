"""Principal axes of rows, so that what is fitted to them on these axes converges quickly."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MOST = 4096
"""Axes at most: finding more takes longer than it saves."""

PART, FEWEST = 4, 8192
"""Rows whose axes are taken: four times as many as there are numbers, and at least so many."""

_NOTHING = 1e-7
"""Variance, relative to the largest, below which an axis of few rows is rounding."""


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Centred rows, and another basis of the space they span.

    Turning a space changes neither lengths nor products, so a linear model with an L2 penalty has
    the same minimum there. What changes is that the numbers no longer depend on each other. Few
    rows are turned, for there are fewer numbers then; many rows stay as they are, and it is the
    weights that are turned, which is much less work. Axes of many rows are those of a part of
    them: they need not be exact to be of use.

    Attributes:
        rows: (N, R) float32 on the axes, R = min(N, D) or less; or (N, D) as they were.
        axes: (D, R) orthonormal columns. None where there would be more than :data:`MOST`.
        variances: (R,) of the rows along each axis.
        turned: whether ``rows = centred @ axes``.
    """

    rows: Tensor
    axes: Tensor | None
    variances: Tensor
    turned: bool = True

    @classmethod
    def of(cls, centred: Tensor) -> PrincipalAxes:
        """Of (N, D) float32 rows whose mean is 0."""
        count, width = centred.shape
        if min(count, width) > MOST:
            return cls(centred, None, centred.square().mean(0))
        if count >= width:
            some = centred[:: max(count // max(PART * width, FEWEST), 1)]
            variances, axes = torch.linalg.eigh(some.T @ some / len(some))
            return cls(centred, axes, variances.clamp(min=0), turned=False)
        # Few rows span a smaller space: its axes follow from the products of the rows.
        variances, turned = torch.linalg.eigh(centred @ centred.T / count)
        there = variances > _NOTHING * variances.max()
        variances, turned = variances[there], turned[:, there]
        lengths = (variances * count).sqrt()
        return cls(turned * lengths, centred.T @ turned / lengths, variances)

    def on_rows(self, weight: Tensor) -> Tensor:
        """(K, R) weights on the axes -> weights on the numbers of ``rows``."""
        return weight if self.turned else self.back(weight)

    def onto(self, weight: Tensor) -> Tensor:
        """(K, D) weights on the old numbers -> (K, R) on the axes."""
        return weight if self.axes is None else weight @ self.axes

    def back(self, weight: Tensor) -> Tensor:
        """(K, R) weights on the axes -> (K, D) on the old numbers."""
        return weight if self.axes is None else weight @ self.axes.T
