"""Colours that mean something: classes, numbers, matrices, missing values; in both themes."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app import theme
from app.plots import glasbey
from app.plots.colour_space import contrast, from_lab, to_lab

Bytes = NDArray[np.uint8]
SERIES = ("Sky blue", "Orange", "Green", "Pink", "Vermilion", "Blue", "Yellow")
"""Names of the first colours, by Okabe and Ito: every kind of colour vision tells them apart."""

# CIELAB ends of the sequential scale: dark blue to pale yellow through grey, the colours that
# every kind of colour vision tells apart (as cividis, https://doi.org/10.1371/journal.pone.0199239).
DARK_BLUE = (16.0, 6.0, -42.0)
GREY = (52.0, 0.0, 2.0)
YELLOW = (91.0, -8.0, 62.0)


def bytes_of(colour: str) -> Bytes:
    """(3,) bytes of ``"#rrggbb"``."""
    return glasbey.rgb(colour)


def series_colour(index: int) -> QColor:
    """Colour of the line or the class of that number; round again after the long list ends."""
    series = theme.tokens().series
    if index < len(series):
        return QColor(series[index])
    known = glasbey.stored()
    return QColor(known[index % len(known)])


def class_colours(count: int) -> Bytes:
    """(count, 3) bytes: Okabe-Ito first, then colours as far from them as can be.

    The list only grows: class 3 has its colour whether there are 5 classes or 50.
    """
    colours = [series_colour(index) for index in range(count)]
    made = [(colour.red(), colour.green(), colour.blue()) for colour in colours]
    return np.array(made, np.uint8).reshape(count, 3)


def missing_colour() -> Bytes:
    """(3,) bytes of what has no class or no value: the muted grey, half sunk into the ground."""
    tokens = theme.tokens()
    return bytes_of(theme.mixed(tokens.muted, tokens.surface, 0.45))


def by_class(labels: NDArray[Any]) -> Bytes:
    """(N, 3) bytes for (N,) class numbers; below 0 means no class."""
    numbers = np.asarray(labels, np.int64)
    table = class_colours(int(numbers.max(initial=-1)) + 1)
    table = np.concatenate([table, missing_colour()[None]])  # -1 is the last row
    return table[np.maximum(numbers, -1)]


def by_value(values: NDArray[Any], low: float | None = None, high: float | None = None) -> Bytes:
    """(N, 3) bytes for (N,) numbers on the sequential scale; not finite means missing.

    Args:
        values: the numbers.
        low: value of the scale's dark end, or their smallest.
        high: value of the scale's bright end, or their largest.
    """
    numbers = np.asarray(values, np.float64)
    there = np.isfinite(numbers)
    start = low if low is not None else float(numbers[there].min(initial=np.inf))
    stop = high if high is not None else float(numbers[there].max(initial=-np.inf))
    span = stop - start if stop > start else 1.0
    part = np.where(there, (np.where(there, numbers, 0.0) - start) / span, 0.0)
    # On a white ground the pale end, on a black one the dark end would vanish as dots.
    first, last = (70, 255) if theme.tokens().dark else (0, 205)
    index = first + np.clip(part, 0.0, 1.0) * (last - first)
    made = sequential()[np.round(index).astype(np.int64)]
    made[~there] = missing_colour()
    return made


@cache
def sequential() -> Bytes:
    """(256, 3) bytes, dark blue to yellow, lightness rising evenly."""
    stops = np.array([DARK_BLUE, GREY, YELLOW])
    lightness = np.linspace(DARK_BLUE[0], YELLOW[0], 256)
    channels = [np.interp(lightness, stops[:, 0], stops[:, channel]) for channel in range(3)]
    return from_lab(np.stack(channels, -1))


def diverging() -> Bytes:
    """(255, 3) bytes, blue over the ground of the theme in use to orange, evenly in CIELAB.

    An odd number of them, so that the middle is the ground itself.
    """
    low, middle, high = (to_lab(bytes_of(one)) for one in theme.tokens().diverging)
    part = np.linspace(-1.0, 1.0, 255)[:, None]
    end = np.where(part < 0, low, high)
    return from_lab(middle + (end - middle) * np.abs(part))


def needs_outline(colour: QColor) -> bool:
    """Whether a colour is too pale to be seen as a thin line on the ground of the theme in use."""
    ground = bytes_of(theme.tokens().surface)
    own = np.array([colour.red(), colour.green(), colour.blue()], np.uint8)
    return bool(contrast(own, ground) < 1.6)
