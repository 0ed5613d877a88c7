"""Some images of a subject, drawn evenly, and their features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.assessment.subject import Parts, Subject
from sslcore.engine.preparation import sampled

Split = Literal["held-out", "training", "all"]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Images of one split or both.

    Attributes:
        rows: (N,) int64 catalogue rows.
        places: (N,) int64 where they stand among the bank followed by the queries.
    """

    rows: NDArray[np.int64]
    places: NDArray[np.int64]

    def of(self, parts: Parts) -> NDArray[Any]:
        """What ``parts`` hold of these images, in this order."""
        return np.concatenate([parts.bank, parts.queries])[self.places]


def drawn(subject: Subject, split: Split, count: int, seed: int = 0) -> Drawn:
    """At most ``count`` images, the same ones for the same seed, in the order of the splits.

    Raises:
        ValueError: if the split is empty; the message says which field to change.
    """
    if split == "held-out" and not len(subject.queries):
        raise ValueError(
            "no image was held out from training; choose the training images here, or train with "
            "data.held_out above 0"
        )
    bank, queries = len(subject.bank), len(subject.queries)
    ends = {"held-out": (bank, bank + queries), "training": (0, bank), "all": (0, bank + queries)}
    places = sampled(np.arange(*ends[split], dtype=np.int64), count, seed, "drawn", split)
    everyone = np.concatenate([subject.bank, subject.queries]).astype(np.int64)
    return Drawn(everyone[places], places)
