"""View retrieval: a health score that needs no labels."""

from __future__ import annotations

import torch

from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.vectors import Features


def view_retrieval(a: Features, b: Features) -> float:
    """How often an image's other view is the nearest among the other views of all images.

    Chance is 1 / N, and a collapsed encoder stands there: of equal cosines the lowest row counts.

    Args:
        a: (N, D) features of one view of each image.
        b: (N, D) features of another view, row i of the same image.

    Returns:
        Part of rows i whose largest cosine(a_i, b_j) is at j = i, 0 to 1.

    Raises:
        ValueError: if the shapes differ or features are not finite.
    """
    if tuple(a.shape) != tuple(b.shape):
        raise ValueError(f"both views need the same images: {tuple(a.shape)} and {tuple(b.shape)}")
    found, _ = nearest(b, a, 1)
    return float((found[:, 0] == torch.arange(len(found))).double().mean())
