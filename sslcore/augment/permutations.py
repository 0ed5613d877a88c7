"""Orders of tiles that differ as much as possible from one another."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from math import factorial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MOST_TILES = 9
"""With more tiles, all orders no longer fit into memory (16 tiles have 2 x 10^13)."""


def permutation_set(count: int, seed: int = 0, tiles: int = 9) -> Tensor:
    """Permutations of maximal Hamming distance, chosen greedily.

    The first is drawn. Each further one is, among all that there are, one whose distance to the
    nearest of those chosen is largest; among these, one whose distances to all add up to most;
    then the first in dictionary order. So a smaller set is the beginning of a larger one.

    Noroozi and Favaro 2016 (https://arxiv.org/abs/1603.09246), algorithm 1, look at the mean
    distance only. That leaves pairs that differ in two tiles; the nearest first leaves none.

    Args:
        count: P, permutations wanted.
        seed: draws the first.
        tiles: T, at most 9.

    Returns:
        (P, T) int64, rows all different.

    Raises:
        ValueError: if there are not so many permutations, or too many to look through.
    """
    if not 2 <= tiles <= MOST_TILES:
        raise ValueError(f"tiles = {tiles}: permutations are looked through for 2 to {MOST_TILES}")
    if not 1 <= count <= factorial(tiles):
        raise ValueError(
            f"count = {count}: {tiles} tiles have {factorial(tiles)} permutations; "
            f"ask for 1 to {factorial(tiles)}"
        )
    return torch.from_numpy(_chosen(count, seed, tiles).astype(np.int64))


@cache
def _everything(tiles: int) -> NDArray[np.uint8]:
    """All permutations in dictionary order, (T, T!): a row per place, which is fast to compare."""
    flat = (tile for one in permutations(range(tiles)) for tile in one)
    every = np.fromiter(flat, np.uint8, tiles * factorial(tiles))
    return np.ascontiguousarray(every.reshape(-1, tiles).T)


@cache
def _chosen(count: int, seed: int, tiles: int) -> NDArray[np.uint8]:
    every = _everything(tiles)
    nearest = np.full(every.shape[1], tiles, np.uint8)
    total = np.zeros(every.shape[1], np.uint32)
    rows = [every[:, int(np.random.default_rng(seed).integers(every.shape[1]))]]
    for _ in range(count - 1):
        distance = np.zeros_like(nearest)
        for place, tile in zip(every, rows[-1], strict=True):
            distance += place != tile
        np.minimum(nearest, distance, out=nearest)
        total += distance
        farthest = np.flatnonzero(nearest == nearest.max())
        rows.append(every[:, farthest[total[farthest].argmax()]])
    return np.stack(rows)
