"""Seconds of a linear evaluation solved to convergence, beside scikit-learn's LogisticRegression.

    python -m tests.benchmarks.linear_evaluation [--bank 50000] [--dimensions 512] [--threads 2]
    python -m tests.benchmarks.linear_evaluation --features features.npz

Both get the same standardised features, the same penalty (C = 1 / (penalty N)) and the same
threads, one after the other in one process; scikit-learn's L-BFGS stops at its own default
tolerance and may take as many steps as it likes. The aim is to agree within .2 points and to be
several times faster. Features are drawn (classes of several clusters, variances that fall like
those of trained encoders, axes turned), or those of a file with ``bank``, ``labels``, ``queries``
and ``answers``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from sslcore.evaluation import linear
from sslcore.evaluation.scores import kept_aside

PENALTIES = (1e-1, 1e-2, 1e-3, 1e-4)
Sets = dict[str, NDArray[Any]]


def drawn(bank: int, dimensions: int, classes: int = 10, clusters: int = 5) -> Sets:
    """A bank and a fifth as many queries of classes that overlap."""
    random = np.random.default_rng(0)
    scale = np.arange(1, dimensions + 1) ** -0.5
    turn = np.linalg.qr(random.standard_normal((dimensions, dimensions)))[0]
    middles = random.standard_normal((classes, clusters, dimensions)) * scale * 0.3

    def some(count: int) -> tuple[NDArray[Any], NDArray[Any]]:
        labels = random.integers(0, classes, count)
        points = middles[labels, random.integers(0, clusters, count)]
        points = points + random.standard_normal((count, dimensions)) * scale
        return (points @ turn).astype(np.float32), labels

    rows, labels = some(bank)
    queries, answers = some(bank // 5)
    return {"bank": rows, "labels": labels, "queries": queries, "answers": answers}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


def chosen(
    bank: NDArray[Any], labels: NDArray[Any], penalties: tuple[float, ...]
) -> tuple[float, LogisticRegression]:
    """The same protocol by scikit-learn's means, each fit started from the one before."""
    aside = kept_aside(torch.from_numpy(labels), 0.15, 0).numpy()
    count = int((~aside).sum())
    other = LogisticRegression(max_iter=10_000, warm_start=True)
    best, highest = penalties[0], -1.0
    for penalty in penalties:
        other.set_params(C=1 / (penalty * count)).fit(bank[~aside], labels[~aside])
        right = float((other.predict(bank[aside]) == labels[aside]).mean())
        if right > highest:
            best, highest = penalty, right
    return best, other.set_params(C=1 / (best * len(bank))).fit(bank, labels)


def main() -> None:
    """Print a row for each penalty, and the time of the whole protocol on both sides."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bank", type=int, default=50_000)
    parser.add_argument("--dimensions", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--features", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    sets: Sets
    if arguments.features is None:
        sets = drawn(arguments.bank, arguments.dimensions)
    else:
        with np.load(arguments.features) as file:
            sets = {name: file[name] for name in ("bank", "labels", "queries", "answers")}
    linear.fit(sets["bank"][:500], sets["labels"][:500], 1.0)  # what is imported late counts not
    count, dimensions = sets["bank"].shape
    deviation = sets["bank"].std(0)
    deviation[deviation < linear.SMALLEST_DEVIATION] = 1
    bank, queries = (
        (sets[name] - sets["bank"].mean(0)) / deviation for name in ("bank", "queries")
    )
    print(f"{count:,} x {dimensions}, {len(queries):,} queries, {arguments.threads} threads")
    print(
        "| penalty | ours | steps | scikit-learn | steps | ratio | top-1, both |\n"
        + "|---" * 7
        + "|"
    )
    for penalty in PENALTIES:
        ours, probe = timed(partial(linear.fit, sets["bank"], sets["labels"], penalty))
        one = linear.measure(probe, sets["queries"], sets["answers"]).top_1
        other = LogisticRegression(C=1 / (penalty * count), max_iter=10_000)
        with threadpool_limits(arguments.threads):
            theirs, _ = timed(partial(other.fit, bank, sets["labels"]))
        two = float((other.predict(queries) == sets["answers"]).mean())
        print(
            f"| {penalty:g} | {ours:.1f} s | {probe.iterations} | {theirs:.1f} s "
            f"| {int(other.n_iter_[0])} | {theirs / ours:.1f} | {one:.2%}, {two:.2%} |",
            flush=True,
        )
    ours, (probe, found) = timed(lambda: linear.chosen(sets["bank"], sets["labels"]))
    top = linear.measure(probe, sets["queries"], sets["answers"]).top_1
    with threadpool_limits(arguments.threads):
        theirs, (best, other) = timed(lambda: chosen(bank, sets["labels"], tuple(found)))
    two = float((other.predict(queries) == sets["answers"]).mean())
    print(
        f"Choosing among {len(found)} penalties, then fitting all: {ours:.1f} s, "
        f"{probe.penalty:g}, {top:.2%}; scikit-learn {theirs:.1f} s, {best:g}, {two:.2%}; "
        f"ratio {theirs / ours:.1f}"
    )


if __name__ == "__main__":
    main()
