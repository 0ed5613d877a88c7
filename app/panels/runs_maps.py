"""Two maps side by side, with one selection, and the images whose neighbours changed most."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import label
from app.panels.elided import Elided
from app.panels.empty import Empty
from app.panels.runs_model import folder_name, swatch
from app.panels.runs_pair import Pair, compare
from app.panels.runs_shelf import Shelf
from app.panels.same_images import same_images
from app.panels.tiles import Entry, Tiles
from app.pictures import Pictures
from app.plots import colours
from app.plots.point_map import PointMap
from app.selection import Mode, Selection
from app.wording import count, sentence

if TYPE_CHECKING:
    from app.tasks import Ticket
    from app.workspace import Workspace

SHOWN = 24
"""Images whose neighbours changed most that are shown."""
BESIDE, LITTLE = 216, 146
"""Width of the images beside the maps, in a usual window and in a small one."""
FEW = ("Choose two runs", "Their maps stand side by side here: a point is the same image in both.")
WAITING = ("Comparing", "Features of both runs are being read.")


class RunMap(QWidget):
    """One of the two maps with the name of its run above."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mark = label("")
        self.name = Elided("", "heading")
        self.map = PointMap(name)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(6)
        head.addWidget(self.mark)
        head.addWidget(self.name, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.map, 1)


