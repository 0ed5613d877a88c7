"""The card of the map: controls, dots, legend, and a line that says what is seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app import theme
from app.card import Card, rule
from app.panels.elided import Elided
from app.panels.empty import Empty
from app.panels.explore_header import MapHeader
from app.panels.explore_hover import HoverCard
from app.panels.explore_layouts import Layout
from app.panels.explore_legend import Legend
from app.panels.explore_probe import Colouring, Probe
from app.panels.explore_tools import Marks
from app.pictures import Pictures
from app.plots import colours
from app.plots.point_space import PointSpace

TOLD_BY_COLOUR = 8
"""With more classes shapes help to tell them apart."""
MARKED_UP_TO = 5_000
"""More dots than that would have no room for shapes; they get them when asked."""


class MapCard(Card):
    """The map and everything around it.

    Attributes:
        card_wanted: position of the point the mouse rests on; answer with :meth:`tell`.
        pinned: position of a clicked point, -1 for a click beside all.
        picked: (K,) positions of points to choose, and the mode of the selection; answer with
            :meth:`show_chosen`.
        drawing_changed: other words stand in :attr:`drawing`.

    Args:
        pictures: where thumbnails come from.
    """

    card_wanted = Signal(int)
    pinned = Signal(int)
    picked = Signal(object, str)
    drawing_changed = Signal()

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(flush=True, parent=parent)
        self.setAccessibleName("Map")
        self._pictures = pictures
        self._probe: Probe | None = None
        self._colouring: Colouring | None = None
        self._marks: Marks = "automatic"
        self.marked: NDArray[np.int64] | None = None
        self.layout_shown: Layout | None = None
        self.header = MapHeader()
        self.map = PointSpace("Map of the features")
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
        self._connect()
        pictures.arrived.connect(self._take_pictures)
        theme.current().changed.connect(self._paint)
        self.say_empty("", "")

    def _connect(self) -> None:
        shown, header, tools = self.map, self.header, self.header.tools
        shown.hovered.connect(self._leave)
        shown.card_requested.connect(self._rest)
        shown.clicked.connect(self.pinned)
        shown.picked.connect(self.picked)
        shown.moved.connect(self.card.hide)
        shown.tool_changed.connect(tools.show_tool)
        # It changes while the map is painted; words are changed after that.
        shown.drawing_changed.connect(self.drawing_changed, Qt.ConnectionType.QueuedConnection)
        header.fit_asked.connect(shown.fit)
        header.settings.keyboard_left.connect(lambda: shown.setFocus())
        header.size_changed.connect(shown.set_diameter)
        tools.tool_chosen.connect(shown.set_tool)
        tools.drawing_chosen.connect(shown.set_drawing)
        tools.marks_chosen.connect(self._choose_marks)
        self.legend.isolated.connect(self._isolate)
        self.legend.ranged.connect(self._isolate)
        self.legend.select_asked.connect(self._pick_class)
        self.legend.values_asked.connect(self._pick_values)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of tools, zoom and fit work wherever in the card the keyboard is."""
        if not self.map.take_key(event):
            super().keyPressEvent(event)

    @property
    def probe(self) -> Probe | None:
        """What is known of the points."""
        return self._probe

    @property
    def colouring(self) -> Colouring | None:
        """By what the points are coloured."""
        return self._colouring

    def say_empty(self, title: str, remedy: str) -> None:
        """There is no map: why, and what to do."""
        self.empty.say(title, remedy)
        self.layout_shown, self._probe = None, None
        self.legend.forget_range()
        self.map.set_points(np.zeros((0, 2)))
        self._show(there=False)

    def show_layout(self, layout: Layout, probe: Probe) -> None:
        """Put the points of a map; colours come by :meth:`colour_by`."""
        self.layout_shown, self._probe = layout, probe
        self.card.hide()
        self.map.set_points(layout.points)
        self._show(there=True)

    @property
    def drawing(self) -> str:
        """How the points are drawn at present."""
        return f"{'density' if self.map.shades_density else 'dots'} drawn on the CPU"

    def show_chosen(self, mask: NDArray[np.bool_] | None) -> None:
        """Show which positions (N,) are chosen, or that none is."""
        self.map.set_chosen(mask)
        self.legend.show_chosen(mask)

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
                self.legend.show_names(
                    colouring.names, colouring.numbers, colouring.title, colouring.tints
                )
        else:
            low, high = _ends(colouring.numbers)
            values = colouring.numbers
            self.legend.show_ramp(values, low, high, colouring.unit, colouring.title)
        self._paint()
        self._mark()
        self._isolate()

    def _paint(self) -> None:
        if self._probe is None:
            return
        colouring = self._colouring
        if colouring is None or len(colouring.numbers) != len(self._probe):
            same = np.zeros(len(self._probe), np.int64)
            self.map.set_colours(colours.by_class(same))
        elif colouring.names:
            self.map.set_colours(colours.by_class(colouring.painted))
        else:
            self.map.set_colours(colours.by_value(colouring.numbers, *_ends(colouring.numbers)))

    def _isolate(self) -> None:
        """Grey out what the legend does not keep in colour."""
        colouring, chosen = self._colouring, self.legend.chosen
        if self._probe is None or colouring is None or len(colouring.numbers) != len(self._probe):
            self.map.set_emphasis(None)
        elif not colouring.names:
            self.map.set_emphasis(None if self.legend.range is None else self._in_range())
        else:
            kept = None if chosen is None else np.isin(colouring.numbers, list(chosen))
            self.map.set_emphasis(kept)

    def _in_range(self) -> NDArray[np.bool_]:
        """(N,) whether a point's value lies in the range of the legend; all that have one do."""
        assert self._colouring is not None
        values = np.asarray(self._colouring.numbers, np.float64)
        low, high = self.legend.range or (-np.inf, np.inf)
        return np.isfinite(values) & (values >= low) & (values <= high)

    def _pick_class(self, number: int, mode: str) -> None:
        if self._colouring is not None:
            self.picked.emit(np.flatnonzero(self._colouring.numbers == number), mode)

    def _pick_values(self, mode: str) -> None:
        if self._colouring is not None and len(self._colouring.numbers) == len(self._probe or ()):
            self.picked.emit(np.flatnonzero(self._in_range()), mode)

    # Marks, a second code beside the colour ---------------------------------------------------

    def _choose_marks(self, marks: Marks) -> None:
        self._marks = marks
        self._mark()

    def _mark(self) -> None:
        """Give every class its mark, where that was chosen or helps."""
        colouring = self._colouring
        numbers = None
        if colouring is not None and colouring.names and self._probe is not None:
            few = len(colouring.numbers) <= MARKED_UP_TO
            many = len(np.unique(colouring.numbers[colouring.numbers >= 0])) > TOLD_BY_COLOUR
            fits = len(colouring.numbers) == len(self._probe)
            if fits and (self._marks == "on" or (self._marks == "automatic" and few and many)):
                numbers = colouring.numbers
        self.marked = numbers
        self.map.set_marks(numbers)
        self.legend.show_marks(marked=numbers is not None)

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
    words = (one.names, one.title, one.tints) == (other.names, other.title, other.tints)
    return words and np.array_equal(one.numbers, other.numbers)
