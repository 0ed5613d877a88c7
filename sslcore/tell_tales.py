"""What tells a run that learns nothing from one that is only slow: thresholds, words, rules.

Used while training (``engine.watch``) and by who reads a log (``runs.health``); knows no torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median, pstdev

PATIENCE = 200
"""Steps a loss must stand still before it counts as stuck."""
CLOSE = 0.005
"""How near to a known constant a loss must be, relative to it."""
COLLAPSED = 0.1
"""Deviation relative to 1 / sqrt(D) under which features count as collapsed."""
SPREAD = 0.5
"""Deviation from which a loss at its least value is success rather than collapse."""
EVALUATIONS = 5
"""Evaluations over which accuracy is asked whether it rises."""
RISE = 0.03
"""Gain of kNN over these from which a loss that stands still is no trouble."""
START = 20
"""First steps of a run, by which a loss that grows is judged."""
NOW = 50
"""Last steps whose median is the loss as it is now."""
MARK = "(collapsed)"
"""Ends the name of a constant at which the loss stands once all images get the same answer."""

CALM = (
    "Lower the learning rate by a factor of three, lengthen the warm-up, or set a gradient clip; "
    "then resume from an older checkpoint."
)
LEARN = (
    "Try a learning rate three times lower or higher, a longer warm-up, or views that differ less."
)
WIDEN = (
    "Check what keeps this method from collapsing (negatives, stop-gradient, variance or "
    "redundancy weight), lower the learning rate, or raise the batch size."
)


def widen(title: str, against: str) -> str:
    """What to try against collapse, by what a method has against it ("" where that is not said)."""
    if not against:
        return WIDEN
    return (
        f"{title} is kept from collapsing by {against}: check that first; else lower the learning "
        "rate, or raise the batch size."
    )


def stands(losses: Iterable[float], value: float) -> bool:
    """Whether all losses lie at a constant."""
    return all(abs(one - value) <= CLOSE * (abs(value) or 1.0) for one in losses)


def growth(first: Sequence[float], recent: Sequence[float]) -> tuple[float, float] | None:
    """Where a loss began and stands, if it grew far beyond that; None if it did not.

    It did once it is above its start by more than 1, by more than four deviations of its first
    steps, and by more than twice the start itself: the early rise of MoCo's loss is far from that.

    Args:
        first: losses of the first :data:`START` steps.
        recent: losses of the last :data:`NOW` steps, all finite, as are the first.
    """
    if len(first) < START or len(recent) < NOW:
        return None
    start, now = median(first), median(recent)
    return (start, now) if now - start > max(1.0, 4 * pstdev(first), 2 * abs(start)) else None


def shrunk(spread: float, untrained: float | None, limit: float = COLLAPSED) -> bool:
    """Whether projections collapsed: below a limit, and below half of where they began.

    Heads without batch norm begin narrow (MoCo v2 at .08, DINO at .02) and widen, which is no
    collapse. Without a figure of the untrained network nothing can be said.
    """
    return untrained is not None and spread < min(limit, untrained / 2)


def excused(name: str, spreads: Sequence[float], accuracies: Sequence[float]) -> bool:
    """Whether a loss that stands at a constant is no trouble.

    Args:
        name: of the constant.
        spreads: last known deviations of features and projections, relative to 1 / sqrt(D).
        accuracies: kNN (or view retrieval) of all evaluations so far, oldest first.

    Returns:
        True where accuracy still rises (normal for clustering methods, whose assignments change
        under a flat loss), and at the least value of a loss whose features are spread out.
    """
    recent = accuracies[-EVALUATIONS:]
    if len(recent) > 1 and recent[-1] - min(recent) >= RISE:
        return True
    return name.endswith(MARK) and bool(spreads) and min(spreads) >= SPREAD
