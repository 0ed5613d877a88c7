"""Maps of a feature space: PCA at once, UMAP in a child process, and layouts laid onto each other.

``Umap`` and its server come from :mod:`sslcore.evaluation.umap_server`, which needs no torch.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.evaluation.umap_server import Projection, Umap, UmapError, UmapServer
from sslcore.evaluation.vectors import Features, as_matrix

__all__ = ["Projection", "Umap", "UmapError", "UmapServer", "align", "pca"]


def pca(features: Features, dimensions: int = 2) -> NDArray[np.float32]:
    """Coordinates along the directions of largest variance, largest first.

    The same features give the same picture: of each direction, the sign is taken that makes its
    largest weight positive.

    Args:
        features: (N, D).
        dimensions: how many coordinates; those the features do not have are zero.

    Returns:
        (N, dimensions) float32, centred.

    Raises:
        ValueError: for NaN, an empty matrix, or fewer than one dimension.
    """
    if dimensions < 1:
        raise ValueError(f"dimensions must be at least 1, got {dimensions}")
    rows = as_matrix(features, "features", double=True)
    rows = rows - rows.mean(0)
    count, width = rows.shape
    # Eigenvectors of the smaller Gram matrix: seconds where a decomposition of rows takes minutes.
    if width <= count:
        directions = torch.linalg.eigh(rows.T @ rows)[1].flip(1)[:, :dimensions]
    else:
        shares = torch.linalg.eigh(rows @ rows.T)[1].flip(1)[:, :dimensions]
        directions = rows.T @ shares
        norms = directions.norm(dim=0)
        directions = directions / torch.where(norms > 0, norms, torch.ones_like(norms))
    largest = directions.abs().argmax(0)
    signs = torch.sign(directions[largest, torch.arange(directions.shape[1])])
    coordinates = rows @ (directions * signs)
    padded = np.zeros((count, dimensions), np.float32)
    padded[:, : coordinates.shape[1]] = coordinates.float().cpu().numpy()
    return padded


def align(layout: NDArray[np.float32], reference: NDArray[np.float32]) -> NDArray[np.float32]:
    """A layout moved, turned, mirrored and scaled as a whole to lie as near to another as it can.

    Orthogonal Procrustes with scale (Schoenemann 1966, https://doi.org/10.1007/BF02289451): no
    distance inside the layout changes but for the common factor.

    Args:
        layout: (N, d) points to move.
        reference: (N, d) where each of them should be.

    Raises:
        ValueError: if the shapes differ.
    """
    if layout.shape != reference.shape:
        raise ValueError(f"both layouts need the same points: {layout.shape} and {reference.shape}")
    middle = layout.mean(0, dtype=np.float64)
    points = layout - middle
    goal_middle = reference.mean(0, dtype=np.float64)
    goal = reference - goal_middle
    left, strengths, right = np.linalg.svd(points.T @ goal)
    size = (points**2).sum()
    scale = strengths.sum() / size if size > 0 and strengths.sum() > 0 else 1.0
    return (points @ (left @ right) * scale + goal_middle).astype(np.float32)
