"""Maps of a feature space by their principal components, and layouts laid onto each other.

UMAP and t-SNE take longer: see :mod:`sslcore.evaluation.projection_server`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.evaluation.vectors import Features, as_matrix

Points = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Components:
    """Directions of largest variance, largest first.

    The same features give the same picture: of each direction, the sign is taken that makes its
    largest weight positive.

    Attributes:
        middle: (D,) float64, the mean of the features.
        directions: (D, d) float64, orthonormal; zero where the features have no more.
    """

    middle: Tensor
    directions: Tensor

    @classmethod
    def of(cls, features: Features, dimensions: int = 2) -> Components:
        """Those of (N, D) features.

        Raises:
            ValueError: for NaN, an empty matrix, or fewer than one dimension.
        """
        if dimensions < 1:
            raise ValueError(f"dimensions must be at least 1, got {dimensions}")
        rows = as_matrix(features, "features", double=True)
        middle = rows.mean(0)
        rows = rows - middle
        count, width = rows.shape
        # Eigenvectors of the smaller Gram matrix: seconds where a decomposition of rows takes
        # minutes.
        if width <= count:
            found = torch.linalg.eigh(rows.T @ rows)[1].flip(1)[:, :dimensions]
        else:
            shares = torch.linalg.eigh(rows @ rows.T)[1].flip(1)[:, :dimensions]
            found = rows.T @ shares
            norms = found.norm(dim=0)
            found = found / torch.where(norms > 0, norms, torch.ones_like(norms))
        largest = found.abs().argmax(0)
        found = found * torch.sign(found[largest, torch.arange(found.shape[1])])
        directions = rows.new_zeros(width, dimensions)
        directions[:, : found.shape[1]] = found
        return cls(middle, directions)

    def project(self, features: Features) -> Points:
        """(Q, d) float32 coordinates of (Q, D) features, also of others than those they are of."""
        rows = as_matrix(features, "features", double=True).to(self.middle.device)
        if rows.shape[1] != len(self.middle):
            raise ValueError(
                f"features must come from one encoder: {rows.shape[1]} dimensions, and "
                f"{len(self.middle)} on the map"
            )
        return ((rows - self.middle) @ self.directions).float().cpu().numpy()


def pca(features: Features, dimensions: int = 2) -> Points:
    """Coordinates along the directions of largest variance, largest first.

    Args:
        features: (N, D).
        dimensions: how many coordinates; those the features do not have are zero.

    Returns:
        (N, dimensions) float32, centred.

    Raises:
        ValueError: for NaN, an empty matrix, or fewer than one dimension.
    """
    return Components.of(features, dimensions).project(features)


@dataclass(frozen=True, eq=False)
class Alignment:
    """A move, turn, mirroring and scaling of the plane as a whole.

    Attributes:
        middle: (d,) float64 of the points it was found for.
        turn: (d, d) float64, orthonormal.
        scale: by how much lengths grow.
        goal: (d,) float64, where the middle goes.
    """

    middle: NDArray[np.float64]
    turn: NDArray[np.float64]
    scale: float
    goal: NDArray[np.float64]

    @classmethod
    def of(cls, layout: Points, reference: Points) -> Alignment:
        """The one that brings (N, d) points as near to where they should be as it can.

        Orthogonal Procrustes with scale (Schoenemann 1966, https://doi.org/10.1007/BF02289451): no
        distance inside the layout changes but for the common factor.

        Raises:
            ValueError: if the shapes differ.
        """
        if layout.shape != reference.shape:
            raise ValueError(
                f"both layouts need the same points: {layout.shape} and {reference.shape}"
            )
        middle = layout.mean(0, dtype=np.float64)
        points = layout - middle
        goal_middle = reference.mean(0, dtype=np.float64)
        goal = reference - goal_middle
        left, strengths, right = np.linalg.svd(points.T @ goal)
        size = (points**2).sum()
        scale = float(strengths.sum() / size) if size > 0 and strengths.sum() > 0 else 1.0
        return cls(middle, left @ right, scale, goal_middle)

    def __call__(self, points: Points) -> Points:
        """(Q, d) points, moved."""
        return ((points - self.middle) @ self.turn * self.scale + self.goal).astype(np.float32)


def align(layout: Points, reference: Points) -> Points:
    """A layout moved, turned, mirrored and scaled as a whole to lie as near to another as it can.

    Args:
        layout: (N, d) points to move.
        reference: (N, d) where each of them should be.

    Raises:
        ValueError: if the shapes differ.
    """
    return Alignment.of(layout, reference)(layout)
