"""The colours of the window, for pictures that are made without one."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
MISSING = "#8A93A1"
"""Of what has no class."""
_DARK_BLUE, _GREY, _YELLOW = "#00204C", "#7C7B78", "#FFE945"
"""Stops of cividis, https://doi.org/10.1371/journal.pone.0199239."""


@cache
def theme() -> dict[str, Any]:
    """The tokens of both themes, as the window reads them."""
    text = (resources.files("resources") / "theme.json").read_text("utf-8")
    return cast("dict[str, Any]", json.loads(text))


@cache
def series() -> tuple[str, ...]:
    """Okabe-Ito's seven colours, then Glasbey's, "#RRGGBB" each: class 3 always has the same."""
    text = (resources.files("resources") / "glasbey.json").read_text("utf-8")
    return tuple(str(one) for one in json.loads(text)["colours"])


def of_class(number: int) -> str:
    """Colour of a class; below 0 means none."""
    return MISSING if number < 0 else series()[number % len(series())]


def diverging(values: NDArray[Any], limit: float) -> Bytes:
    """(..., 3) bytes of numbers in -limit..limit: blue over white to orange."""
    ends = theme()["diverging"]
    return _between(values, -limit, limit, (ends["low"], "#FFFFFF", ends["high"]))


def sequential(values: NDArray[Any], low: float, high: float) -> Bytes:
    """(..., 3) bytes of numbers in low..high: dark blue over grey to yellow."""
    return _between(values, low, high, (_DARK_BLUE, _GREY, _YELLOW))


def _between(values: NDArray[Any], low: float, high: float, stops: tuple[str, ...]) -> Bytes:
    numbers = np.nan_to_num(np.asarray(values, np.float64), nan=(low + high) / 2)
    part = np.clip((numbers - low) / ((high - low) or 1.0), 0.0, 1.0)
    table = np.array([_rgb(one) for one in stops], np.float64)
    at = np.linspace(0.0, 1.0, len(stops))
    channels = [np.interp(part, at, table[:, channel]) for channel in range(3)]
    return np.round(np.stack(channels, -1)).astype(np.uint8)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
