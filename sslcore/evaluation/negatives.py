"""The number of negatives: what a sweep over it does to bound, neighbours and clusters.

InfoNCE with N negatives proves at most log(N + 1) nats of mutual information between two views
(van den Oord et al. 2018, https://arxiv.org/abs/1807.03748), so more negatives make a tighter
bound. They also part classes (fewer share clusters), and, false ones among them, tear classes apart
(Wang et al. 2021, https://arxiv.org/abs/2104.08760): the best number lies between.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MEASURES: Mapping[str, str] = {
    "bound": "mutual-information bound (nats)",
    "knn": "kNN accuracy",
    "nmi": "NMI",
    "shared": "under-clustering: shared (part)",
    "split": "over-clustering: split off (part)",
}
"""What is looked at along a sweep: key -> its name with its unit."""
ALONE = "One run for each number: differences of a point or two may be chance."
_STEADY = 0.02
"""A change of a part or an accuracy that is not called one."""
_NEARLY_ALL = 0.9
"""Part of the images in clusters of no class of theirs that say nothing of faults."""


def _simclr(config: Any, batch_size: int, images: int) -> int | None:
    del images
    return 2 * (batch_size - 1) if config.negatives else None


def _queue(config: Any, batch_size: int, images: int) -> int | None:
    del batch_size
    return int(config.keys(images))


def _in_batch(config: Any, batch_size: int, images: int) -> int | None:
    del config, images
    return batch_size - 1


def _bank(config: Any, batch_size: int, images: int) -> int | None:
    del batch_size
    return images - 1 if images <= config.exact_up_to else int(config.negatives)


def _patches(config: Any, batch_size: int, images: int) -> int | None:
    del images
    # How many frames there are follows from the folder, not from the settings.
    return batch_size * config.grid**2 - 1 if config.over == "patches" else None


def _chosen(config: Any, batch_size: int, images: int) -> int | None:
    del images
    return 1 if config.negatives == "random" else batch_size - 1


_COUNTED: Mapping[str, Callable[[Any, int, int], int | None]] = {
    "simclr": _simclr,
    "moco_v1": _queue,
    "moco_v2": _queue,
    "moco_v3": _in_batch,
    "clip": _in_batch,
    "instance_discrimination": _bank,
    "cpc": _patches,
    "triplet": _chosen,
}


def negatives(method: str, config: object, batch_size: int, images: int) -> int | None:
    """How many negatives a query has in the loss of a method.

    Args:
        method: its key.
        config: its settings.
        batch_size: images of a step.
        images: of the training split.

    Returns:
        2 (B - 1) for SimCLR, the queue of MoCo v1 and v2, B - 1 where the batch is compared with
        itself, the bank of instance discrimination, all other patches of the batch for CPC, those
        a triplet's negative is chosen among; None for a method whose loss is no choice among
        negatives, and for one whose negatives are not counted here (frames).
    """
    count = _COUNTED.get(method)
    return None if count is None else count(config, batch_size, images)


def ceiling(count: int) -> float:
    """What so many negatives can prove at most, in nats: log(N + 1)."""
    return math.log(count + 1)


@dataclass(frozen=True)
class Trial:
    """One run of a sweep.

    Attributes:
        name: of the run.
        method: its key.
        negatives: N.
        values: what was measured of it, by keys of :data:`MEASURES`; what is not known is left
            out.
    """

    name: str
    method: str
    negatives: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class Range:
    """A figure over the runs with one N: mean, smallest and largest."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """All runs with one number of negatives.

    Attributes:
        negatives: N.
        ceiling: log(N + 1), in nats.
        names: of the runs.
        values: key of a measure -> its figures; measures that no run has are left out.
    """

    negatives: int
    ceiling: float
    names: tuple[str, ...]
    values: Mapping[str, Range]


def point(trials: Sequence[Trial]) -> Point:
    """Runs with one number of negatives, at least one, as one point."""
    values: dict[str, Range] = {}
    for key in MEASURES:
        known = [one.values[key] for one in trials if key in one.values]
        if known:
            values[key] = Range(float(np.mean(known)), min(known), max(known))
    count = trials[0].negatives
    return Point(count, ceiling(count), tuple(one.name for one in trials), values)


@dataclass(frozen=True)
class Sweep:
    """A sweep, from few to many negatives.

    Attributes:
        method: key of the method.
        points: by N.
        sentences: what the figures say.
    """

    method: str
    points: tuple[Point, ...]
    sentences: tuple[str, ...]


def sweep(trials: Sequence[Trial]) -> Sweep:
    """Runs that differ in the number of negatives, side by side.

    Args:
        trials: of one method; runs with equal N (other seeds) become one point.

    Raises:
        ValueError: for runs of several methods, or of one number of negatives only.
    """
    methods = sorted({one.method for one in trials})
    counts = sorted({one.negatives for one in trials})
    if len(methods) > 1:
        raise ValueError(
            f"a sweep is over runs of one method, these are of {', '.join(methods)}; their bounds "
            "and losses do not compare"
        )
    if len(counts) < 2:
        raise ValueError(
            "a sweep needs runs with at least two numbers of negatives; train again with another "
            "batch size (SimCLR) or queue (MoCo)"
        )
    points = tuple(point([one for one in trials if one.negatives == count]) for count in counts)
    return Sweep(methods[0], points, tuple(_sentences(points)))


def _sentences(points: Sequence[Point]) -> list[str]:
    told: list[str] = []
    known = [one for one in points if "bound" in one.values]
    if len(known) > 1:
        first, last = known[0], known[-1]
        told.append(
            f"The bound goes from {first.values['bound'].mean:.2f} nats with {first.negatives} "
            f"negatives to {last.values['bound'].mean:.2f} with {last.negatives}; log(N + 1) "
            f"allows {first.ceiling:.2f} and {last.ceiling:.2f}."
        )
    for key, name in (("knn", "kNN accuracy"), ("nmi", "NMI")):
        known = [one for one in points if key in one.values]
        if len(known) > 1:
            best = max(known, key=lambda one: one.values[key].mean)
            words = f"{100 * best.values[key].mean:.1f} %"
            told.append(f"{name} is best with {best.negatives} negatives: {words}.")
    parts = [one.values["shared"].mean for one in points if "shared" in one.values]
    saturated = len(parts) > 1 and min(parts) >= _NEARLY_ALL
    if saturated:
        told.append(
            "Under- and over-clustering cannot be told: clusters hardly follow classes in any of "
            "these runs."
        )
    for key, name in (("shared", "Under-clustering"), ("split", "Over-clustering")):
        known = [one for one in points if key in one.values]
        if len(known) > 1 and not saturated:
            first, last = known[0].values[key].mean, known[-1].values[key].mean
            change = last - first
            moves = "rises" if change > 0 else "falls"
            word = moves if abs(change) > _STEADY else "hardly changes"
            told.append(
                f"{name} {word} from {known[0].negatives} to {known[-1].negatives} negatives "
                f"({100 * first:.0f} % to {100 * last:.0f} % of the images)."
            )
    seeds = max(len(one.names) for one in points)
    if seeds == 1:
        told.append(ALONE)
    return told


def compared(lines: Mapping[str, Sequence[Point]]) -> tuple[str, ...]:
    """What lines of several methods say side by side: whether N moves a figure, or the method.

    Args:
        lines: title of a method -> its points.

    Returns:
        For kNN accuracy and NMI: where it is best of all, and how far it moves with N within a
        method and between methods at one N; nothing where one method is known only.
    """
    told: list[str] = []
    for key, name in (("knn", "kNN accuracy"), ("nmi", "NMI")):
        known = {
            title: {one.negatives: one.values[key].mean for one in points if key in one.values}
            for title, points in lines.items()
        }
        known = {title: values for title, values in known.items() if values}
        if len(known) < 2:
            continue
        best, title, count = max(
            (value, title, count) for title, line in known.items() for count, value in line.items()
        )
        words = f"Of all, {name} is best with {count:,} negatives of {title}: {100 * best:.1f} %."
        within = [max(line.values()) - min(line.values()) for line in known.values()]
        shared = {count for line in known.values() for count in line}
        at_one = [[line[one] for line in known.values() if one in line] for one in sorted(shared)]
        between = [max(one) - min(one) for one in at_one if len(one) > 1]
        if max(map(len, known.values())) > 1 and between:
            words += (
                f" It moves by up to {100 * max(within):.1f} points with N within a method, and by "
                f"up to {100 * max(between):.1f} between methods with equal N."
            )
        told.append(words)
    return tuple(told)
