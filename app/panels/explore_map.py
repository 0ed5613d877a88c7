"""The card of the map: controls, dots, legend, and a line that says what is seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app import theme
from app.card import Card, rule
from app.panels.elided import Elided
from app.panels.empty import Empty
from app.panels.explore_header import MapHeader
from app.panels.explore_hover import HoverCard
from app.panels.explore_layouts import Layout
from app.panels.explore_legend import Legend
from app.panels.explore_pictures import Pictures
from app.panels.explore_probe import Colouring, Probe
from app.plots import colours
from app.plots.point_map import PointMap


class MapCard(Card):
    """The map and everything around it.

    Attributes:
        card_wanted: position of the point the mouse rests on; answer with :meth:`tell`.
        pinned: position of a clicked point, -1 for a click beside all.

    Args:
        pictures: where thumbnails come from.
    """

    card_wanted = Signal(int)
    pinned = Signal(int)

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(flush=True, parent=parent)
        self.setAccessibleName("Map")
        self._pictures = pictures
        self._probe: Probe | None = None
        self._colouring: Colouring | None = None
        self.layout_shown: Layout | None = None
        self.header = MapHeader()
        self.map = PointMap("Map of the features")
        self.card = HoverCard(self.map)
        self.empty = Empty(mark="explore")
        self.legend = Legend()
        self.status = Elided("", "caption")
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(self.map)
        foot = QVBoxLayout()
        foot.setContentsMargins(10, 8, 16, 12)
        foot.setSpacing(6)
        foot.addWidget(self.legend)
        indented = QVBoxLayout()
        indented.setContentsMargins(6, 0, 0, 0)
        indented.addWidget(self.status)
        foot.addLayout(indented)
        self.foot = QWidget()
        self.foot.setLayout(foot)
        self.body.setSpacing(0)
        self._edges = (rule(), rule())
        self.body.addWidget(self.header)
        self.body.addWidget(self._edges[0])
        self.body.addWidget(self._rooms, 1)
        self.body.addWidget(self._edges[1])
        self.body.addWidget(self.foot)
        self.map.hovered.connect(self._leave)
        self.map.card_requested.connect(self._rest)
        self.map.clicked.connect(self.pinned)
        self.map.moved.connect(self.card.hide)
        self.header.fit_asked.connect(self.map.fit)
        self.header.size_changed.connect(self.map.set_diameter)
        self.legend.isolated.connect(self._isolate)
        pictures.arrived.connect(self._take_pictures)
        theme.current().changed.connect(self._paint)
        self.say_empty("", "")

    @property
    def probe(self) -> Probe | None:
        """What is known of the points."""
        return self._probe

    def say_empty(self, title: str, remedy: str) -> None:
        """There is no map: why, and what to do."""
        self.empty.say(title, remedy)
        self.layout_shown, self._probe = None, None
        self.map.set_points(np.zeros((0, 2)))
        self._show(there=False)

    def show_layout(self, layout: Layout, probe: Probe) -> None:
        """Put the points of a map; colours come by :meth:`colour_by`."""
        self.layout_shown, self._probe = layout, probe
        self.card.hide()
        self.map.set_points(layout.points)
        self._show(there=True)

    def _show(self, *, there: bool) -> None:
        self._rooms.setCurrentIndex(int(there))
        for widget in (self.header, self.foot, *self._edges):
            widget.setVisible(there)

    # Colours ----------------------------------------------------------------------------------

    def colour_by(self, colouring: Colouring | None) -> None:
        """Colour all points and write the legend; None where nothing is known."""
        previous, self._colouring = self._colouring, colouring
        if colouring is None:
            self.legend.show_note("All points in one colour; choose classes or a column above.")
        elif colouring.names:
            if previous is None or not _alike(previous, colouring):
                self.legend.show_names(colouring.names, colouring.numbers, colouring.title)
        else:
            low, high = _ends(colouring.numbers)
            self.legend.show_ramp(low, high, colouring.unit, colouring.title)
        self._paint()
        self._isolate(self.legend.chosen)

    def _paint(self) -> None:
        if self._probe is None:
            return
        colouring = self._colouring
        if colouring is None or len(colouring.numbers) != len(self._probe):
            same = np.zeros(len(self._probe), np.int64)
            self.map.set_colours(colours.by_class(same))
        elif colouring.names:
            self.map.set_colours(colours.by_class(colouring.numbers))
        else:
            self.map.set_colours(colours.by_value(colouring.numbers, *_ends(colouring.numbers)))

    def _isolate(self, chosen: frozenset[int] | None) -> None:
        colouring = self._colouring
        if self._probe is None or colouring is None or chosen is None:
            self.map.set_emphasis(None)
        else:
            self.map.set_emphasis(np.isin(colouring.numbers, list(chosen)))

    # The card beside the mouse ----------------------------------------------------------------

    def _rest(self, position: int, place: QPoint) -> None:
        probe = self._probe
        if probe is None:
            return
        row = int(probe.index[position])
        self.card.set_picture(self._pictures.get(row))
        self.card.show_at(place, probe.path(position), probe.label(position))
        self._pictures.ask([row], "hover")
        self.card_wanted.emit(position)

    def tell(self, position: int, words: str) -> None:
        """What the neighbours of a hovered point say, once they are known."""
        if position == self.map.hovered_index and self.card.isVisible() and self._probe:
            parts = (self._probe.label(position), words)
            self.card.say("\n".join(part for part in parts if part))

    def _leave(self, position: int) -> None:
        del position
        self.card.hide()

    def _take_pictures(self, rows: list[int]) -> None:
        position = self.map.hovered_index
        if self._probe is not None and position >= 0 and self.card.isVisible():
            row = int(self._probe.index[position])
            if row in rows:
                self.card.set_picture(self._pictures.get(row))


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """Smallest and largest finite value, (0, 1) where there is none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)


def _alike(one: Colouring, other: Colouring) -> bool:
    """Whether the legend of one serves the other."""
    words = (one.names, one.title) == (other.names, other.title)
    return words and np.array_equal(one.numbers, other.numbers)
