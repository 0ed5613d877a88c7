"""Which part of a plane is looked at: pan, zoom and fit, the same scale along both axes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def bounds(points: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """(2,) lowest and highest coordinates of the finite ones among (N, 2) points, zeros for none.

    Column by column: numpy takes ten times as long along the short axis of a long array.
    """
    for _ in range(2):
        if not len(points):
            break
        low, high = (
            np.array([reduce(points[:, axis]) for axis in (0, 1)], np.float64)
            for reduce in (np.min, np.max)
        )
        if np.isfinite(low).all() and np.isfinite(high).all():
            return low, high
        points = points[np.isfinite(points).all(axis=1)]
    return np.zeros(2), np.zeros(2)


@dataclass(frozen=True)
class Camera:
    """A look at the plane; y points up there and down on the screen.

    Attributes:
        x, y: what is seen in the middle.
        scale: pixels per unit.
        width, height: of the screen, in pixels.
    """

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    width: float = 1.0
    height: float = 1.0

    @classmethod
    def fit(cls, points: NDArray[Any], width: float, height: float, margin: float = 28.0) -> Camera:
        """The look at all finite (N, 2) points, with a margin in pixels around them."""
        low, high = bounds(points)
        return (
            cls.around(low, high, width, height, margin)
            if len(points)
            else cls(width=width, height=height)
        )

    @classmethod
    def around(
        cls, low: Numbers, high: Numbers, width: float, height: float, margin: float = 28.0
    ) -> Camera:
        """The look at a rectangle of the plane from its (2,) lowest to its highest corner."""
        farthest = float(np.maximum(np.abs(low), np.abs(high)).max())
        span = np.maximum(high - low, 1e-9 * max(1.0, farthest))
        room = np.maximum(np.array([width, height]) - 2 * margin, 8.0)
        middle = (low + high) / 2
        return cls(float(middle[0]), float(middle[1]), float((room / span).min()), width, height)

    def pixels(self, points: NDArray[Any]) -> tuple[Numbers, Numbers]:
        """Screen x and y of (N, 2) points."""
        return (
            (points[:, 0] - self.x) * self.scale + self.width / 2,
            self.height / 2 - (points[:, 1] - self.y) * self.scale,
        )

    def point(self, x: float, y: float) -> tuple[float, float]:
        """The place of the plane under a pixel."""
        return (
            self.x + (x - self.width / 2) / self.scale,
            self.y - (y - self.height / 2) / self.scale,
        )

    def panned(self, dx: float, dy: float) -> Camera:
        """What is seen moves by so many pixels right and down."""
        return replace(self, x=self.x - dx / self.scale, y=self.y + dy / self.scale)

    def zoomed(self, factor: float, x: float, y: float) -> Camera:
        """Larger by a factor around a pixel: what is under it stays there."""
        before = self.point(x, y)
        closer = replace(self, scale=self.scale * factor)
        after = closer.point(x, y)
        return replace(closer, x=closer.x + before[0] - after[0], y=closer.y + before[1] - after[1])

    def resized(self, width: float, height: float) -> Camera:
        """The same middle on a screen of another size, so scaled that as much is seen."""
        grown = min(width / self.width, height / self.height)
        return replace(self, width=width, height=height, scale=self.scale * grown)

    def between(self, other: Camera, part: float) -> Camera:
        """On the way to another look (part 0..1), zooming evenly."""
        return replace(
            other,
            x=self.x + (other.x - self.x) * part,
            y=self.y + (other.y - self.y) * part,
            scale=float(self.scale ** (1 - part) * other.scale**part),
        )
