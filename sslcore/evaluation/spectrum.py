"""Collapse in figures: how many of its dimensions a feature space really uses.

*Complete collapse*: all images in one point. *Dimensional collapse*: they spread, but along some
directions only, and from there on the spectrum of their covariance falls to nothing (Jing et al.
2022, https://arxiv.org/abs/2110.09348). A spectrum that falls steeply without an end is *narrow*:
every direction is used, few of them count. *Dead dimensions* have one value for all images.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation import collapse
from sslcore.evaluation.vectors import Features, as_matrix

State = Literal["collapsed", "dimensional", "narrow", "healthy"]
DEAD = 0.01
"""Standard deviation of a dead dimension at most, relative to the median (or the mean, if larger)
of all dimensions. The mean stands in where more than half of them are dead."""
LEAST_SPREAD = 0.1
"""Spread below which images are said to be in one point."""
VOID = 1e-5
"""Variance along a void direction at most, relative to that along the first: in SimCLR's features
of the demo set, after 20 epochs, the last of 128 directions has 1e-4."""
MOST_VOID = 0.5
"""Part of the directions that are void from which a collapse is called dimensional."""
LEAST_RANK = 0.03
"""Effective rank over the rank there could be, below which a spectrum is called narrow."""
FLOOR = -12.0
"""Decimal logarithm that stands for an eigenvalue of zero."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """How the variance of features is shared out.

    Attributes:
        images: N.
        eigenvalues: (D,) float64 of the covariance, largest first, divided by their sum; all zero
            where nothing varies.
        effective_rank: exponential of their entropy: 1 for a line, D for a ball (Roy and Vetterli
            2007, https://ieeexplore.ieee.org/document/7098875); 0 where nothing varies.
        participation: (sum of eigenvalues)^2 over the sum of their squares, 1 to D; feels small
            ones less; 0 where nothing varies.
        rank_me: exponential of the entropy of the singular values of features that are not centred
            (Garrido et al. 2023, https://arxiv.org/abs/2210.02885).
        spread: mean deviation of features of unit length times sqrt(D): 1 when directions are
            spread evenly, 0 when all point one way.
        deviations: (D,) float64 standard deviation of every dimension.
        dead: (m,) int64 dimensions that are dead.
        for_90: how many directions hold 90 % of the variance; 0 where nothing varies.
        void: directions without variance, of the ``most`` there could be.
    """

    images: int
    eigenvalues: NDArray[np.float64]
    effective_rank: float
    participation: float
    rank_me: float
    spread: float
    deviations: NDArray[np.float64]
    dead: NDArray[np.int64]
    for_90: int
    void: int

    @property
    def dimensions(self) -> int:
        """D."""
        return len(self.eigenvalues)

    @property
    def most(self) -> int:
        """The rank that so many images could show at most: D, or N - 1 of few images."""
        return min(self.dimensions, self.images - 1)

    @property
    def logarithms(self) -> NDArray[np.float64]:
        """(D,) decimal logarithms of the eigenvalues, at least :data:`FLOOR`."""
        return np.log10(np.maximum(self.eigenvalues, 10.0**FLOOR))

    @property
    def state(self) -> State:
        """Whether and how the features have collapsed."""
        if self.spread < LEAST_SPREAD:
            return "collapsed"
        if self.void > MOST_VOID * self.most or len(self.dead) > MOST_VOID * self.dimensions:
            return "dimensional"
        return "narrow" if self.effective_rank < LEAST_RANK * self.most else "healthy"


def spectrum(features: Features) -> Spectrum:
    """The spectrum of the covariance of features, and what follows from it. In float64.

    Args:
        features: (N, D), N at least 2, as the encoder gives them.

    Raises:
        ValueError: for one image or NaN.
    """
    rows = as_matrix(features, "features", double=True)
    variances = collapse.spectrum(rows)
    deviations = rows.std(0, correction=1).cpu().numpy()
    total = float(variances.sum())
    # Numbers that differ by rounding only do not vary.
    varies = total > (1e-12 * float(rows.abs().max())) ** 2 * rows.shape[1]
    shares = variances / total if varies else np.zeros_like(variances)
    positive = shares[shares > 0]
    entropy = -float((positive * np.log(positive)).sum())
    most = min(rows.shape[1], len(rows) - 1)
    limit = DEAD * max(float(np.median(deviations)), float(deviations.mean()))
    return Spectrum(
        images=len(rows),
        eigenvalues=shares,
        effective_rank=math.exp(entropy) if varies else 0.0,
        participation=1.0 / float((shares**2).sum()) if varies else 0.0,
        rank_me=collapse.rank_me(rows),
        spread=collapse.feature_std(rows) * math.sqrt(rows.shape[1]),
        deviations=deviations,
        dead=np.flatnonzero(deviations <= limit).astype(np.int64),
        for_90=int(np.searchsorted(shares.cumsum(), 0.9 - 1e-12) + 1) if varies else 0,
        void=most - int((shares[:most] > VOID * shares[0]).sum()),
    )


def told(found: Spectrum) -> tuple[str, str]:
    """A verdict in words, and what to try ("" where nothing is wrong)."""
    rank = f"effective rank {found.effective_rank:.1f} of {found.most}"
    void = f"{found.void} directions void, {len(found.dead)} of {found.dimensions} dimensions dead"
    few = f"{found.for_90} {'direction holds' if found.for_90 == 1 else 'directions hold'}"
    if found.state == "collapsed":
        return (
            f"Collapsed: all images lie (nearly) in one point (spread {found.spread:.3f}; 1 would "
            "be even).",
            "Check what keeps the method from collapsing (negatives, stop-gradient, predictor, "
            "variance term), and lower the learning rate.",
        )
    if found.state == "dimensional":
        return (
            f"Dimensional collapse: {void}; {rank}.",
            "Try a projection head (or a wider one), weaker colour and crop steps, a term that "
            "decorrelates dimensions, or more negatives.",
        )
    if found.state == "narrow":
        return (
            f"Narrow: {few} 90 % of the variance ({rank}; {void}).",
            "Usual before training. If it stays, look on the map at what those directions show: "
            "often brightness or colour, which stronger colour steps take away.",
        )
    return f"No collapse: {rank}, {void}; {few} 90 % of the variance.", ""
