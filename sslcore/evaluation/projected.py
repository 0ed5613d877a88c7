"""A projection that was made, and how far it can be believed; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Faithfulness:
    """Two complaints a map can deserve, each 1 where there is nothing to complain of.

    Attributes:
        trustworthiness: below 1, points lie together that do not belong together.
        continuity: below 1, points that belong together were torn apart.
        neighbours: size of the neighbourhoods compared.
        points: on how many points this was measured (against all).
    """

    trustworthiness: float
    continuity: float
    neighbours: int
    points: int

    def words(self, count: int) -> str:
        """As a person reads it.

        Args:
            count: points on the map.
        """
        sample = "" if self.points >= count else f" on {self.points:,} of {count:,} images"
        return (
            f"trustworthiness {self.trustworthiness:.2f}, continuity {self.continuity:.2f}"
            f" ({self.neighbours} neighbours{sample})"
        )


@dataclass(frozen=True, eq=False)
class Projection:
    """A map of features.

    Attributes:
        layout: (N, dimensions) float32 points.
        kind: what it is, which is "pca" also where others have nothing to work with.
        note: why it is not what was asked for, empty if it is.
        faith: how far it can be believed.
        scale: length on the map of what UMAP's optimisation took as 1: laying a map onto the one
            before stretches it.
    """

    layout: NDArray[np.float32]
    kind: Literal["pca", "umap", "tsne"]
    note: str
    faith: Faithfulness
    scale: float = 1.0
