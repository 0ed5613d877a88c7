"""Demo sets of the other kinds of data: moving shapes, shapes with depth, shapes with captions.

``sequences``: a folder of numbered frames per clip; two shapes drift, turn and bounce, the nearer
one in front. ``pairs``: ``rgb/`` with ``depth/`` (16-bit, millimetres) and ``labels/`` (palette).
``captions``: a text file beside each picture, "a small red star on a striped ground". The class of
everything is its nearest shape.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sslcore.data import demo_mark
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.data.scenes import COLOURS, GROUNDS, SHAPES, Scenes, render, scenes

COUNTS = {"sequences": 90, "pairs": 600, "captions": 1200}
"""Kinds, and how many clips or pictures a set has unless told otherwise."""

FRAMES = 12
"""Frames of a clip."""

_VERSION = 1  # of the drawing; raise it when the same seed gives other pictures
_CHUNK = 120
_LARGE = 0.22  # Radius from which on a caption says "large"

Row = Sequence[str]


def make(
    folder: Path,
    kind: str,
    count: int | None = None,
    size: int = 48,
    seed: int = 0,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Path:
    """Write a demo set; a folder that holds the same set already is left as it is.

    Args:
        folder: made if need be; must be empty or hold this very set.
        kind: one of :data:`COUNTS`.
        count: clips or pictures; None takes the usual number.
        size: side in pixels.
        seed: at least 0; the same seed gives the same bytes.
        progress: called with (written, count).
        cancelled: asked often.

    Returns:
        The folder.

    Raises:
        ValueError: if numbers are out of range or the folder holds something else.
        OSError: if it cannot be written.
        Cancelled: if called off; calling again finishes the set.
    """
    if kind not in COUNTS:
        raise ValueError(f"kind = {kind!r}: there are demo sets of images, {', '.join(COUNTS)}")
    count = COUNTS[kind] if count is None else count
    if count < 1 or not 8 <= size <= 1024 or seed < 0:
        raise ValueError(
            f"count = {count}, size = {size}, seed = {seed}: a demo set needs at least 1 item of "
            "8 to 1024 pixels and a seed of at least 0"
        )
    folder = Path(folder)
    mark = {"kind": kind, "count": count, "size": size, "seed": seed}
    if demo_mark.begin(folder, mark, _VERSION):
        return folder
    drawn = _captioned(count, seed) if kind == "captions" else scenes(count, _DEPTHS[kind], seed)
    write = {"sequences": _clips, "pairs": _pairs, "captions": _captions}[kind]
    table: list[Row] = [("path", "label")]
    for start in range(0, count, _CHUNK):
        raise_if_cancelled(cancelled)
        stop = min(count, start + _CHUNK)
        table += write(folder, drawn.rows(slice(start, stop)), range(start, stop), size)
        if progress is not None:
            progress(stop, count)
    with (folder / demo_mark.LAST).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    return folder


_DEPTHS = {"sequences": 2, "pairs": 3}
"""Shapes of a scene."""


def caption(drawn: Scenes, row: int) -> str:
    """What a scene of one shape shows, in words."""
    size = "large" if drawn.radius[row, 0] >= _LARGE else "small"
    colour, shape = tuple(COLOURS)[drawn.colour[row, 0]], SHAPES[drawn.shape[row, 0]]
    return f"a {size} {colour} {shape} on a {tuple(GROUNDS)[drawn.ground[row]]} ground"


def moved(drawn: Scenes, frames: int, numbers: Sequence[int]) -> Scenes:
    """Every scene in motion: (N * frames) scenes, clip by clip.

    Args:
        drawn: N scenes.
        frames: of each clip.
        numbers: N seeds of the motions.
    """
    time = np.arange(frames, dtype=np.float32)[None, :, None]
    motions = [np.random.Generator(np.random.PCG64([7, number])) for number in numbers]
    shapes = drawn.shape.shape[1]
    speed = np.stack([one.uniform(0.02, 0.05, (shapes, 1)) for one in motions])
    angle = np.stack([one.uniform(0, 2 * np.pi, (shapes, 1)) for one in motions])
    spin = np.stack([one.uniform(-0.15, 0.15, shapes) for one in motions])
    step = speed * np.concatenate([np.cos(angle), np.sin(angle)], 2)
    # Straight on between two walls is a triangle wave.
    low, high = 0.2, 0.8
    along = drawn.centre[:, None] + time[..., None] * step[:, None].astype(np.float32) - low
    bounced = low + (high - low) - np.abs(along % (2 * (high - low)) - (high - low))
    many = drawn.rows(np.repeat(np.arange(len(drawn)), frames))
    turned = drawn.rotation[:, None] + time * spin[:, None].astype(np.float32)
    return replace(
        many,
        centre=bounced.reshape(-1, shapes, 2).astype(np.float32),
        rotation=turned.reshape(-1, shapes).astype(np.float32),
    )


def _clips(folder: Path, drawn: Scenes, numbers: Sequence[int], size: int) -> list[Row]:
    pictures = render(moved(drawn, FRAMES, numbers), size)[0]
    table: list[Row] = []
    for place, number in enumerate(numbers):
        label = SHAPES[drawn.shape[place, -1]]
        clip = f"{label}/clip_{number:03d}"
        (folder / clip).mkdir(parents=True, exist_ok=True)
        for frame in range(FRAMES):
            path = f"{clip}/{frame:03d}.png"
            _save(folder / path, pictures[place * FRAMES + frame])
            table.append((path, label))
    return table


def _pairs(folder: Path, drawn: Scenes, numbers: Sequence[int], size: int) -> list[Row]:
    pictures, depth, classes = render(drawn, size)
    for name in ("rgb", "depth", "labels"):
        (folder / name).mkdir(exist_ok=True)
    table: list[Row] = []
    for place, number in enumerate(numbers):
        stem = f"{number:05d}.png"
        _save(folder / "rgb" / stem, pictures[place])
        _save(folder / "depth" / stem, depth[place])
        entries = Image.fromarray(classes[place])
        entries.putpalette(_PALETTE)  # makes class numbers palette entries
        entries.save(folder / "labels" / stem)
        table.append((f"rgb/{stem}", SHAPES[drawn.shape[place, -1]]))
    return table


def _captions(folder: Path, drawn: Scenes, numbers: Sequence[int], size: int) -> list[Row]:
    pictures = render(drawn, size)[0]
    table: list[Row] = []
    for place, number in enumerate(numbers):
        label = SHAPES[drawn.shape[place, 0]]
        (folder / label).mkdir(exist_ok=True)
        _save(folder / label / f"{number:05d}.png", pictures[place])
        (folder / label / f"{number:05d}.txt").write_text(caption(drawn, place) + "\n", "utf-8")
        table.append((f"{label}/{number:05d}.png", label))
    return table


def _captioned(count: int, seed: int) -> Scenes:
    """Scenes of one shape, clearly small or clearly large."""
    drawn = scenes(count, 1, seed)
    generator = np.random.Generator(np.random.PCG64([seed, 11]))
    large = generator.random((count, 1)) < 0.5
    radius = np.where(large, 0.27, 0.14) * generator.uniform(0.92, 1.08, (count, 1))
    return replace(drawn, radius=radius.astype(np.float32))


def _save(path: Path, pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    Image.fromarray(pixels).save(path, "PNG", compress_level=4)


_PALETTE = [0, 0, 0, *(round(255 * value) for rgb in COLOURS.values() for value in rgb)]
