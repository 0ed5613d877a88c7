"""A long list of colours an eye tells apart, in the manner of Glasbey et al. (2007).

The idea (https://doi.org/10.1002/col.20327): walk greedily through colour space and take each time
the colour whose nearest neighbour among those taken is farthest away. Here in CIELAB, starting from
the Okabe-Ito colours and keeping clear of both themes' grounds and of the grey of missing values.
``resources/glasbey.json`` is what :func:`generated` gives; a test holds the two together.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

import numpy as np

from app.plots.colour_space import contrast, to_lab

SEEDS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#0072B2", "#F0E442")
GROUNDS = ("#1B1E24", "#FFFFFF")
MISSING = ("#98A1B0", "#5C6675", "#808080")
LOUDEST = 62.0
"""Largest CIELAB chroma of a generated colour: pure primaries would shout the seeds down."""
LEAST_CONTRAST = (2.8, 2.0)
"""Of every generated colour to each ground: dots of five pixels are seen on both."""


def generated(count: int, step: int = 8) -> list[str]:
    """``count`` colours as ``"#rrggbb"``, the first of them :data:`SEEDS`.

    Args:
        count: how many, at least as many as there are seeds.
        step: distance of the candidates in sRGB; smaller is finer and slower.
    """
    axis = np.append(np.arange(0, 256, step), 255)
    candidates = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    for ground, least in zip(GROUNDS, LEAST_CONTRAST, strict=True):
        candidates = candidates[contrast(candidates, rgb(ground)) >= least]
    places = to_lab(candidates)
    calm = np.hypot(places[:, 1], places[:, 2]) <= LOUDEST
    candidates, places = candidates[calm], places[calm]
    nearest = np.full(len(places), np.inf)
    for taken in (*SEEDS, *MISSING, *GROUNDS):
        nearest = np.minimum(nearest, np.square(places - to_lab(rgb(taken))).sum(1))
    chosen: list[str] = [*SEEDS]
    while len(chosen) < count:
        best = int(nearest.argmax())
        chosen.append("#{:02X}{:02X}{:02X}".format(*candidates[best]))
        nearest = np.minimum(nearest, np.square(places - places[best]).sum(1))
    return chosen


def rgb(colour: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """(3,) bytes of ``"#rrggbb"``."""
    return np.frombuffer(bytes.fromhex(colour.removeprefix("#")), np.uint8)


@cache
def stored() -> tuple[str, ...]:
    """The list that was generated once, from ``resources/glasbey.json``."""
    text = (resources.files("resources") / "glasbey.json").read_text(encoding="utf-8")
    return tuple(json.loads(text)["colours"])
