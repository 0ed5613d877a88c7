"""The Data place: which images, what is in them, what is held out, and a look at all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.card import Card, label
from app.gallery import ThumbnailGrid
from app.gallery_files import OWN
from app.gallery_size import SizeSlider
from app.panels.data_disk import DiskCard
from app.panels.data_facts import FactsCard
from app.panels.data_source import SourceCard
from app.panels.data_split import SplitCard
from app.panels.elided import Elided
from app.panels.empty import LOADING, Empty
from app.wording import DEMO, count

if TYPE_CHECKING:
    from app.workspace import Workspace

NOTHING = (
    "No images are open",
    "Drop a folder of images here, open one, or try the demo set. "
    "Folders inside a folder become classes.",
)


BAR = 10
"""Width of a scroll bar with the pixel on either side of it (``workbench.qss``)."""


class DataPanel(QWidget):
    """Choose and understand a folder of images.

    Args:
        workspace: what is open.
    """

    title = "Data"
    icon = "data"
    order = 1

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setAcceptDrops(True)
        self.source = SourceCard(workspace)
        self.facts = FactsCard(workspace)
        self.split = SplitCard(workspace)
        self.disk = DiskCard(workspace)
        self.grid = ThumbnailGrid(workspace.tasks)
        self.grid.bind(workspace.selection)
        self.slider = SizeSlider(workspace.settings, self.grid)
        self.empty = Empty(*NOTHING, mark="data")
        self.filter = QComboBox()
        self.filter.setAccessibleName("Class shown")
        self.filter.setToolTip("Show one class only")
        self.filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.filter.setMaximumWidth(240)
        self.caption = Elided("", "caption")
        self.gallery = Card("All images")
        self._size_name = label("Size", "muted")
        self.gallery.add_action(self._size_name)
        self.gallery.add_action(self.slider)
        self.gallery.add_action(self.filter)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(self.grid)
        self.gallery.body.addWidget(self._rooms, 1)
        self.gallery.body.addWidget(self.caption)

        column = QWidget()
        column.setProperty("role", "scrolled")
        cards = QVBoxLayout(column)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(12)
        for card in (self.source, self.facts, self.split, self.disk):
            cards.addWidget(card)
        cards.addStretch(1)
        self._cards = column
        self._column = QScrollArea()
        self._column.setWidget(column)
        self._column.setWidgetResizable(True)
        self._column.setFrameShape(QFrame.Shape.NoFrame)
        self._column.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._column.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._column.viewport().setAutoFillBackground(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(2)
        layout.addWidget(self._column)
        layout.addWidget(self.gallery, 1)

        self.filter.activated.connect(self._filter)
        self.facts.class_chosen.connect(self.show_class)
        self.grid.current_changed.connect(self._describe)
        self.grid.map_asked.connect(workspace.map_asked)
        workspace.selection.changed.connect(self._describe_current)
        workspace.catalogue_changed.connect(self._take_catalogue)
        workspace.recipe_changed.connect(self._take_recipe)
        workspace.core_ready.connect(self._take_catalogue)
        workspace.tasks.changed.connect(self._say_state)
        self._take_catalogue()

    def show_class(self, number: int) -> None:
        """Show the images of one class only, or all (-1)."""
        catalogue = self._workspace.catalogue
        if catalogue is None:
            return
        rows = np.arange(len(catalogue))
        if number >= 0:
            rows = np.flatnonzero(catalogue.labels == number)
        self.grid.show_rows(catalogue, rows)
        with QSignalBlocker(self.filter):
            self.filter.setCurrentIndex(number + 1)
        self.facts.bars.set_filter(number)
        self.gallery.set_title("All images" if number < 0 else catalogue.classes[number])
        self._describe(-1)

    def _filter(self, index: int) -> None:
        self.show_class(index - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The left column takes less where there is less."""
        super().resizeEvent(event)
        # As wide with and without its scroll bar, which stands in the gap between the columns.
        wide = 384 if self.width() >= 1100 else 328
        self._cards.setFixedWidth(wide)
        self._column.setFixedWidth(wide + BAR)

    # --- drag and drop --------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take folders, CSV files and run directories."""
        if _dropped(event) is not None:
            event.acceptProposedAction()
            self.source.zone.set_hot(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Cool down."""
        super().dragLeaveEvent(event)
        self.source.zone.set_hot(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.source.zone.set_hot(False)
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self._workspace.open_path(path)

    # --- what is open ---------------------------------------------------------------------------

    def _take_catalogue(self) -> None:
        catalogue = self._workspace.catalogue
        known = catalogue is not None
        self.caption.setVisible(known)
        self.gallery.set_title("All images" if known else "")
        for widget in (self.facts, self.split, self.filter, self._size_name, self.slider):
            widget.setVisible(known)
        self._rooms.setCurrentIndex(int(known))
        self.source.refresh()
        if catalogue is not None:
            self.facts.show_catalogue(catalogue)
            self.split.refresh()
            with QSignalBlocker(self.filter):
                self.filter.clear()
                self.filter.addItems(["All classes", *catalogue.classes])
            self.filter.setVisible(bool(catalogue.classes))
            self.show_class(-1)
        self._say_state()

    def _take_recipe(self) -> None:
        self.source.refresh()
        self.split.refresh()

    def _say_state(self) -> None:
        if self._workspace.catalogue is not None:
            return
        if not self._workspace.core_loaded:
            self.empty.say(*LOADING)
        elif self.source.stage == DEMO:
            self.empty.say(DEMO, "A few thousand small pictures are drawn, this once.")
        elif self.source.scanning:
            self.empty.say("Reading the folder", "Only the first bytes of every file are read.")
        else:
            self.empty.say(*NOTHING)

    def _describe_current(self) -> None:
        self._describe(self.grid.current)

    def _describe(self, row: int) -> None:
        catalogue = self._workspace.catalogue
        if catalogue is None:
            return
        number = len(self._workspace.selection)
        chosen = [f"{number:,} chosen"] if number > 1 or (number and row < 0) else []
        if row < 0:
            parts = [f"{count(self.grid.count, 'image')}. Choose with the mouse or arrow keys."]
            self.caption.say(" · ".join([*parts, *chosen]))
            return
        height, width = catalogue.sizes[row]
        number = int(catalogue.labels[row])
        parts = [catalogue.paths[row], f"{width} × {height} px"]
        if number >= 0:
            parts.append(catalogue.classes[number])
        picture = self.grid.picture(row)
        if isinstance(picture, str):
            parts.append(f"cannot be shown: {picture}")
        self.caption.say(" · ".join([*parts, *chosen]))


def _dropped(event: QDropEvent) -> Path | None:
    """The folder or CSV file in a drag, the folder of an image, or None.

    Images dragged out of this window's galleries are not to open anything here.
    """
    if event.mimeData().hasFormat(OWN):
        return None
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and (path.is_dir() or path.suffix.lower() == ".csv"):
            return path
        if url.isLocalFile() and path.is_file():
            return path.parent
    return None
