"""What a map is made of: features of a run's evaluation, and where each of them lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation.projected import Faithfulness, Projection
from sslcore.evaluation.projection_settings import Computed, PcaSettings, Settings

Way = Settings
"""How a layout was made: which projection, with which settings."""
FLAT = PcaSettings()
"""PCA on the plane: it is there at once, and the timeline plays it."""


@dataclass(frozen=True, eq=False)
class Space:
    """Features of the probe images at one evaluation of a run.

    Attributes:
        run: path of the run directory.
        step, epoch: when they were made.
        index: (N,) int64 catalogue rows.
        features: (N, D) float32.
        paths: (N,) of the images within their folder; () where the run did not keep them.
    """

    run: str
    step: int
    epoch: float
    index: NDArray[np.int64]
    features: NDArray[np.float32]
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Layout:
    """A map: where each point of a space lies.

    Attributes:
        space: whose points.
        way: how it was made.
        points: (N, 2) or (N, 3) float32.
        faith: how far it can be believed; None while not measured.
        note: why it is not what was asked for, or "".
        kind: what it is: "pca" also where another projection has nothing to work with.
        scale: see :class:`~sslcore.evaluation.projected.Projection`.
    """

    space: Space
    way: Way
    points: NDArray[np.float32]
    faith: Faithfulness | None = None
    note: str = ""
    kind: Literal["pca", "umap", "tsne"] = "pca"
    scale: float = 1.0

    @classmethod
    def of(cls, space: Space, way: Computed, made: Projection) -> Layout:
        """A layout that a child process computed."""
        return cls(space, way, made.layout, made.faith, made.note, made.kind, made.scale)

    @property
    def projection(self) -> Projection | None:
        """The same without what it is of, to be kept; None while it was not measured."""
        if self.faith is None:
            return None
        return Projection(self.points, self.kind, self.note, self.faith, self.scale)

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return self.points.shape[1]

    @property
    def name(self) -> str:
        """``PCA``, ``UMAP``, ``t-SNE``, or one of these in 3-D."""
        return self.way.name if self.dimensions == 2 else f"{self.way.name} in 3-D"

    @property
    def words(self) -> str:
        """How far it can be believed, in words; "" while that is not measured."""
        return "" if self.faith is None else self.faith.words(len(self.points))
