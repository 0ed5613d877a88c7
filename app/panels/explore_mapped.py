"""What the map shows now, as plain arrays, for whoever works with it beside the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, eq=False)
class Mapped:
    """A map.

    Attributes:
        index: (N,) catalogue rows of the points.
        points: (N, 2) or (N, 3) coordinates.
        projection: name and settings ("UMAP, 15 neighbours, min dist 0.10, cosine, seed 0").
        features: (N, D) that were projected, or None.
        colours: (N, 3) uint8 as the points are painted, or None.
        legend: (name, ``"#rrggbb"``) of the colours.
        widget: that shows it, or None.
    """

    index: NDArray[np.int64]
    points: NDArray[Any]
    projection: str
    features: NDArray[np.float32] | None = None
    colours: NDArray[np.uint8] | None = None
    legend: Sequence[tuple[str, str]] = ()
    widget: QWidget | None = None
