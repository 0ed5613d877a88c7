"""What the map shows now, as plain arrays, for whoever works with it beside the map."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours
from app.plots.axis import reading
from app.plots.dot_image import greyed
from app.plots.marks import MARKS, mark_of
from app.plots.orbit import Ball, Orbit

if TYPE_CHECKING:
    from app.panels.explore_layouts import Layout
    from app.panels.explore_map import MapCard
    from app.panels.explore_probe import Colouring


@dataclass(frozen=True, eq=False)
class Mapped:
    """A map.

    Attributes:
        index: (N,) catalogue rows of the points.
        points: (N, 2) or (N, 3) coordinates.
        projection: name and settings ("UMAP, n_neighbors 15, min_dist 0.1, epoch 62.0").
        features: (N, D) that were projected, or None.
        colours: (N, 3) uint8 as the points are painted, or None.
        legend: (name, ``"#rrggbb"``, mark) of the colours; grey for classes that are greyed out.
        widget: that shows it, or None.
        numbers: (N,) class of each point where classes have marks of their own, or None.
        words: widget that says what the colours mean, or None.
        orbit: from which side points in space are looked at, or None.
        emphasis: (N,) flags of the points that are not greyed out, or None: none is.
        chosen: (N,) flags of the chosen points, or None: none is.
    """

    index: NDArray[np.int64]
    points: NDArray[Any]
    projection: str
    features: NDArray[np.float32] | None = None
    colours: NDArray[np.uint8] | None = None
    legend: Sequence[tuple[str, str, str]] = ()
    widget: QWidget | None = None
    numbers: NDArray[Any] | None = None
    words: QWidget | None = None
    orbit: Orbit | None = None
    emphasis: NDArray[np.bool_] | None = None
    chosen: NDArray[np.bool_] | None = None

    @property
    def seen(self) -> NDArray[Any]:
        """(N, 2) points as they are seen: those in space from the side they are turned to."""
        if self.points.shape[1] == 2:
            return self.points
        return (self.orbit or Orbit()).flattened(self.points, Ball.around(self.points))[0]


def shown_on(card: MapCard, colouring: Colouring | None) -> Mapped | None:
    """What a card shows; None while it shows no map, or one of images that are not open.

    Args:
        card: of the map.
        colouring: by which its points are coloured; None for one colour.
    """
    layout, probe = card.layout_shown, card.probe
    if layout is None or probe is None or probe.catalogue is None:
        return None
    kept = card.legend.chosen if colouring is card.colouring else None
    painted, legend = _coloured(colouring, len(probe), kept, marked=card.marked is not None)
    return Mapped(
        probe.index, layout.points, described(layout), layout.space.features, painted, legend,
        card.map, card.marked, card.legend, card.map.orbit, card.map.emphasis, card.map.chosen,
    )  # fmt: skip


def described(layout: Layout) -> str:
    """How a map was made, with every setting, so that it can be made again."""
    way: Any = layout.way
    known = fields(way) if is_dataclass(way) else ()
    settings = [f"{one.name} {getattr(way, one.name)}" for one in known]
    return ", ".join([layout.name, *settings, f"epoch {layout.space.epoch:.1f}"])


def _coloured(
    colouring: Colouring | None, count: int, kept: Container[int] | None, *, marked: bool
) -> tuple[NDArray[np.uint8], list[tuple[str, str, str]]]:
    """(N, 3) bytes, and what they mean; classes that are not kept are grey in the legend."""
    if colouring is None or len(colouring.numbers) != count:
        return colours.by_class(np.zeros(count, np.int64)), []
    numbers = colouring.numbers
    if colouring.names:
        used = [n for n in np.unique(numbers).tolist() if n >= 0]
        tints = colouring.tints or range(len(colouring.names))
        grey = greyed(theme.tokens_of("light"))
        legend = [
            (
                colouring.names[n],
                colours.series_colour(tints[n]).name() if kept is None or n in kept else grey,
                mark_of(n) if marked else MARKS[0],
            )
            for n in used
        ]
        return colours.by_class(colouring.painted), legend
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return colours.by_value(numbers), []
    ends = np.array([finite.min(), finite.max()])
    named = zip(ends.tolist(), colours.by_value(ends).tolist(), strict=True)
    legend = [
        (f"{reading(value)} {colouring.unit}".strip(), QColor(*rgb).name(), MARKS[0])
        for value, rgb in named
    ]
    return colours.by_value(numbers, *ends), legend
