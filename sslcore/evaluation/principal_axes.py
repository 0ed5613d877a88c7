"""Rows turned onto their principal axes, so that what is fitted to them converges quickly."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MOST = 4096
"""Axes at most: finding more takes longer than it saves."""

_NOTHING = 1e-7
"""Variance, relative to the largest, below which an axis of few rows is rounding."""


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Centred rows in another basis of the space they span.

    Turning a space changes neither lengths nor products, so a linear model with an L2 penalty has
    the same minimum there. What changes is that the numbers no longer depend on each other.

    Attributes:
        rows: (N, R) float32, R = min(N, D) or less.
        axes: (D, R) orthonormal columns: ``rows = centred @ axes``. None where there are more than
            :data:`MOST`; rows are as they were then.
        variances: (R,) of the rows along each axis.
    """

    rows: Tensor
    axes: Tensor | None
    variances: Tensor

    @classmethod
    def of(cls, centred: Tensor) -> PrincipalAxes:
        """Of (N, D) float32 rows whose mean is 0."""
        count, width = centred.shape
        if min(count, width) > MOST:
            return cls(centred, None, centred.square().mean(0))
        if count >= width:
            variances, axes = torch.linalg.eigh(centred.T @ centred / count)
            return cls(centred @ axes, axes, variances.clamp(min=0))
        # Few rows span a smaller space: its axes follow from the products of the rows.
        variances, turned = torch.linalg.eigh(centred @ centred.T / count)
        there = variances > _NOTHING * variances.max()
        variances, turned = variances[there], turned[:, there]
        lengths = (variances * count).sqrt()
        return cls(turned * lengths, centred.T @ turned / lengths, variances)

    def onto(self, weight: Tensor) -> Tensor:
        """(K, D) weights on the old numbers -> (K, R) on these."""
        return weight if self.axes is None else weight @ self.axes

    def back(self, weight: Tensor) -> Tensor:
        """(K, R) weights on these numbers -> (K, D) on the old ones."""
        return weight if self.axes is None else weight @ self.axes.T
