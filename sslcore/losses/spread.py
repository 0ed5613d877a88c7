"""How far projections spread: the number that falls to zero when a network collapses."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from sslcore.diagnostics import Curve
from sslcore.losses.agreement import l2
from sslcore.losses.pictures import array
from sslcore.losses.precision import full_precision


@full_precision
def deviation(z: Tensor) -> Tensor:
    """(N, d) -> (d,): standard deviation (unbiased) of every dimension; 0 of a single row."""
    if len(z) < 2:
        return torch.zeros_like(z[:1].sum(0))
    return z.std(0, correction=1)


@full_precision
def relative(z: Tensor) -> Tensor:
    """(N, d) raw -> scalar: mean deviation of the rows at unit length, times sqrt(d).

    About 1 where directions are spread evenly, 0 where all rows point one way. Source: SimSiam,
    Chen and He 2021, section 4.1, https://arxiv.org/abs/2011.10566 (there against 1 / sqrt(d)).
    """
    return math.sqrt(z.shape[-1]) * deviation(l2(z)).mean()


def dimensions(deviations: Tensor, aim: str, height: float) -> Curve:
    """The deviation of every dimension, largest first, against the one that is aimed at.

    Args:
        deviations: (d,); where one is not finite, there is no line (NaN).
        aim: name of the reference line.
        height: its height.
    """
    line = np.sort(array(deviations))[::-1].copy()
    if not np.isfinite(line).all():
        line = np.full_like(line, np.nan)
    return Curve(
        x=np.arange(1, len(line) + 1, dtype=np.float32),
        lines={"standard deviation": line},
        x_axis="dimension, widest first",
        y_axis="standard deviation over the batch",
        log=False,
        marks={aim: height},
    )
