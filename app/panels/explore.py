"""The Explore place: a map of what was learned, its images, and what lies near to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.gallery_menu import image_menu
from app.pages import Pages
from app.panels.empty import LOADING
from app.panels.explore_ahead import Ahead
from app.panels.explore_beside import Beside
from app.panels.explore_carry import CarryCard
from app.panels.explore_chosen import Chosen
from app.panels.explore_dial import DialCard
from app.panels.explore_drift import DriftCard
from app.panels.explore_events import ExploreEvents
from app.panels.explore_find import FindCard
from app.panels.explore_gallery import GalleryView
from app.panels.explore_guests import Guests
from app.panels.explore_layouts import FLAT, Layout, Layouts, PcaSettings, Space
from app.panels.explore_map import MapCard
from app.panels.explore_mapped import shown_on
from app.panels.explore_near import Nearest
from app.panels.explore_probe import CHANGED, Probe
from app.panels.explore_selection import SelectionCard
from app.panels.explore_status import facts
from app.panels.explore_tints import Tints
from app.panels.explore_trails import TrailKeeper
from app.pictures import Pictures

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.recipe import Recipe

NOTHING = (
    "No map yet",
    "Start a run (Ctrl+R). The first map shows the untrained encoder and moves as it learns.",
)
NARROW = 320
"""Pixels of a column beside the map in which not all words on its tabs have room."""
INTERVAL = 60
"""Milliseconds between two looks at the record at least."""
REST = 150
"""Milliseconds the timeline must stand still before features are read for what it stands at."""


class ExplorePanel(ExploreEvents):
    """Walk around in the features of the open run.

    Args:
        workspace: whose run and images are shown.
        layouts: makes the maps; tests give their own.
    """

    title = "Explore"
    icon = "explore"
    order = 5

    def __init__(
        self,
        workspace: Workspace,
        parent: QWidget | None = None,
        *,
        layouts: Layouts | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._stale = True
        self._asked: tuple[str, int, object] | None = None
        self._problem = ""
        self._recipe: tuple[object, Recipe | None] = (None, None)
        self.layouts = layouts or Layouts(workspace.tasks, self)
        self.nearest = Nearest(workspace.tasks, self)
        self.pictures = Pictures(workspace, self)
        self.map = MapCard(self.pictures)
        self.chosen = Chosen(workspace, self.map, self)
        self.trails = TrailKeeper(workspace, self.map, self, series=self.layouts.series)
        self.ahead = Ahead(workspace, self.map, self.layouts, self.trails)
        self.tints = Tints(self.map, self.nearest, workspace.tagging, self, workspace.groups)
        self.beside = Beside(workspace, self.nearest, self.pictures)
        self.guests = Guests(self.layouts, self.map, self)
        self.neighbours = self.beside.column
        self.finder = FindCard(workspace)
        self.drift = DriftCard(workspace)
        self.dial = DialCard(workspace, self.beside.files.encoders, self.nearest.banks)
        self.selected = SelectionCard(workspace, lambda: shown_on(self.map, self.map.colouring))
        self.gallery = GalleryView(workspace)
        self.carry = CarryCard(workspace)
        self.main = Pages("Map or gallery")
        self.main.add_pages(
            (
                ("map", "Map", "Images as points: near is alike", self.map),
                ("gallery", "Gallery", "Images side by side", self.gallery),
                ("carry", "Mask", "Carry a mask along a clip", self.carry),
            )
        )
        self.main.offer("carry", wanted=False)
        self.column = Pages("Beside the map")
        self.column.add_pages(
            (
                ("near", "Neighbours", "What lies nearest to an image", self.neighbours),
                ("chosen", "Chosen", "The chosen images: tag, exclude, export", self.selected),
                ("find", "Find", "Duplicates, outliers, wrong labels, subsets", self.finder),
                ("dial", "Dial", "Turn one augmentation up on an image: its path", self.dial),
                ("drift", "A to B", "What changed between two moments of the run", self.drift),
            )
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.main, 1)
        row.addWidget(self.column)
        self._timer = QTimer(self, singleShot=True, interval=INTERVAL)
        self._timer.timeout.connect(self.refresh)
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self.refresh)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        workspace, header = self._workspace, self.map.header
        for signal in (
            workspace.core_ready,
            workspace.record_changed,
            header.way_changed,
        ):
            signal.connect(self._mark)
        workspace.snapshot_selected.connect(self._scrub)
        workspace.run_changed.connect(self._change_run)
        workspace.catalogue_changed.connect(self._change_images)
        header.cancel_asked.connect(self.layouts.cancel)
        self.layouts.ready.connect(self._take_layout)
        self.layouts.progressed.connect(header.set_progress)
        self.layouts.idle.connect(header.set_idle)
        self.layouts.failed.connect(self._tell_problem)
        self.nearest.found.connect(self._take_neighbours)
        self.map.card_wanted.connect(self._ask_hovered)
        self.map.pinned.connect(self._pin_position)
        self.beside.marked.connect(self.map.map.set_pinned)
        self.beside.marked.connect(self.dial.set_pinned)
        self.dial.path_changed.connect(self.trails.show_path)
        self.beside.placed.connect(self.guests.show)
        self.map.drawing_changed.connect(self._say_status)
        for one in (self.chosen, self.trails, self.guests):
            one.changed.connect(self._say_status)
        self.ahead.grew.connect(self._take_ahead)
        self.neighbours.menu_asked.connect(self._open_menu)
        self.drift.looked_at.connect(self.pin)
        self.gallery.grid.current_changed.connect(self.pin)
        self.map.picked.connect(self._turn_to_chosen)
        for grid in (self.gallery.grid, self.selected.grid, self.finder.grid, self.drift.grid):
            grid.map_asked.connect(workspace.map_asked)
        workspace.map_asked.connect(self._turn_to_map)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the place was hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Neighbours take about a quarter."""
        super().resizeEvent(event)
        width = min(max(self.width() * 27 // 100, 268), 372)
        self.column.setFixedWidth(width)
        self.column.say("near", "Near" if width < NARROW else "Neighbours")

    # Which map --------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask for the map that belongs to the run, the timeline and the chosen projection."""
        self._stale = False
        directory, saved = self._workspace.directory, self.ahead.saved
        if saved is None or directory is None:
            self._say_nothing()
            return
        run, way = str(directory.path), self.map.header.way
        self.ahead.follow(way)
        shown = self.map.layout_shown
        known = self.layouts.knows(run, saved.step, way)
        self.map.header.set_known(known)
        if not known:
            self.layouts.recall(directory, saved, way)
            if shown and shown.space.run == run and not isinstance(shown.way, PcaSettings):
                self._say_status()  # an older UMAP stays until it is computed anew
                return
            way = PcaSettings(way.dimensions)
        wanted = (run, saved.step, way)
        if wanted != self._asked:
            self._asked = wanted
            made = self.ahead.points(run, saved.step, FLAT) if way == FLAT else None
            if made is None and way == FLAT and self.ahead.waits(saved.step):
                self._asked = None
                return
            self.layouts.show(directory, saved, way, made)
        self._say_status()

    def _scrub(self) -> None:
        """The timeline moved: points glide at once, what needs their features waits for a rest."""
        directory, shown, saved = self._workspace.directory, self.map.layout_shown, self.ahead.saved
        points = None
        if saved is not None and directory is not None and shown is not None:
            run, way = str(directory.path), self.map.header.way
            if not self.layouts.knows(run, saved.step, way):
                way = PcaSettings(way.dimensions)
            if shown.way == way:  # else other points would glide than those that are shown
                points = self.ahead.points(run, saved.step, way)
        if points is None or shown is None or points.shape != shown.points.shape:
            self._mark()
        elif self.isVisible():
            self.map.map.set_points(points)
            self._rest.start()
        else:
            self._stale = True

    def _take_ahead(self) -> None:
        """Layouts were made ahead: the map that was made at once gives way to the one of these."""
        shown = self.map.layout_shown
        if shown is not None:
            made = self.ahead.points(shown.space.run, shown.space.step, shown.way)
            if made is not None and not np.array_equal(made, shown.points):
                self._asked = None
        self._mark()

    def _say_nothing(self) -> None:
        title, remedy = NOTHING if self._workspace.core_loaded else LOADING
        if self._workspace.running:
            remedy = "The first map appears after the first evaluation, in a few seconds."
        self._asked = None
        self.map.say_empty(title, remedy)
        self.column.hide()
        self.selected.refresh()

    def _take_layout(self, layout: Layout) -> None:
        directory = self._workspace.directory
        if directory is None or layout.space.run != str(directory.path):
            return
        shown = self.map.layout_shown
        if shown is not None and shown.points is layout.points and shown.space is layout.space:
            self.map.layout_shown = layout  # only its trustworthiness is new
            self._say_status()
            return
        if not isinstance(layout.way, PcaSettings):
            self._asked = (layout.space.run, layout.space.step, layout.way)
            self._mark()
        self._problem = ""
        self.map.show_layout(layout, self._probe_of(layout))
        self.chosen.show()
        self.column.show()
        self.tints.offer()
        self._tell_beside(layout)
        self.trails.refresh()
        self.selected.refresh()
        self._say_status()

    def _probe_of(self, layout: Layout) -> Probe:
        workspace = self._workspace
        recipe = self._run_recipe()
        catalogue = workspace.catalogue
        if recipe is not None and workspace.recipe is not None:
            same = recipe.data.folder == workspace.recipe.data.folder
            catalogue = catalogue if same else None
        return Probe(layout.space.index, catalogue, recipe, layout.space.paths)

    def _run_recipe(self) -> Recipe | None:
        directory = self._workspace.directory
        if directory is None:
            return None
        if self._recipe[0] is not directory:
            try:
                self._recipe = (directory, directory.recipe())
            except ValueError:
                self._recipe = (directory, None)
        return self._recipe[1]

    def _say_status(self) -> None:
        layout = self.map.layout_shown
        if layout is None:
            return
        later = self.ahead.saved
        asked = None if later is None or later.step == layout.space.step else later.epoch
        behind = None if asked is None else (layout.space.epoch, asked)
        self.map.header.set_behind(None if isinstance(layout.way, PcaSettings) else behind)
        probe = self.map.probe
        changed = CHANGED if probe is not None and probe.changed else ""
        parts = (
            self._problem,
            changed,
            self.chosen.words,
            self.guests.words,
            *facts(layout, asked),
        )
        parts = (*parts, self.trails.words)
        self.map.status.say(" · ".join(filter(None, (*parts, self.map.drawing))))

    def _tell_problem(self, problem: str) -> None:
        self._problem = problem
        if self.map.layout_shown is None:
            self.map.say_empty("This map cannot be drawn", problem)
        self._say_status()

    # Neighbours -------------------------------------------------------------------------------

    def pin(self, row: int) -> None:
        """Pin an image by its catalogue row, or none (-1)."""
        self.beside.pin(row)

    def _tell_beside(self, layout: Layout) -> None:
        """What stands beside the map looks into the features it shows."""
        self.beside.set_space(layout.space, self.map.probe)
        self.finder.set_space(layout.space, self.map.probe)
        self.dial.set_layout(layout, self.map.probe)
        self.main.offer("carry", wanted=self.carry.set_probe(self.map.probe))

    def _pin_position(self, position: int) -> None:
        self.beside.pin_position(position)
        if position >= 0 and self.column.page != "dial":
            self.column.show_page("near")

    def _turn_to_chosen(self) -> None:
        """Several images were chosen on the map: turn to what can be done with them."""
        if len(self._workspace.selection) > 1:
            self.column.show_page("chosen")

    def _turn_to_map(self) -> None:
        self.main.show_page("map")

    def _open_menu(self, row: int, place: QPoint) -> None:
        workspace, catalogue = self._workspace, self._workspace.catalogue
        if catalogue is None:
            return
        menu = image_menu(
            self,
            catalogue,
            row,
            np.array([row]),
            tasks=workspace.tasks,
            selection=workspace.selection,
            show_in_map=workspace.map_asked.emit,
        )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _ask_hovered(self, position: int) -> None:
        layout, probe = self.map.layout_shown, self.map.probe
        if layout is None or probe is None or position != self.map.map.hovered_index:
            return
        near = self.nearest.of(layout.space, position, "hovered")
        if near is not None:
            self.map.tell(position, probe.agreement(position, near[0].tolist()))

    def _take_neighbours(self, space: Space, position: int) -> None:
        layout, probe = self.map.layout_shown, self.map.probe
        if layout is None or probe is None or layout.space is not space:
            return
        self._ask_hovered(position)

    # What is open -----------------------------------------------------------------------------

    def _mark(self) -> None:
        self._stale = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _change_run(self) -> None:
        self.layouts.cancel()
        self._asked, self._problem = None, ""
        self.nearest.forget()
        self.beside.forget()
        self.finder.set_space(None, None)
        self.dial.set_layout(None, None)
        self.main.offer("carry", wanted=self.carry.set_probe(None))
        self._say_nothing()
        self._mark()

    def _change_images(self) -> None:
        layout = self.map.layout_shown
        if layout is not None:
            self.map.show_layout(layout, self._probe_of(layout))
            self.chosen.show()
            self.tints.offer()
            self._tell_beside(layout)
            self.selected.refresh()
