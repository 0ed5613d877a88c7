"""What is known of the points of a map: places, colours, marks, which are greyed or chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app import theme
from app.plots import colours
from app.plots.camera import Camera, bounds
from app.plots.dot_image import Cloud, crowding, drawn, shaded
from app.plots.marks import MARKS, footprint
from app.plots.splat import Places, Screen, blended, packed

Flags = NDArray[np.bool_]
Look = Literal["grey", "faded", "full"]

FARTHEST = 0.4
"""How much of its colour the farthest point keeps."""


@dataclass(frozen=True)
class Layer:
    """Points that look alike.

    Attributes:
        rows: which points, ascending in the order of painting; None for all.
        look: see :class:`~app.plots.dot_image.Cloud`.
        edged: see there.
    """

    rows: Places | None
    look: Look
    edged: bool


class Dots:
    """N points, ready to be painted on the ground of the theme in use.

    They are painted in an order of chance, the same every time: in the order of a catalogue the
    last class would lie over all others.

    Args:
        count: how many; all are at the middle, in the grey of missing values.
    """

    def __init__(self, count: int) -> None:
        self._chance = self._order = np.random.default_rng(0).permutation(count)
        self._nearness: NDArray[np.float64] | None = None
        self._plain = np.zeros(count + 1, np.uint32)
        self._numbers: NDArray[np.int64] | None = None
        self._ground: str | None = None
        self._x = self._y = np.zeros(count, np.float32)
        self._middle = (0.0, 0.0)
        self._marks: NDArray[np.uint8] | None = None
        self._emphasis: Flags | None = None
        self._chosen: Flags | None = None
        self._layers: list[Layer] | None = None
        self._tints = np.zeros(count + 1, np.uint32)
        self._screen: Screen | None = None
        self.set_colours(np.broadcast_to(colours.missing_colour(), (count, 3)))

    @property
    def emphasis(self) -> Flags | None:
        """(N,) flags of the points that are not greyed out, or None: none is."""
        return self._emphasis

    @emphasis.setter
    def emphasis(self, flags: Flags | None) -> None:
        self._emphasis, self._layers = flags, None

    @property
    def chosen(self) -> Flags | None:
        """(N,) flags of the chosen points, or None: none is."""
        return self._chosen

    @chosen.setter
    def chosen(self, flags: Flags | None) -> None:
        self._chosen, self._layers = flags, None

    @property
    def marked(self) -> bool:
        """Whether the dots have marks of their own."""
        return self._marks is not None

    def set_places(
        self, points: NDArray[np.float64], nearness: NDArray[np.float64] | None = None
    ) -> None:
        """Put the points.

        Args:
            points: (N, 2) on the plane, NaN for those without a place.
            nearness: (N,) of the points to the eye, 0 to 1: far ones are painted first and fade
                into the ground; None where all are equally near.
        """
        if nearness is not None or self._nearness is not None:
            self._sort(nearness)
        low, high = bounds(points)
        # Numbers of half the size are enough for a screen once the middle is taken off.
        self._middle = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2)
        self._x, self._y = (
            (points[:, axis] - self._middle[axis]).astype(np.float32)[self._order]
            for axis in (0, 1)
        )

    def _sort(self, nearness: NDArray[np.float64] | None) -> None:
        """Order the points by depth, and among equals by chance."""
        colours_before = self._unsorted(self._plain[1:])
        self._nearness, self._order, self._layers = nearness, self._chance, None
        if nearness is not None:
            # In 16 bits: these are sorted at once, digit by digit.
            coarse = (np.nan_to_num(nearness[self._chance]) * 65535).astype(np.uint16)
            self._order = self._chance[np.argsort(coarse, kind="stable")]
        self._plain[1:] = colours_before[self._order]
        self._ground = None
        self._mark()

    def _unsorted(self, values: NDArray[Any]) -> NDArray[Any]:
        """What is kept in the order of painting, in the order of the points."""
        made = np.empty_like(values)
        made[self._order] = values
        return made

    def set_colours(self, rgb: NDArray[Any]) -> None:
        """Other colours, (N, 3) bytes."""
        self._plain[1:] = packed(rgb)[self._order]
        self._ground = None

    def set_marks(self, numbers: NDArray[Any] | None) -> None:
        """(N,) numbers of classes whose marks the dots take; below 0 and for None, a circle."""
        self._numbers = None if numbers is None else np.asarray(numbers, np.int64)
        self._mark()

    def _mark(self) -> None:
        self._marks = None
        if self._numbers is not None:
            numbers = self._numbers[self._order]
            self._marks = np.where(numbers >= 0, numbers % len(MARKS), 0).astype(np.uint8)

    def _tint(self) -> None:
        """Colours as they are on the ground of the theme in use: those of far points fade."""
        ground = theme.tokens().surface
        if ground == self._ground:
            return
        self._ground = ground
        self._tints = self._plain
        if self._nearness is not None:
            part = np.nan_to_num(self._nearness[self._order]) * (1 - FARTHEST) + FARTHEST
            under = packed(colours.bytes_of(ground)[None])[0]
            self._tints = np.concatenate([self._plain[:1], blended(self._plain[1:], under, part)])

    def picture(
        self, camera: Camera, ratio: float, diameter: int, *, density: bool
    ) -> tuple[QImage, float]:
        """All points, greyed ones below the others.

        Args:
            camera: what is looked at.
            ratio: pixels of the picture per pixel of the camera.
            diameter: of a dot, in pixels of the picture.
            density: whether to shade by number instead of drawing dots.

        Returns:
            the picture, good until the next one is made; and how many points lie on a covered
            pixel on average.
        """
        self._tint()
        screen = self._screen_of(camera, ratio, diameter)
        scale = camera.scale * ratio
        x = self._x * np.float32(scale)
        x += np.float32((self._middle[0] - camera.x) * scale + screen.width / 2)
        y = self._y * np.float32(-scale)
        y += np.float32((camera.y - self._middle[1]) * scale + screen.height / 2)
        places, kept = screen.places(x, y)
        clouds = [self._cloud(layer, places, kept) for layer in self._layered()]
        clouds = [one for one in clouds if len(one.numbers)]
        if density:
            pixels = shaded(screen, clouds, self._tints)
        else:
            pixels = drawn(screen, clouds, self._tints, self._marks, diameter, self._plain)
        start = screen.margin * (screen.stride + 1)
        image = QImage(  # of these very pixels, which the screen keeps
            pixels[start:].data,
            screen.width,
            screen.height,
            4 * screen.stride,
            QImage.Format.Format_RGB32,
        )
        return image, crowding(screen, places, diameter)

    def _screen_of(self, camera: Camera, ratio: float, diameter: int) -> Screen:
        width, height = round(camera.width * ratio), round(camera.height * ratio)
        reach = max(footprint(mark, diameter).reach for mark in MARKS)
        known = self._screen
        if known is None or (known.width, known.height, known.reach) != (width, height, reach):
            self._screen = known = Screen(width, height, reach)
        return known

    def _cloud(self, layer: Layer, places: Places, kept: Places | None) -> Cloud:
        """The points of a layer that are seen."""
        rows = layer.rows
        if rows is None:
            rows = np.arange(len(self._x)) if kept is None else kept
        elif kept is None:
            places = places[rows]
        else:
            among = np.zeros(len(self._x), np.bool_)
            among[rows] = True
            among = among[kept]
            rows, places = kept[among], places[among]
        return Cloud((rows + 1).astype(np.int32), places, layer.look, layer.edged)

    def _layered(self) -> list[Layer]:
        if self._layers is None:
            self._layers = self._sorted_out()
        return self._layers

    def _sorted_out(self) -> list[Layer]:
        if self._emphasis is None and self._chosen is None:
            return [Layer(None, "full", edged=False)]
        count = len(self._order)
        shown = np.ones(count, np.bool_) if self._emphasis is None else self._emphasis[self._order]
        if self._chosen is None:
            return [
                Layer(np.flatnonzero(~shown), "grey", edged=False),
                Layer(np.flatnonzero(shown), "full", edged=False),
            ]
        taken = self._chosen[self._order]
        return [
            Layer(np.flatnonzero(~shown & ~taken), "grey", edged=False),
            Layer(np.flatnonzero(shown & ~taken), "faded", edged=False),
            Layer(np.flatnonzero(~shown & taken), "grey", edged=True),
            Layer(np.flatnonzero(shown & taken), "full", edged=True),
        ]
