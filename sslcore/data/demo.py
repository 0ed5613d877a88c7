"""The demo set: generated pictures of shapes whose every factor is known.

Each picture shows two to four copies of one shape on a ground under uneven light. Shape and ground
have each their own texture, tint and brightness; number, places, sizes, tilt, light and which of
the two is the lighter one are drawn at random. All of that is independent of the shape, and all
shapes have equal areas, so neither the mean colour nor the nearest raw pixels give the shape away:
it has to be seen.

Copies, because two crops of a picture should have its shape in common whatever they cut out: with
one shape a picture, methods that compare two views needed hundreds of epochs for what takes them
thirty now. An upper end, because a rotation cannot be told from a ring. What two crops share
besides the shape is kept poor: light, relief and tint are faint. What is learnt on the set stands
in docs/results.md, why it is as it is in docs/decisions/0007-a-demo-set-for-all-methods.md.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sslcore.data import demo_mark
from sslcore.data.drawing import HUES, TEXTURES, Plane, colour, coverage, draw, turned
from sslcore.data.outlines import UPRIGHT
from sslcore.data.pool import CancelAsked, Progress, each, raise_if_cancelled

SHAPES = tuple(UPRIGHT)
"""Names of the shapes, which are the classes of the set."""

COLUMNS = (
    "path label texture ground colour copies x y size tilt period lighter".split()  # noqa: SIM905 - one line
)
"""Columns of ``labels.csv``: x, y, size and tilt are the means over the copies.

Lengths are relative to the side, angles in degrees, clockwise from upright.
"""

COUNT = 3000
"""Pictures of the usual set."""

MOST = 4
"""Copies of the shape in a picture at most; the fewest are two."""

_RADIUS = np.array([0.19, 0.155, 0.135], np.float32)
"""Usual size of a copy where there are two, three or four."""
_TILT = np.deg2rad(35)
_VERSION = 4  # of the drawing; raise it when the same seed gives other pictures
_CHUNK = 250


@dataclass(frozen=True, eq=False)
class Factors:
    """What was drawn for each of N pictures; (N,) each, but ``noise`` (N, 2, 16, 16).

    Index 0 of pairs is the ground, 1 the shape. Lengths are relative to the side.
    """

    shape: NDArray[np.int64]
    texture: NDArray[np.int64]  # (N, 2)
    hue: NDArray[np.float32]  # (N, 2) degrees
    level: NDArray[np.float32]  # (N, 2) mean brightness
    strength: NDArray[np.float32]  # (N, 2) distance from grey
    relief: NDArray[np.float32]  # (N, 2) brightness of the texture, up and down
    period: NDArray[np.float32]  # (N, 2)
    grain: NDArray[np.float32]  # (N, 2) angle of the texture, radians
    shift: NDArray[np.float32]  # (N, 2, 2) where the texture begins
    copies: NDArray[np.int64]  # the last of the MOST places of a picture are not used
    centre: NDArray[np.float32]  # (N, MOST, 2) x, y
    size: NDArray[np.float32]  # (N, MOST) radius of a disc of equal area
    tilt: NDArray[np.float32]  # (N, MOST) radians, clockwise from upright
    light: NDArray[np.float32]  # (N, 6, 4) waves: height, length, direction, phase
    noise: NDArray[np.float32]

    def rows(self, start: int, stop: int) -> Factors:
        """The factors of some pictures."""
        return Factors(**{name: values[start:stop] for name, values in vars(self).items()})


def factors(count: int, seed: int) -> Factors:
    """Draw all random numbers; shapes take turns, so classes are equally large.

    Args:
        count: pictures.
        seed: at least 0.
    """
    generator = np.random.Generator(np.random.PCG64(seed))

    def between(low: float, high: float, *shape: int) -> NDArray[np.float32]:
        return generator.uniform(low, high, (count, *shape)).astype(np.float32)

    middle, apart = between(0.32, 0.68), between(0.11, 0.2)
    sign = np.where(generator.random(count) < 0.5, -1, 1).astype(np.float32)
    angles = (between(0, 2 * np.pi, 6), between(0, 2 * np.pi, 6))
    copies = generator.integers(2, MOST + 1, count)
    # Around a middle of the picture's own, at about equal angles.
    turn = between(0, 2 * np.pi)[:, None] + 2 * np.pi * np.arange(MOST) / copies[:, None]
    turn = turn + between(-0.6, 0.6, MOST)
    reach = between(0.15, 0.42, MOST)
    middle_of_all = between(0.22, 0.78, 1, 2)
    centre = middle_of_all + reach[..., None] * np.stack([np.cos(turn), np.sin(turn)], 2)
    return Factors(
        shape=np.arange(count) % len(SHAPES),
        texture=generator.integers(0, len(TEXTURES), (count, 2)),
        hue=120 * generator.integers(0, len(HUES), (count, 2)) + between(-5, 5, 2),
        level=np.stack([middle - sign * apart, middle + sign * apart], 1).astype(np.float32),
        strength=np.stack([between(0, 0.02), between(0.01, 0.04)], 1),
        relief=np.stack([between(0, 0.015), between(0, 0.02)], 1),
        period=between(0.1, 0.22, 2),
        grain=between(0, 2 * np.pi, 2),
        shift=between(0, 1, 2, 2),
        copies=copies,
        centre=centre.astype(np.float32),
        size=_RADIUS[copies - 2, None] * between(0.7, 1.4, MOST),
        tilt=between(-_TILT, _TILT, MOST),
        light=np.stack([between(0, 0.03, 6), between(0.8, 1.5, 6), *angles], 2),
        noise=between(-1.6, 1.6, 2, 16, 16),
    )


def render(drawn: Factors, side: int) -> NDArray[np.uint8]:
    """Pictures from their factors.

    Returns:
        (N, side, side, 3) uint8.
    """
    count = len(drawn.shape)
    across = np.arange(side, dtype=np.float32) + 0.5
    x = np.broadcast_to(across[None, None, :], (count, side, side))
    y = np.broadcast_to(across[None, :, None], (count, side, side))
    layers: list[Plane] = []
    for layer in (0, 1):

        def texture(rows: NDArray[np.int64], kind: int, layer: int = layer) -> Any:
            angle = drawn.grain[rows, layer, None, None]
            u, v = turned(x[rows] - side / 2, y[rows] - side / 2, angle)
            period = drawn.period[rows, layer, None, None] * side
            shift = drawn.shift[rows, layer, :, None, None]
            name = tuple(TEXTURES)[kind]
            if name != "gradient":  # it has a middle, not a period
                u, v = u + shift[:, 0] * period, v + shift[:, 1] * period
            return TEXTURES[name](u, v, period, drawn.noise[rows, layer])

        relief = drawn.relief[:, layer, None, None] * draw(drawn.texture[:, layer], texture)
        base = colour(drawn.level[:, layer], drawn.hue[:, layer], drawn.strength[:, layer])
        layers.append(base[:, None, None, :] + relief[..., None])

    inside = _inside(drawn, x, y, side)[..., None]
    picture = layers[0] * (1 - inside) + layers[1] * inside
    for number, wave in enumerate(drawn.light[..., None, None].transpose(1, 2, 0, 3, 4)):
        height, length, direction, phase = wave
        along, _ = turned(x / side, y / side, direction)
        picture[..., number % 3] += height * np.cos(2 * np.pi * along / length + phase)
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _inside(drawn: Factors, x: Plane, y: Plane, side: int) -> Plane:
    """(N, side, side) part of each pixel that lies within any copy of the shape."""
    inside = np.zeros((len(drawn.shape), side, side), np.float32)
    for copy in range(MOST):
        there = np.flatnonzero(drawn.copies > copy)

        def outline(some: NDArray[np.int64], kind: int, copy: int = copy, all_: Any = there) -> Any:
            rows = all_[some]
            middle = drawn.centre[rows, copy, :, None, None] * side
            angle = drawn.tilt[rows, copy, None, None]
            u, v = turned(x[rows] - middle[:, 0], y[rows] - middle[:, 1], angle)
            radius = drawn.size[rows, copy, None, None] * side
            return coverage(UPRIGHT[SHAPES[kind]](u, v, radius))

        if len(there):
            inside[there] = np.maximum(inside[there], draw(drawn.shape[there], outline))
    return inside


def is_made(folder: Path) -> bool:
    """Whether a whole set of today's drawing lies in a folder."""
    return demo_mark.whole(Path(folder), _VERSION)


