"""Keys and drops that are meant for one part of Explore, wherever in it they come."""

from __future__ import annotations

from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from app.pages import Pages
from app.panels.explore_map import MapCard
from app.panels.explore_neighbours import NeighboursColumn


class ExploreEvents(QWidget):
    """A widget around the map and what is beside it.

    Attributes:
        map: takes keys for its tools, zoom and fit.
        neighbours: takes image files that are dropped.
        column: brings the neighbours to light.
    """

    map: MapCard
    neighbours: NeighboursColumn
    column: Pages

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)

    def take_key(self, event: QKeyEvent) -> bool:
        """Tools, zoom and fit of the map, if it is shown."""
        return self.map.map.isVisible() and self.map.map.take_key(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """An image file may be dropped anywhere here; its neighbours are shown."""
        if self.column.isHidden():  # there is no map, and nothing would come of it
            event.ignore()
            return
        self.neighbours.dragEnterEvent(event)
        if event.isAccepted():
            self.column.show_page("near")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went on."""
        self.neighbours.dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """As if it had been dropped among the neighbours."""
        self.neighbours.dropEvent(event)
