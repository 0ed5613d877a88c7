"""Duplicates in feature space: images with the same features, and images with nearly the same."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.vectors import Features, as_matrix, unit

MOST = 100_000
"""Pairs kept unless told otherwise."""
_SIDE = 2048
"""Rows and columns of one block: 16 MiB of cosines, and some 80 MiB of pairs if all count."""
_CELLS = 1 << 22
"""Numbers measured again at once: 32 MiB of float64."""
_ROUNDING = 1e-5
"""What a cosine in float32 may be off by; what is so near the threshold is measured again."""


@dataclass(frozen=True, eq=False)
class Group:
    """Images that are linked by pairs of near-duplicates.

    Attributes:
        rows: (K,) int64, ascending, K at least 2.
        cosines: (K,) float64, of each with that one of the group which is most like it.
        closest: the largest cosine of two of them.
    """

    rows: NDArray[np.int64]
    cosines: NDArray[np.float64]
    closest: float


@dataclass(frozen=True, eq=False)
class Duplicates:
    """What was found.

    Attributes:
        groups: of the closest pair first; equals by lowest row.
        pairs: how many pairs count, copies among them; the ones kept, where ``capped``.
        images: among how many images was searched.
        threshold: the smallest cosine that counts.
        capped: there were more pairs than are kept, so only the closest were looked at.
    """

    groups: tuple[Group, ...]
    pairs: int
    images: int
    threshold: float
    capped: bool

    @property
    def closest(self) -> float | None:
        """Cosine of the closest pair, None if there is none."""
        return self.groups[0].closest if self.groups else None


def same_rows(features: Features) -> tuple[tuple[int, ...], ...]:
    """Rows whose features are equal number for number, in sets of two or more, by lowest row.

    Raises:
        ValueError: for features that are no matrix, are empty, or hold NaN or infinity.
    """
    # Minus zero is zero, but its bytes are others.
    rows = as_matrix(features, "features").cpu().numpy() + 0.0
    found: defaultdict[bytes, list[int]] = defaultdict(list)
    for row, numbers in enumerate(rows):
        found[hashlib.blake2b(numbers, digest_size=16).digest()].append(row)
    return tuple(tuple(same) for same in found.values() if len(same) > 1)


def near_duplicates(
    features: Features,
    threshold: float = 0.98,
    most: int = MOST,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Duplicates:
    """Pairs of images with a cosine of at least a threshold, joined to groups.

    Groups are connected components: two images of one group may themselves be less alike than the
    threshold where others stand between them. Equal features count as cosine 1, zeros among them
    too; otherwise a zero row has cosine 0 with everything.

    The table of all cosines is looked through block by block and never held. Pairs near the
    threshold are measured once more in float64, so that blocks and rounding decide nothing.

    Args:
        features: (N, D).
        threshold: above -1, at most 1.
        most: pairs that are kept; of more, the closest (and ``capped`` says so). An encoder that
            collapsed holds all images for duplicates.
        progress: told (rows done, rows in all).
        cancelled: asked before every block.

    Raises:
        ValueError: for NaN, a threshold out of range, or ``most`` below 1.
        Cancelled: if ``cancelled`` said so.
    """
    if not -1 < threshold <= 1:
        raise ValueError(f"threshold is a cosine above -1 and at most 1, got {threshold}")
    if most < 1:
        raise ValueError(f"most must be at least 1, got {most}")
    matrix = as_matrix(features, "features")
    count = len(matrix)
    copies = same_rows(matrix)
    alone = np.ones(count, bool)
    alone[[row for same in copies for row in same[1:]]] = False
    kept = np.flatnonzero(alone)
    first, second, cosines, capped = _pairs(
        matrix[torch.from_numpy(kept).to(matrix.device)], threshold, most, progress, cancelled
    )
    first, second = kept[first], kept[second]
    # Equal images are linked one to the next: all pairs of them could be millions.
    links = [pair for same in copies for pair in pairwise(same)]
    chains = np.array(links, np.int64).reshape(-1, 2)
    weights = np.ones(count, np.int64)
    weights[[same[0] for same in copies]] = [len(same) for same in copies]
    pairs = sum(len(same) * (len(same) - 1) // 2 for same in copies)
    pairs += int((weights[first] * weights[second]).sum())
    found = _grouped(
        np.concatenate([chains[:, 0], first]),
        np.concatenate([chains[:, 1], second]),
        np.concatenate([np.ones(len(chains)), cosines]),
        count,
    )
    return Duplicates(found, pairs, count, threshold, capped)


def _pairs(
    matrix: Tensor,
    threshold: float,
    most: int,
    progress: Progress | None,
    cancelled: CancelAsked | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], bool]:
    """Rows i < j and their cosines of at least the threshold, and whether there were too many."""
    rows = unit(matrix)
    count, capped, floor = len(rows), False, threshold - _ROUNDING
    pool: list[tuple[Tensor, Tensor, Tensor]] = []
    for start in range(0, count, _SIDE):
        for begin in range(start, count, _SIDE):
            raise_if_cancelled(cancelled)
            scores = rows[start : start + _SIDE] @ rows[begin : begin + _SIDE].T
            if begin == start:  # every pair once, and nobody with themselves
                scores.masked_fill_(torch.ones_like(scores, dtype=torch.bool).tril(), -torch.inf)
            at = (scores >= floor).nonzero()
            if not len(at):
                continue
            pool.append((at[:, 0] + start, at[:, 1] + begin, scores[at[:, 0], at[:, 1]]))
            if sum(len(one[0]) for one in pool) > 2 * most:
                pool, capped = [_closest(pool, most)], True
                # What comes later must be nearer than the last of these to take its place.
                floor = float(np.nextafter(np.float32(pool[0][2].min().item()), np.float32(2)))
        if progress is not None:
            progress(min(start + _SIDE, count), count)
    if not pool:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, np.zeros(0), False
    first, second, _ = _closest(pool, len(rows) ** 2)
    measured = _measured(matrix, first, second)
    # A cosine of 1 comes out of float64 a hair below it.
    enough = measured + 1e-12 >= threshold
    first, second, measured = first[enough], second[enough], measured[enough]
    if len(first) > most:
        first, second, measured = _closest([(first, second, measured)], most)
        capped = True
    return first.cpu().numpy(), second.cpu().numpy(), measured.cpu().numpy(), capped


def _closest(pool: list[tuple[Tensor, Tensor, Tensor]], most: int) -> tuple[Tensor, Tensor, Tensor]:
    """All pairs in one, cut to so many of the largest cosine; of equals the earlier stay."""
    first, second, cosines = (torch.cat(parts) for parts in zip(*pool, strict=True))
    if len(first) > most:
        order = cosines.sort(descending=True, stable=True).indices[:most]
        first, second, cosines = first[order], second[order], cosines[order]
    return first, second, cosines


def _measured(matrix: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """(P,) float64 cosines of pairs of rows, at most 1."""
    found = torch.empty(len(first), dtype=torch.float64, device=matrix.device)
    chunk = max(1, _CELLS // matrix.shape[1])
    for start in range(0, len(first), chunk):
        some = slice(start, start + chunk)
        ends = [unit(matrix[end[some]].double()) for end in (first, second)]
        found[some] = (ends[0] * ends[1]).sum(1)
    return found.clamp_(max=1.0)


def _grouped(
    first: NDArray[np.int64], second: NDArray[np.int64], cosines: NDArray[Any], count: int
) -> tuple[Group, ...]:
    """Connected components of pairs among ``count`` images, of the closest pair first."""
    if not len(first):
        return ()
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    number = connected_components(graph, directed=False)[1]
    likest = np.full(count, -np.inf)
    for end in (first, second):
        np.maximum.at(likest, end, cosines)
    linked = np.flatnonzero(np.isfinite(likest))
    linked = linked[np.argsort(number[linked], kind="stable")]
    edges = np.flatnonzero(np.diff(number[linked])) + 1
    groups = [
        Group(rows.astype(np.int64), likest[rows], float(likest[rows].max()))
        for rows in np.split(linked, edges)
    ]
    groups.sort(key=lambda group: (-group.closest, int(group.rows[0])))
    return tuple(groups)
