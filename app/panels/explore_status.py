"""The line below the map: what is drawn, of when, and how far it can be believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sslcore.evaluation.projection_settings import PcaSettings

if TYPE_CHECKING:
    from app.panels.explore_layouts import Layout


def facts(layout: Layout, asked: float | None) -> Iterator[str]:
    """What is to be said of a map.

    Args:
        layout: the map.
        asked: epoch at which the timeline stands, where the map is of another one.
    """
    drawn = int(np.isfinite(layout.points).all(1).sum())
    yield f"{drawn:,} of {len(layout.points):,} probe images drawn"
    untrained = ", the untrained encoder" if layout.space.step == 0 else ""
    yield f"{layout.name} of epoch {layout.space.epoch:.1f}{untrained}"
    if not isinstance(layout.way, PcaSettings) and asked is not None:
        yield f"Compute shows epoch {asked:.1f}"
    if layout.words:
        yield layout.words
    if layout.note:
        yield layout.note
