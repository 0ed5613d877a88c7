"""How the dots of a map are tinted: colours, the greyed-out ones, edges for those too pale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app import theme
from app.plots import colours
from app.plots.colour_space import contrast
from app.plots.splat import mixed, packed, splat


class Dots:
    """Colours of N dots, ready to be written on the ground of the theme in use.

    Attributes:
        emphasis: (N,) flags of the dots that are not greyed out, or None: none is.
    """

    def __init__(self, rgb: NDArray[np.uint8]) -> None:
        self.emphasis: NDArray[np.bool_] | None = None
        self._rgb = rgb
        self.tint()

    @classmethod
    def missing(cls, count: int) -> Dots:
        """All in the grey of missing values."""
        return cls(np.repeat(colours.missing_colour()[None], count, axis=0))

    def set_colours(self, rgb: NDArray[np.uint8]) -> None:
        """Other colours, (N, 3) bytes."""
        self._rgb = rgb
        self.tint()

    def tint(self) -> None:
        """Compute pixels anew: after a change of colours or of the theme."""
        tokens = theme.tokens()
        ground = colours.bytes_of(tokens.surface)
        self._full, self._rims = packed(self._rgb), packed(mixed(self._rgb, ground, 0.5))
        self._pale = np.zeros(len(self._rgb), np.bool_)
        if tokens.outline:
            self._pale = contrast(self._rgb, ground) < 1.6

    def picture(
        self, x: NDArray[Any], y: NDArray[Any], diameter: int, width: int, height: int
    ) -> QImage:
        """All dots, greyed ones below the others.

        Args:
            x: (N,) centres in pixels of the picture.
            y: (N,) the same, downwards.
            diameter: of a dot, in pixels.
            width: of the picture.
            height: of the picture.
        """
        tokens = theme.tokens()
        pixels = np.full((height, width), _one(tokens.surface), np.uint32)
        own = np.arange(len(x))
        if self.emphasis is not None:
            own, others = np.flatnonzero(self.emphasis), np.flatnonzero(~self.emphasis)
            grey = _one(theme.mixed(tokens.muted, tokens.surface, 0.72))
            faint = np.broadcast_to(grey, others.shape)
            splat(pixels, x[others], y[others], faint, faint, diameter)
        edged = own[self._pale[own]]
        if len(edged):  # a dark edge around clouds of dots too pale for the ground
            dark = _one(theme.mixed(tokens.outline, tokens.surface, 0.4))
            edge = np.broadcast_to(dark, edged.shape)
            splat(pixels, x[edged], y[edged], edge, edge, diameter + 2)
        splat(pixels, x[own], y[own], self._full[own], self._rims[own], diameter)
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        return image.copy()


def _one(colour: str) -> np.uint32:
    return packed(colours.bytes_of(colour)[None])[0]
