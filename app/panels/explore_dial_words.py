"""What the dial says: what became of an image, and how its path was placed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.panels.explore_dialled import Dialled


def told(found: Dialled, place: int, name: Callable[[int], str]) -> str:
    """What became of the features at one strength, in a sentence or two."""
    words = f"Cosine with the image itself {found.cosines[place]:.2f}".replace("-", "−")
    if math.isfinite(found.different) and found.different < 1 - 1e-3:
        kept = (found.cosines[place] - found.different) / (1 - found.different)
        words += f": {100 * max(kept, 0.0):.0f} % of what sets it apart from other images is kept"
    words += "."
    if not found.nearest:
        return words
    nearest = found.nearest[place]
    if nearest == found.asked.position:
        return f"{words} It is still nearest to itself."
    return f"{words} Now {name(nearest)} is nearer to it than the image it was made of."


def noted(found: Dialled) -> str:
    """How far it stays nearest to itself, and how its path was placed."""
    space = found.asked.layout.space
    if found.step != space.step:
        return (
            f"The map shows step {space.step:,}; the encoder of that step is not kept any more, so "
            f"this is that of step {found.step:,} and has no place on the map."
        )
    stays = found.stays
    if stays == len(found.strengths) - 1:
        words = "However far it is turned up, it stays nearest to itself."
    else:
        words = f"It stays nearest to itself up to {found.words[max(stays, 0)]}."
    if found.places is None:
        return f"{words} On a flat map, its path is drawn as well."
    if found.asked.layout.kind == "pca":
        return f"{words} The path on the map is placed by its components, exactly."
    return (
        f"{words} The path on the map is placed amid the nearest images: "
        f"{found.asked.layout.way.name} has no straight way of its own."
    )
