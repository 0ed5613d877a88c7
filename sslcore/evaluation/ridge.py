"""Ridge regression on standardised features, solved exactly."""

from __future__ import annotations

import torch
from torch import Tensor

from sslcore.doubles import doubled
from sslcore.evaluation.linear import SMALLEST_DEVIATION

PENALTIES = tuple(float(10.0**power) for power in (2, 1, 0, -1, -2, -3, -4, -5))
"""Penalties tried unless others are given, the strongest first."""


class Ridge:
    """Ridge regression of several targets on the same features; what they share is done once.

    Minimises  mean_i (y_i - x_i w - b)^2 + penalty |w|^2  on standardised features, the intercept
    free, in the smaller of two spaces: w = (X' X + c)^-1 X' y = X' (X X' + c)^-1 y, c = penalty N
    (Hoerl and Kennard 1970, https://doi.org/10.1080/00401706.1970.10488634). The same as
    scikit-learn's Ridge with alpha = c.

    Args:
        rows: (N, D) raw features.
        targets: (N, T) numbers.
        device: where to compute, in float64; the CPU steps in where the device has none.
    """

    def __init__(self, rows: Tensor, targets: Tensor, device: torch.device | str = "cpu") -> None:
        x = doubled(rows.to(device))
        self._mean, deviation = x.mean(0), x.std(0, unbiased=False)
        self._deviation = torch.where(deviation > SMALLEST_DEVIATION, deviation, 1.0)
        self._x = (x - self._mean) / self._deviation
        y = targets.to(self._x)
        self._middle = y.mean(0)
        self._y = y - self._middle
        self._dual = x.shape[0] < x.shape[1]
        self._gram = self._x @ self._x.T if self._dual else self._x.T @ self._x
        self._right = self._y if self._dual else self._x.T @ self._y

    def solve(self, penalty: float) -> tuple[Tensor, Tensor]:
        """Weights (D, T) and intercepts (T,) on raw features, float64 where it was computed.

        Args:
            penalty: above 0.
        """
        ridge = torch.eye(len(self._gram)).to(self._gram) * (penalty * len(self._x))
        solved = torch.cholesky_solve(self._right, torch.linalg.cholesky(self._gram + ridge))
        weight = self._x.T @ solved if self._dual else solved
        weight = weight / self._deviation[:, None]
        return weight, self._middle - self._mean @ weight

    def predict(self, queries: Tensor, penalty: float) -> Tensor:
        """(Q, T) float64 on the CPU, for raw (Q, D) features."""
        weight, intercept = self.solve(penalty)
        return (queries.to(weight) @ weight + intercept).cpu()
