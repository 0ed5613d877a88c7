"""How far every image moved in a feature space between two moments of one run.

Two encoders of one run put the same images at different places even where nothing was learned in
between: a turn, a shift or another scale of the whole space says nothing. Both measures here are
blind to these, and look at a single image against all others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.vectors import Features, as_matrix, unit

NEIGHBOURS = 10
"""Neighbours of an image that are compared."""


def movement(before: Features, after: Features) -> NDArray[np.float32]:
    """1 - cosine of every image to its old self, once both spaces are laid onto each other.

    Both are centred; the second is turned and mirrored as a whole so that it fits the first best
    (orthogonal Procrustes, Schoenemann 1966, https://doi.org/10.1007/BF02289451).

    Args:
        before: (N, D) features of the images.
        after: (N, D) features of the same images later.

    Returns:
        (N,) float32 from 0 (where it was, seen from the middle) to 2 (on the opposite side).

    Raises:
        ValueError: for shapes that differ, NaN, or no image.
    """
    first, second = _pair(before, after)
    first, second = first - first.mean(0), second - second.mean(0)
    left, _, right = np.linalg.svd(second.T @ first)
    turned = second @ (left @ right)
    lengths = np.linalg.norm(turned, axis=1) * np.linalg.norm(first, axis=1)
    inner = (turned * first).sum(1)
    # An image that lies in the middle both times has not moved; one that left it has, by 1.
    still = (np.linalg.norm(turned, axis=1) == 0) & (np.linalg.norm(first, axis=1) == 0)
    cosine = np.where(lengths > 0, inner / np.where(lengths > 0, lengths, 1), still)
    return (1 - np.clip(cosine, -1, 1)).astype(np.float32)


def neighbour_change(before: Features, after: Features, k: int = NEIGHBOURS) -> NDArray[np.float32]:
    """Part of every image's nearest neighbours that are others than before.

    Args:
        before: (N, D) features of the images.
        after: (N, D) features of the same images later; another D is allowed.
        k: neighbours by cosine, without the image itself; at most N - 1 are compared.

    Returns:
        (N,) float32: 1 - |both| / |either| of the two sets, 0 for the same and 1 for none shared.

    Raises:
        ValueError: for numbers of images that differ, NaN, k below 1, or a single image.
    """
    if len(before) != len(after):
        raise ValueError(f"both need the same images: {len(before)} and {len(after)} rows")
    old = nearest(before, before, k, exclude_self=True)[0].numpy()
    new = nearest(after, after, k, exclude_self=True)[0].numpy()
    both = (old[:, :, None] == new[:, None, :]).any(2).sum(1)
    return (1 - both / (2 * old.shape[1] - both)).astype(np.float32)


def _pair(before: Features, after: Features) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first = unit(as_matrix(before, "earlier features", double=True)).cpu().numpy()
    second = unit(as_matrix(after, "later features", double=True)).cpu().numpy()
    if first.shape != second.shape:
        raise ValueError(
            f"both must be features of the same images by one encoder: {first.shape} and "
            f"{second.shape}"
        )
    return first, second
