"""Which images are trained on and which are held out: seeded, stratified, groups whole."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sslcore.data.order import shuffled

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of a catalogue, each sorted, without any in common.

    Attributes:
        train: (T,) int64, images that may enter training.
        held_out: (H,) int64, images that never do; empty for tiny folders.
        excluded: (E,) int64, images that a person keeps out of training; some may be held out.
    """

    train: Rows
    held_out: Rows
    excluded: Rows = field(default_factory=lambda: np.zeros(0, np.int64))

    def without(self, rows: Rows) -> Split:
        """The same split with rows (E,) kept out of training; what is held out stays so."""
        return Split(np.setdiff1d(self.train, rows), self.held_out, np.unique(rows))


def stratified(labels: Rows, count: int, seed: int) -> NDArray[np.bool_]:
    """Choose ``count`` of N images so that every class keeps its share, as near as it goes.

    Rounding leftovers go to the classes with the largest remainders, drawn among equal ones.

    Args:
        labels: (N,) int64; -1, no class, counts as a class of its own.
        count: how many, between 0 and N.
        seed: at least 0.

    Returns:
        (N,) bool, True for the chosen.
    """
    chosen = np.zeros(len(labels), bool)
    if not len(labels):
        return chosen
    names, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    shares = sizes * (count / len(labels))
    takes = np.floor(shares).astype(np.int64)
    draw = shuffled(len(names), seed, 1)
    by_remainder = draw[np.argsort(-(shares - takes)[draw], kind="stable")]
    takes[by_remainder[: count - int(takes.sum())]] += 1
    order = shuffled(len(labels), seed, 2)
    order = order[np.argsort(inverse[order], kind="stable")]
    begins = np.cumsum(sizes) - sizes
    for begin, take in zip(begins, takes, strict=True):
        chosen[order[begin : begin + take]] = True
    return chosen


def whole_groups(labels: Rows, groups: Rows, part: float, seed: int) -> NDArray[np.bool_]:
    """Choose whole groups so that about ``part`` of every class is chosen.

    Groups are visited in a seeded order; one is taken where that brings the numbers per class
    nearer to what they should be.

    Args:
        labels: (N,) int64.
        groups: (N,) int64, equal for images that must stay together.
        part: of the images, between 0 and 1.
        seed: at least 0.

    Returns:
        (N,) bool, True for the chosen; at least one group is left.
    """
    _, classes = np.unique(labels, return_inverse=True)
    _, members = np.unique(groups, return_inverse=True)
    counts = np.zeros((members.max(initial=-1) + 1, classes.max(initial=-1) + 1))
    np.add.at(counts, (members, classes), 1)
    wanted = part * counts.sum(0)
    have = np.zeros_like(wanted)
    taken: list[int] = []
    for group in shuffled(len(counts), seed, 3):
        more = have + counts[group]
        nearer = ((more - wanted) ** 2).sum() < ((have - wanted) ** 2).sum()
        if nearer and len(taken) < len(counts) - 1:
            have = more
            taken.append(int(group))
    return np.isin(members, taken)


def carve(labels: Rows, groups: Rows | None, part: float, seed: int) -> NDArray[np.bool_]:
    """Choose about ``part`` of the images to hold out, and leave at least one.

    Args:
        labels: (N,) int64.
        groups: (N,) int64 or None.
        part: between 0 and 1.
        seed: at least 0.

    Returns:
        (N,) bool, True for the held out.

    Raises:
        ValueError: if ``part`` is not in [0, 1).
    """
    if not 0 <= part < 1:
        raise ValueError(f"held_out = {part}: the part held out must be at least 0 and below 1")
    if groups is not None:
        return whole_groups(labels, groups, part, seed)
    count = min(round(part * len(labels)), len(labels) - 1)
    return stratified(labels, max(0, count), seed)


def together(numbers: Rows, groups: Rows | None) -> Rows:
    """Groups that keep sequences whole, and every group that was there before.

    Args:
        numbers: (N,) number of the sequence of every row, -1 for rows in none.
        groups: (N,) int64 equal for rows that must stay together, or None.

    Returns:
        (N,) int64: rows that are linked by a sequence or a group have the same number.
    """
    alone = np.arange(len(numbers))
    scenes = np.where(numbers >= 0, numbers, numbers.max(initial=-1) + 1 + alone)
    if groups is None:
        return np.unique(scenes, return_inverse=True)[1].astype(np.int64)
    # Rows are edges between their sequence and their group; what hangs together is one group.
    _, left = np.unique(scenes, return_inverse=True)
    _, right = np.unique(groups, return_inverse=True)
    nodes = int(left.max(initial=-1)) + 1 + int(right.max(initial=-1)) + 1
    links = coo_array((np.ones(len(left)), (left, left.max(initial=-1) + 1 + right)), (nodes,) * 2)
    return connected_components(links, directed=False)[1][left].astype(np.int64)
