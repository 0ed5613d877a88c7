"""Seconds for the neighbours of one image, beside scikit-learn's brute-force search.

    python tests/benchmarks/neighbours.py [dimensions] [count ...]

The aim is less than a second for 1,000,000 x 512 after the first question. What would need more
than LIMIT bytes is skipped, and said so. scikit-learn normalises the rows anew with every question
and holds a second copy of them meanwhile.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from sslcore.evaluation.bank import Bank

LIMIT = 6 * 2**30
NEAREST = 12
REPEATS = 7
CHOSEN = 312
"""Images whose mean is asked for."""


def median(ask: Callable[[], object], repeats: int = REPEATS) -> float:
    """Seconds of the middle one of some calls, after one that does not count."""
    ask()
    times: list[float] = []
    for _ in range(repeats):
        begin = time.perf_counter()
        ask()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def drawn(count: int, dimensions: int) -> NDArray[np.float32]:
    """(count, dimensions) features, without a float64 copy of them."""
    return np.random.default_rng(0).standard_normal((count, dimensions), dtype=np.float32)


def asked(features: NDArray[np.float32], query: NDArray[np.float32]) -> tuple[str, list[int]]:
    """Times of our bank in words, and what it found; the bank is gone afterwards."""
    begin = time.perf_counter()
    bank = Bank(features)
    built = time.perf_counter() - begin
    chosen = np.random.default_rng(1).choice(len(features), CHOSEN, replace=False)
    one = median(lambda: bank.nearest(query, NEAREST))
    mean = median(lambda: bank.nearest_to_mean(chosen, NEAREST))
    words = (
        f"bank made in {built * 1000:8.1f} ms; one image {one * 1000:7.1f} ms; mean of {CHOSEN} "
        f"{mean * 1000:7.1f} ms"
    )
    return words, bank.nearest(query, NEAREST)[0].tolist()


def compared(features: NDArray[np.float32], query: NDArray[np.float32], found: list[int]) -> str:
    """The time of scikit-learn in words, and whether it finds the same."""
    need = 3 * features.nbytes
    if need > LIMIT:
        return f"skipped: about {need / 2**30:.1f} GiB, more than {LIMIT / 2**30:.0f}"
    search = NearestNeighbors(n_neighbors=NEAREST, algorithm="brute", metric="cosine")
    search.fit(features)
    seconds = median(lambda: search.kneighbors(query[None]), 3)
    same = search.kneighbors(query[None])[1][0].tolist() == found
    return f"{seconds * 1000:8.1f} ms, {'the same' if same else 'OTHER'} neighbours"


def main() -> None:
    """Print one line per size."""
    numbers = [int(one) for one in sys.argv[1:]]
    dimensions, counts = (numbers[:1] or [512])[0], numbers[1:] or [10_000, 100_000, 1_000_000]
    print(f"{torch.get_num_threads()} threads")
    for count in counts:
        need = 2 * 4 * count * dimensions
        if need > LIMIT:
            print(f"{count:,} x {dimensions} skipped: {need / 2**30:.1f} GiB needed")
            continue
        features = drawn(count, dimensions)
        query = drawn(1, dimensions)[0] + features[count // 2]
        words, found = asked(features, query)
        gc.collect()
        beside = compared(features, query, found)
        print(f"{count:>9,} x {dimensions}: {words}; scikit-learn {beside}", flush=True)
        del features
        gc.collect()


if __name__ == "__main__":
    main()
