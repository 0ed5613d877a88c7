"""Features as checked matrices: what every score of a feature space begins with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Features = Tensor | NDArray[Any]
"""(N, D) numbers, one row per image; a tensor keeps its device."""


def as_matrix(features: Features, name: str, *, double: bool = False) -> Tensor:
    """Features as a floating (N, D) tensor without a gradient, refused if they cannot be scored.

    Args:
        features: (N, D) tensor or array of any real dtype.
        name: what to call them in an error.
        double: work in float64; otherwise float64 stays and everything else becomes float32.

    Raises:
        ValueError: if they are not a matrix, are empty, or hold NaN or infinity (the error names
            the first such row).
    """
    if isinstance(features, np.ndarray):
        features = torch.from_numpy(np.ascontiguousarray(features))
    matrix = features.detach()
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(
            f"{name} must be (N, D) with N and D at least 1, got {tuple(matrix.shape)}"
        )
    keeps = matrix.dtype == torch.float64 or double
    matrix = matrix.to(torch.float64 if keeps else torch.float32)
    # A sum without NaN or infinity has no such part; one with them may only be too large.
    finite = None if bool(torch.isfinite(matrix.sum())) else torch.isfinite(matrix).all(1)
    if finite is not None and not bool(finite.all()):
        row = int((~finite).nonzero()[0])
        raise ValueError(
            f"{name} hold NaN or infinity (first in row {row}): the network that made them has "
            "diverged; lower the learning rate or go back to an earlier checkpoint"
        )
    return matrix


def unit(matrix: Tensor) -> Tensor:
    """Rows divided by their Euclidean norm ("l2"), safe for very large and very small numbers.

    A zero row stays zero, so its cosine with everything is 0.
    """
    largest = matrix.abs().amax(1, keepdim=True)
    scaled = matrix / torch.where(largest > 0, largest, torch.ones_like(largest))
    norm = scaled.norm(dim=1, keepdim=True)
    return scaled / torch.where(norm > 0, norm, torch.ones_like(norm))
