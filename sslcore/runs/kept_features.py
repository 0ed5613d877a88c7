"""Features of the probe images as the engine writes them, one npz file a moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sslcore.events import unpacked
from sslcore.runs import arrays


@dataclass(frozen=True, eq=False)
class KeptViews:
    """Two random views of some images, as the encoder of that time saw them.

    Attributes:
        rows: (V,) int64 catalogue rows.
        first, second: (V, D) float16 unit vectors, row i of the same image.
    """

    rows: NDArray[np.int64]
    first: NDArray[np.float16]
    second: NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class KeptFeatures:
    """One moment.

    Attributes:
        rows: (N,) int64 catalogue rows.
        features: (N, D) float32 of whole images.
        paths: (N,) of the images within their folder; () in runs of before they were kept.
        views: of some of the images; None between evaluations and in runs of before.
    """

    rows: NDArray[np.int64]
    features: NDArray[np.float32]
    paths: tuple[str, ...]
    views: KeptViews | None


def read(path: Path) -> KeptFeatures:
    """What a file holds.

    Raises:
        ValueError: naming the file if it is missing or damaged.
    """
    found = arrays.from_file(path)
    try:
        views = None
        if "viewed" in found:
            views = KeptViews(found["viewed"], found["first"], found["second"])
        paths = unpacked(found["paths"]) if "paths" in found else ()
        return KeptFeatures(found["index"], found["features"], paths, views)
    except KeyError as error:
        raise ValueError(f"{path}: damaged (there is no {error})") from None
