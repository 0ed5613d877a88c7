"""Scenes for the demo sets of sequences, pairs and captions: bright shapes before a ground.

Shapes hide each other by depth: far ones are drawn first, and depth map and class map are drawn
with them, so that all three agree to the pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sslcore.data.drawing import OUTLINES, TEXTURES, Plane, coverage, draw, turned

SHAPES = tuple(OUTLINES)

COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.85, 0.15, 0.15),
    "orange": (0.95, 0.55, 0.1),
    "yellow": (0.95, 0.88, 0.2),
    "green": (0.2, 0.65, 0.25),
    "blue": (0.15, 0.35, 0.85),
    "purple": (0.55, 0.2, 0.7),
}
"""Colours of shapes, with their names in captions."""

GROUNDS = {"plain": "plain", "striped": "stripes", "checked": "checks", "dotted": "dots"}
"""Words for grounds, and their textures."""

FAR, FLOOR = 4.0, 2.5
"""Metres to the ground at the upper and at the lower edge; every shape is nearer."""


@dataclass(frozen=True, eq=False)
class Scenes:
    """What was drawn for N scenes of K shapes, the farthest first; lengths in parts of the side.

    Attributes:
        shape, colour: (N, K) positions in :data:`SHAPES` and :data:`COLOURS`.
        centre: (N, K, 2) x and y.
        radius: (N, K) of a disc of equal area.
        rotation: (N, K) radians.
        depth: (N, K) metres, falling.
        ground: (N,) positions in :data:`GROUNDS`.
        tone: (N, 3) mean colour of the ground.
        grain: (N, 3) angle of its texture, and where it begins.
        light: (N, 2) how much brighter it is to the right and below.
    """

    shape: NDArray[np.int64]
    colour: NDArray[np.int64]
    centre: NDArray[np.float32]
    radius: NDArray[np.float32]
    rotation: NDArray[np.float32]
    depth: NDArray[np.float32]
    ground: NDArray[np.int64]
    tone: NDArray[np.float32]
    grain: NDArray[np.float32]
    light: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ground)

    def rows(self, chosen: Any) -> Scenes:
        """Some scenes, by a slice or numbers."""
        return Scenes(**{name: values[chosen] for name, values in vars(self).items()})


def scenes(count: int, shapes: int, seed: int) -> Scenes:
    """Draw all random numbers; the nearest shapes take turns, so classes are equally large.

    Args:
        count: N.
        shapes: K.
        seed: at least 0.
    """
    generator = np.random.Generator(np.random.PCG64([seed, shapes]))

    def between(low: float, high: float, *shape: int) -> NDArray[np.float32]:
        return generator.uniform(low, high, (count, *shape)).astype(np.float32)

    shape = generator.integers(0, len(SHAPES), (count, shapes))
    shape[:, -1] = np.arange(count) % len(SHAPES)
    depth = -np.sort(-between(0.8, 2.2, shapes), axis=1)
    return Scenes(
        shape=shape,
        colour=generator.integers(0, len(COLOURS), (count, shapes)),
        centre=between(0.25, 0.75, shapes, 2),
        radius=0.19 / depth,
        rotation=between(0, 2 * np.pi, shapes),
        depth=depth,
        ground=generator.integers(0, len(GROUNDS), count),
        tone=between(0.35, 0.65, 1) + between(-0.06, 0.06, 3),
        grain=between(0, 1, 3) * np.array([2 * np.pi, 1, 1], np.float32),
        light=between(-0.12, 0.12, 2),
    )


def render(
    drawn: Scenes, side: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint16], NDArray[np.uint8]]:
    """Pictures, depth and classes of scenes.

    Returns:
        (N, side, side, 3) uint8 pictures, (N, side, side) uint16 depth in millimetres, and
        (N, side, side) uint8 classes: 0 the ground, else 1 + position in :data:`SHAPES`.
    """
    count = len(drawn)
    across = np.arange(side, dtype=np.float32) + 0.5
    x = np.broadcast_to(across[None, None, :], (count, side, side))
    y = np.broadcast_to(across[None, :, None], (count, side, side))
    picture = drawn.tone[:, None, None, :] + 0.13 * _ground(drawn, x, y, side)[..., None]
    depth = FAR + (FLOOR - FAR) * y / side
    classes = np.zeros((count, side, side), np.uint8)
    palette = np.array(list(COLOURS.values()), np.float32)
    for layer in range(drawn.shape.shape[1]):

        def outline(rows: NDArray[np.int64], kind: int, layer: int = layer) -> Plane:
            middle = drawn.centre[rows, layer, :, None, None] * side
            angle = drawn.rotation[rows, layer, None, None]
            u, v = turned(x[rows] - middle[:, 0], y[rows] - middle[:, 1], angle)
            radius = drawn.radius[rows, layer, None, None] * side
            return coverage(OUTLINES[SHAPES[kind]](u, v, radius))

        inside = draw(drawn.shape[:, layer], outline)
        paint = palette[drawn.colour[:, layer]][:, None, None, :]
        picture = picture * (1 - inside[..., None]) + paint * inside[..., None]
        there = inside >= 0.5
        depth = np.where(there, drawn.depth[:, layer, None, None], depth)
        classes = np.where(there, drawn.shape[:, layer, None, None] + 1, classes)
    along = np.stack([x / side - 0.5, y / side - 0.5], -1)
    picture = picture * (1 + (along * drawn.light[:, None, None, :]).sum(-1, keepdims=True))
    return (
        np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8),
        np.rint(depth * 1000).astype(np.uint16),
        classes.astype(np.uint8),
    )


def _ground(drawn: Scenes, x: Plane, y: Plane, side: int) -> Plane:
    """Texture of the ground, in [-1, 1]."""
    names = tuple(GROUNDS.values())

    def texture(rows: NDArray[np.int64], kind: int) -> Plane:
        angle = drawn.grain[rows, 0, None, None]
        u, v = turned(x[rows] - side / 2, y[rows] - side / 2, angle)
        period = np.full((len(rows), 1, 1), 0.19 * side, np.float32)
        u = u + drawn.grain[rows, 1, None, None] * period
        v = v + drawn.grain[rows, 2, None, None] * period
        return TEXTURES[names[kind]](u, v, period, np.zeros((len(rows), 1, 1), np.float32))

    return draw(drawn.ground, texture)
