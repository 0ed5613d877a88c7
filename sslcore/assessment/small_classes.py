"""What a reader of accuracies should know of classes with too few images to count on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation.budgets import listed


def remarks(
    bank: NDArray[np.int64], queries: NDArray[np.int64], names: Sequence[str]
) -> tuple[str, ...]:
    """Classes that are asked for but not shown, shown but not asked for, or shown once.

    Args:
        bank: (N,) classes of the images to learn from, negative for none.
        queries: (Q,) of the images asked.
        names: of the classes, by number.
    """
    shown, counts = np.unique(bank[bank >= 0], return_counts=True)
    asked = np.unique(queries[queries >= 0])
    said: list[str] = []
    unseen = np.setdiff1d(asked, shown)
    if len(unseen):
        wrong = int(np.isin(queries, unseen).sum())
        said.append(
            f"Asked for but never shown: {listed(unseen.tolist(), names)}. All "
            f"{wrong:,} held-out images of such classes count as wrong; give training images such "
            "labels too, or spell classes alike in both parts."
        )
    left = np.setdiff1d(shown, asked)
    if len(left):
        said.append(
            f"Shown but never asked for: {listed(left.tolist(), names)}. Accuracies say nothing "
            "of them; hold out images of such classes too."
        )
    if (counts == 1).any():
        said.append(
            f"One labelled training image only: {listed(shown[counts == 1].tolist(), names)}. "
            "That is too few to learn a class from; label more."
        )
    return tuple(said)
