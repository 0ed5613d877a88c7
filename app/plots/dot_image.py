"""Clouds of points as pixels: as dots that lie over each other, or shaded by their density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app import theme
from app.plots import colours
from app.plots.colour_space import linear
from app.plots.density import shade
from app.plots.marks import MARKS, Runs, footprint
from app.plots.splat import Owners, Packed, Places, Screen, halfway, owners, packed, spread

BESIDE: Runs = ((-1, 0, 1), (0, -1, 3), (1, 0, 1))
"""A pixel and those beside it: what an edge of one pixel covers."""
LEAST_CONTRAST = 1.6
"""Dots of less contrast to a light ground get an edge."""
CROWDED_FROM = 50_000
"""With fewer points in sight, nobody asks how crowded they are."""


@dataclass(frozen=True)
class Cloud:
    """Points in sight that look alike.

    Attributes:
        numbers: (M,) of the points, ascending, from 1.
        places: (M,) their pixels.
        look: "grey", "faded" towards the ground, or in "full" colour.
        edged: whether a line runs around them: they are chosen.
    """

    numbers: Owners
    places: Places
    look: Literal["grey", "faded", "full"]
    edged: bool


def drawn(
    screen: Screen,
    clouds: Sequence[Cloud],
    tints: Packed,
    marks: NDArray[np.uint8] | None,
    diameter: int,
    plain: Packed | None = None,
) -> Packed:
    """A flat picture of clouds as dots; later clouds lie over earlier ones.

    Args:
        screen: its sizes.
        clouds: from the ground up.
        tints: (N + 1,) colours by number.
        marks: (N,) which of :data:`~app.plots.marks.MARKS` each point has; None for circles.
        diameter: of a dot, in pixels.
        plain: (N + 1,) colours before they faded with depth, by which it goes whether a dot is too
            pale for the ground; None: the same.
    """
    tokens = theme.tokens()
    ground, grey = _one(tokens.surface), _one(greyed(tokens))
    pixels = screen.blank("pixels", np.uint32, zero=False)
    pixels.fill(ground)
    for cloud in clouds:
        if marks is None:
            owned = _owned(screen, cloud, diameter)
        else:
            owned = _owned_by_marks(screen, cloud, marks[cloud.numbers - 1], diameter)
            # Marks are told apart by a gap between them.
            pixels[owned["around"] > 0] = ground
        _edge(pixels, screen, cloud, owned["whole"], tints if plain is None else plain)
        if cloud.look == "grey":
            pixels[owned["whole"] > 0] = grey
            continue
        for part in ("whole", "full"):
            there = np.flatnonzero(owned[part] > 0)
            shown = tints[owned[part][there]]
            shown = faded(shown, ground) if cloud.look == "faded" else shown
            pixels[there] = halfway(shown, ground) if part == "whole" else shown
    return pixels


def _owned(screen: Screen, cloud: Cloud, diameter: int) -> dict[str, Owners]:
    """Owners of full pixels ("full"), and of those and the ones an edge cuts ("whole")."""
    circle = footprint("circle", diameter)
    shapes = {"whole": circle.whole}
    if cloud.look != "grey":
        shapes["full"] = circle.full
    return owners(screen, cloud.places, cloud.numbers, shapes)


def _owned_by_marks(
    screen: Screen, cloud: Cloud, marks: NDArray[np.uint8], diameter: int
) -> dict[str, Owners]:
    """The same, each point in its mark, and with the gap about it ("around")."""
    made = {name: screen.blank(f"{name} of all", np.int32) for name in ("full", "whole", "around")}
    for number in np.flatnonzero(np.bincount(marks)):
        print_ = footprint(MARKS[number], diameter)
        alike = marks == number
        shapes = {"full": print_.full, "whole": print_.whole, "around": print_.around}
        found = owners(screen, cloud.places[alike], cloud.numbers[alike], shapes)
        for name, into in made.items():
            np.maximum(into, found[name], out=into)
    # A later mark lies over an earlier one with its gap and its edge.
    for name in ("full", "whole"):
        made[name][made[name] < made["around"]] = 0
    return made


def _edge(pixels: Packed, screen: Screen, cloud: Cloud, whole: Owners, tints: Packed) -> None:
    """A line around chosen points, and around clouds of dots too pale for the ground."""
    tokens = theme.tokens()
    covered = screen.blank("covered", np.bool_)
    if cloud.edged:
        np.greater(whole, 0, out=covered)
        colour = theme.mixed(tokens.text, tokens.surface, 0.55 if cloud.look == "grey" else 0.15)
    elif tokens.outline and cloud.look == "full":
        there = np.flatnonzero(whole > 0)
        covered[there] = _pale(tints[whole[there]])
        colour = theme.mixed(tokens.outline, tokens.surface, 0.4)
    else:
        return
    pixels[spread(screen, covered, BESIDE, "edge")] = _one(colour)


def shaded(screen: Screen, clouds: Sequence[Cloud], tints: Packed) -> Packed:
    """A flat picture of clouds by their density; see :func:`drawn`."""
    tokens = theme.tokens()
    pixels = screen.blank("pixels", np.uint32, zero=False)
    pixels.fill(_one(tokens.surface))
    for cloud in clouds:
        own, strength = tints[cloud.numbers], 0.4 if cloud.look == "faded" else 1.0
        if cloud.look == "grey":
            own = np.array([_one(greyed(tokens))])
            if cloud.edged:  # chosen ones are seen among the others, though without colour
                own, strength = np.array([_one(tokens.muted)]), 0.6
        shade(pixels, screen, cloud.places, own, strength)
    return pixels


def crowding(screen: Screen, places: Places, diameter: int) -> float:
    """Points per pixel that their dots cover; 0 if only some thousands are in sight."""
    if len(places) < CROWDED_FROM:
        return 0.0
    circle = footprint("circle", diameter)
    taken = screen.blank("covered", np.bool_)
    taken[places] = True
    covered = int(np.count_nonzero(spread(screen, taken, circle.whole, "taken")))
    return len(places) * circle.area / covered


def faded(pixels: Packed, ground: np.uint32) -> Packed:
    """Pixels five eighths of the way to a ground."""
    half = halfway(pixels, ground)
    return halfway(half, halfway(half, ground))


def greyed(tokens: theme.Tokens) -> str:
    """The colour of greyed-out points."""
    return theme.mixed(tokens.muted, tokens.surface, 0.72)


def _pale(pixels: Packed) -> NDArray[np.bool_]:
    """Whether colours are lost on the ground of the theme in use."""
    ground = _light(packed(colours.bytes_of(theme.tokens().surface)[None]))
    return (ground + 0.05) / (_light(pixels) + 0.05) < LEAST_CONTRAST


def _light(pixels: Packed) -> NDArray[np.float32]:
    """Luminance 0..1."""
    parts = zip((0.2126, 0.7152, 0.0722), (16, 8, 0), strict=True)
    made = np.zeros(len(pixels), np.float32)
    for weight, shift in parts:
        made += np.float32(weight) * _LINEAR[(pixels >> shift) & 0xFF]
    return made


_LINEAR = linear(np.arange(256)).astype(np.float32)


def _one(colour: str) -> np.uint32:
    return packed(colours.bytes_of(colour)[None])[0]