class RunMaps(QWidget):
    """The first two chosen runs.

    Args:
        workspace: whose selection is shared where its images are those of the runs.
        shelf: whose chosen runs.
    """

    def __init__(self, workspace: Workspace, shelf: Shelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._shelf = workspace, shelf
        self._own = Selection(self)
        self._wanted: tuple[Path, Path] | None = None
        self.pair: Pair | None = None
        self.pinned = -1
        self.empty = Empty(*FEW, mark="explore")
        self.sides = (RunMap("Map of the first run"), RunMap("Map of the second run"))
        self.colour = QComboBox()
        self.colour.addItem("Class", "class")
        self.colour.addItem("Changed neighbours", "change")
        self.colour.setAccessibleName("Colour the points by")
        self.colour.currentIndexChanged.connect(self._paint)
        self.told = Elided("", "caption")
        self.pictures = Pictures(workspace, self)
        self.tiles = Tiles(self.pictures, "changed between runs", workspace.selection, columns=3)
        self.tiles.setAccessibleName("Images whose neighbours changed most")
        self.tiles.clicked.connect(self._click_tile)
        self.images = QPushButton("Open their images")
        self.images.setToolTip("Open the first of the two runs, and with it the folder")
        self.images.setAccessibleName("Open the first run and its images")
        self.images.clicked.connect(self._open_images)
        self._lay_out()
        for number, side in enumerate(self.sides):
            side.map.hovered.connect(partial(self._hover, number))
            side.map.clicked.connect(self.pin)
            side.map.picked.connect(self._pick)
        shelf.chosen_changed.connect(self.refresh)
        shelf.loaded.connect(self.refresh)
        workspace.catalogue_changed.connect(self._renew)
        workspace.selection.changed.connect(self._show_chosen)
        self._own.changed.connect(self._show_chosen)
        theme.current().changed.connect(self._paint)
        self.refresh()

    def _lay_out(self) -> None:
        beside = QVBoxLayout()
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(6)
        beside.addWidget(label("Most changed", "heading"))
        beside.addWidget(self.tiles, 1)
        beside.addWidget(self.images)
        right = QWidget()
        self._right = right
        right.setLayout(beside)
        colour = QHBoxLayout()
        colour.setSpacing(8)
        colour.addWidget(label("Colour by", "muted"))
        colour.addWidget(self.colour)
        colour.addWidget(self.told, 1)
        maps = QHBoxLayout()
        maps.setSpacing(12)
        for side in self.sides:
            maps.addWidget(side, 1)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addLayout(colour)
        left.addLayout(maps, 1)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(left, 1)
        row.addWidget(right)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._rooms)

    def showEvent(self, event: Any) -> None:
        """Compare when somebody looks."""
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Maps need the room more than images do."""
        super().resizeEvent(event)
        self._right.setFixedWidth(BESIDE if self.width() > 720 else LITTLE)

    # What is compared ----------------------------------------------------------------------

    def refresh(self) -> None:
        """Compare the first two chosen runs, if that was not done."""
        shelf = self._shelf
        runs = shelf.shown[:2]
        if len(runs) < 2:
            self._say(*FEW)
            return
        one, two = runs
        if Path(one.folder) != Path(two.folder):
            self._say(
                "Different images",
                f"{one.name} was trained on {folder_name(one.folder)}, {two.name} on "
                f"{folder_name(two.folder)}; choose two runs of one folder.",
            )
            return
        paths = one.path, two.path
        if not self.isVisible() or any(path not in shelf.records for path in paths):
            if self.pair is None or self.pair.paths != paths:
                self._say(*WAITING)
            return
        records = shelf.records[paths[0]], shelf.records[paths[1]]
        steps = tuple(record.embeddings[-1].step if record.embeddings else -1 for record in records)
        if self.pair is not None and (self.pair.paths, self.pair.steps) == (paths, steps):
            self._rooms.setCurrentIndex(1)
            return
        if self._wanted == paths:
            return
        self._say(*WAITING)
        self._wanted = paths

        def job(ticket: Ticket) -> Pair | None:
            return compare(paths, records, ticket.cancelled)

        task = self._workspace.tasks.start(
            "Comparing two runs", job, self._take, failed=self._fail, key="two runs", quiet=True
        )
        task.ended.connect(lambda: self._over(paths))

    def _over(self, paths: tuple[Path, Path]) -> None:
        if self._wanted == paths:
            self._wanted = None

    def _say(self, title: str, remedy: str) -> None:
        self.pair = None
        self.pinned = -1
        self.empty.say(title, remedy)
        self._rooms.setCurrentIndex(0)

    def _fail(self, error: Exception) -> None:
        self._say("These runs cannot be compared", sentence(error))

    def _take(self, pair: Pair | None) -> None:
        if pair is None or pair.paths != tuple(one.path for one in self._shelf.shown[:2]):
            return
        self.pair, self.pinned = pair, -1
        for path, side, points in zip(pair.paths, self.sides, pair.points, strict=True):
            side.name.say(self._shelf.summaries[path].name)
            side.mark.setPixmap(swatch(self._shelf.slot(path)))
            side.map.set_points(points)
            side.map.fit()
        shared = f"{count(len(pair.index), 'image')} in both"
        mean = f"{100 * float(pair.change.mean()):.0f} % of ten neighbours changed on average"
        self.told.say(f"PCA of the newest features, {shared}; {mean}")
        self._rooms.setCurrentIndex(1)
        self._renew()

    # Images --------------------------------------------------------------------------------

    @property
    def _images_open(self) -> bool:
        """Whether the open images are those of the two runs."""
        catalogue, pair = self._workspace.catalogue, self.pair
        if catalogue is None or pair is None:
            return False
        folder = Path(self._shelf.summaries[pair.paths[0]].folder)
        same = catalogue.root in (folder, folder.parent if folder.suffix else folder)
        return same and same_images(pair.index, pair.images, catalogue)

    @property
    def _selection(self) -> Selection:
        return self._workspace.selection if self._images_open else self._own

    def _renew(self) -> None:
        """Other images are open, or other runs are compared."""
        there = self._images_open
        self.images.setVisible(not there)
        entries: list[Entry] = []
        catalogue, pair = self._workspace.catalogue, self.pair
        if there and catalogue is not None and pair is not None:
            for position in pair.order[:SHOWN].tolist():
                row = int(pair.index[position])
                part = f"{100 * float(pair.change[position]):.0f} %"
                name = f"{catalogue.paths[row]}: {part} of its neighbours are others"
                entries.append(Entry(row, part, name))
        self.tiles.show_entries(entries)
        self._paint()
        self._show_chosen()

    def _open_images(self) -> None:
        if self.pair is not None:
            self._workspace.open_run(self.pair.paths[0])

    def _paint(self) -> None:
        pair, catalogue = self.pair, self._workspace.catalogue
        if pair is None:
            return
        if self.colour.currentData() == "change":
            tints = colours.by_value(pair.change, 0.0, 1.0)
        elif self._images_open and catalogue is not None:
            tints = colours.by_class(catalogue.labels[pair.index])
        else:
            tints = colours.by_class(np.zeros(len(pair.index), np.int64))
        for side in self.sides:
            side.map.set_colours(tints)

    # One selection, one pin ----------------------------------------------------------------

    def pin(self, position: int) -> None:
        """Ring an image in both maps with its nearest neighbours in each; -1 for none."""
        self.pinned = position
        self._ring(position)

    def _ring(self, position: int) -> None:
        pair = self.pair
        if pair is None:
            return
        for side, lists in zip(self.sides, pair.neighbours, strict=True):
            near = lists[position].tolist() if position >= 0 else ()
            side.map.set_pinned(position, near)

    def _hover(self, side: int, position: int) -> None:
        """Show in the other map where the image under the mouse is."""
        if self.pair is not None and self.pinned < 0:
            self.sides[1 - side].map.set_pinned(position)

    def _click_tile(self, row: int, _held: object) -> None:
        if self.pair is not None:
            self.pin(int(np.flatnonzero(self.pair.index == row)[0]))

    def _pick(self, positions: NDArray[np.int64], mode: Mode) -> None:
        if self.pair is not None:
            self._selection.choose(self.pair.index[positions], mode)

    def _show_chosen(self) -> None:
        pair, selection = self.pair, self._selection
        if pair is None:
            return
        mask = selection.mask(pair.index) if len(selection) else None
        for side in self.sides:
            side.map.set_chosen(mask)
