"""The cross-correlation matrix of two views, which any method with two projections can show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from sslcore.diagnostics import DiagnosticSpec, Heatmap, heatmap

CROSS_CORRELATION = DiagnosticSpec(
    "cross_correlation",
    "heatmap",
    "Cross-correlation of the two views",
    "Correlation, over the batch, of every dimension of one view's projection (rows) with every "
    "dimension of the other's (columns). A bright diagonal: views agree. Colour beside it: "
    "dimensions repeat each other.",
)


def shows(tensors: Mapping[str, Tensor]) -> bool:
    """Whether a step gave two projections of the same images, (B, D) each, B at least 2."""
    first, second = tensors.get("z_a"), tensors.get("z_b")
    return (
        first is not None
        and second is not None
        and first.ndim == 2
        and first.shape == second.shape
        and len(first) >= 2
    )


def cross_correlation(tensors: Mapping[str, Tensor]) -> Heatmap:
    """C_ij = mean over the batch of the standardised z_a_i z_b_j, D x D in -1 to 1.

    Args:
        tensors: holds ``z_a`` and ``z_b``, (B, D) each. A dimension without variation counts as 0.
    """
    first, second = (_standardised(tensors[name]) for name in ("z_a", "z_b"))
    matrix = (first.T @ second / len(first)).cpu().numpy().astype(np.float32)
    return heatmap(matrix, row_label="dimension of view a", column_label="dimension of view b")


def _standardised(z: Tensor) -> Tensor:
    centred = z.detach().float() - z.detach().float().mean(0)
    return centred / centred.square().mean(0).add(1e-5).sqrt()