def make(
    folder: Path,
    count: int = COUNT,
    size: int = 48,
    seed: int = 0,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Path:
    """Write the demo set: PNG files in a folder per shape, and ``labels.csv`` with the factors.

    A folder that already holds the same set is left as it is; one that was begun, or that an
    older version drew otherwise, is finished.

    Args:
        folder: made if need be; must be empty or hold this very set.
        count: pictures.
        size: side in pixels.
        seed: at least 0; the same seed gives the same bytes.
        progress: called with (written, count).
        cancelled: asked often; True calls it off.

    Returns:
        The folder.

    Raises:
        ValueError: if numbers are out of range or the folder holds something else.
        OSError: if it cannot be written.
        Cancelled: if called off; calling again finishes the set.
    """
    if count < 1 or not 8 <= size <= 1024 or seed < 0:
        raise ValueError(
            f"count = {count}, size = {size}, seed = {seed}: a demo set needs at least 1 picture "
            "of 8 to 1024 pixels and a seed of at least 0"
        )
    folder = Path(folder)
    mark = {"count": count, "size": size, "seed": seed}
    if demo_mark.begin(folder, mark, _VERSION):
        return folder
    for shape in SHAPES:
        (folder / shape).mkdir(exist_ok=True)
    drawn = factors(count, seed)
    paths = [f"{SHAPES[shape]}/{row:05d}.png" for row, shape in enumerate(drawn.shape)]

    def write(item: tuple[str, NDArray[np.uint8]]) -> None:
        Image.fromarray(item[1]).save(folder / item[0], "PNG", compress_level=4)

    for start in range(0, count, _CHUNK):
        raise_if_cancelled(cancelled)
        stop = min(count, start + _CHUNK)
        pictures = render(drawn.rows(start, stop), size)
        for _ in each(
            write, list(zip(paths[start:stop], pictures, strict=True)), cancelled=cancelled
        ):
            pass
        if progress is not None:
            progress(stop, count)
    _write_table(folder / demo_mark.LAST, paths, drawn)
    return folder


def _write_table(file: Path, paths: Sequence[str], drawn: Factors) -> None:
    textures = tuple(TEXTURES)
    part = file.with_suffix(".partial")
    with part.open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row, path in enumerate(paths):
            ground, shape = drawn.texture[row]
            seen = slice(drawn.copies[row])
            means = (
                *drawn.centre[row, seen].mean(0),
                drawn.size[row, seen].mean(),
                np.rad2deg(drawn.tilt[row, seen].mean()),
                drawn.period[row, 1],
            )
            writer.writerow(
                [
                    path,
                    SHAPES[drawn.shape[row]],
                    textures[shape],
                    textures[ground],
                    HUES[round(float(drawn.hue[row, 1]) / 120) % 3],
                    drawn.copies[row],
                    *(f"{number:.4f}" for number in means),
                    "shape" if drawn.level[row, 1] > drawn.level[row, 0] else "ground",
                ]
            )
        table.flush()
        os.fsync(table.fileno())
    part.replace(file)
