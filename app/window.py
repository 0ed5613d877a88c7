"""The window: bars, rail, places, drag and drop, what is restored at the start."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import rule
from app.closing import Closing
from app.commands import Commands
from app.gallery_files import OWN
from app.garbage import Garbage
from app.loading import Builder, Gate
from app.menu import add_commands, add_method_commands
from app.notice import Notice
from app.opening import is_run
from app.palette import Palette
from app.rail import PLACES, Place, Rail
from app.run_bar import RunBar
from app.timeline import Timeline
from app.top_bar import TopBar
from app.tour import Stop, Tour
from app.workspace import Workspace

SMALLEST = (1024, 700)
FIRST = (1440, 900)
FRAME = QSize(16, 48)
"""Left for the frame, whose size a window learns only once it is shown."""


class Window(QMainWindow):
    """Everything a person sees.

    Args:
        workspace: what is open; its core is loaded after the first paint.
        restore: whether the last folder, run, place and the tour come up by themselves.
    """

    def __init__(self, workspace: Workspace, *, restore: bool = True) -> None:
        super().__init__()
        self.workspace = workspace
        self._restore = restore
        self._painted = False
        self._closing = Closing(workspace, self)
        self.garbage = Garbage(self)
        self._first_path: Path | None = None
        self.setWindowTitle("SSL Workbench")
        self.setMinimumSize(*SMALLEST)
        self.resize(*FIRST)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.commands = Commands(self)
        self.places: list[Place] = [one for one in PLACES if exists(one.module)]
        self.rail = Rail(self.places)
        self.rail.chosen.connect(self.go)
        self.gates = {place.key: Gate(place, workspace) for place in self.places}
        self.rooms = QStackedWidget()
        for gate in self.gates.values():
            self.rooms.addWidget(gate)
        self.builder = Builder(self.gates.values(), workspace, self)
        self.notice = Notice()
        self.timeline = Timeline(workspace)
        self.run_bar = RunBar(workspace)
        self.top_bar = TopBar(workspace, self.commands)
        self.top_bar.went.connect(self.go)
        self._lay_out()
        self.command_palette = Palette(self.commands, self)
        add_commands(self, self)
        self.tour: Tour | None = None
        self._connect()
        if self.places:
            self._show_place(self.places[0].key)

    def _lay_out(self) -> None:
        main = QVBoxLayout()
        main.setContentsMargins(16, 16, 16, 16)
        main.setSpacing(12)
        main.addWidget(self.notice)
        main.addWidget(self.rooms, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(rule(vertical=True))
        middle.addLayout(main, 1)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.top_bar)
        layout.addWidget(rule())
        layout.addLayout(middle, 1)
        layout.addWidget(rule())
        layout.addWidget(self.timeline)
        layout.addWidget(self.run_bar)
        self.setCentralWidget(centre)

    def _connect(self) -> None:
        workspace = self.workspace
        workspace.notice.connect(self.notice.tell)
        workspace.core_ready.connect(self._take_core)
        workspace.core_ready.connect(self.garbage.settle)
        for signal in (
            workspace.core_ready,
            workspace.catalogue_changed,
            workspace.recipe_changed,
            workspace.run_changed,
            workspace.record_changed,
            workspace.snapshot_selected,
            workspace.tasks.changed,
            workspace.history.changed,
            self.rooms.currentChanged,
        ):
            signal.connect(self.commands.refresh)
        workspace.run_changed.connect(self._show_run)
        workspace.catalogue_changed.connect(self._greet)
        workspace.map_asked.connect(self._show_in_map)
        workspace.groups.asked.connect(lambda: self.go("explore"))

    def start(self) -> None:
        """Bring back geometry and place, and show the window."""
        settings = self.workspace.settings
        if self._restore:
            if not self.restoreGeometry(settings.geometry):
                self._fit_on_screen()
            if settings.last_place in self.gates:
                self.go(settings.last_place)
        self.show()
        self.setFocus()

    def _fit_on_screen(self) -> None:
        """Start no larger than the screen, so that the run bar is on it."""
        room = self.screen().availableSize() - FRAME
        self.resize(QSize(*FIRST).boundedTo(room).expandedTo(self.minimumSize()))

    def open_first(self, path: Path) -> None:
        """Open this instead of what was open last, as soon as the library is loaded."""
        self._first_path = path

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first paint starts the import of torch."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.workspace.load_core)

    def _take_core(self) -> None:
        add_method_commands(self)
        if self._first_path is not None:
            self.open_path(self._first_path)
            return
        if not self._restore:
            return
        settings = self.workspace.settings
        self.workspace.restore(Path(settings.last_run), Path(settings.last_folder))

    def _greet(self) -> None:
        """The tour begins once there is something to point at."""
        if self._restore and self._first_path is None and not self.workspace.settings.tour_seen:
            self.start_tour()

    def _show_run(self) -> None:
        """A run that starts is looked at: an older message is old, the curves are in Train."""
        if self.workspace.record is not None and self.workspace.record.started is None:
            self.notice.hide()
            self.go("train")

    def _show_in_map(self, rows: NDArray[np.int64]) -> None:
        """Images of any gallery, chosen and looked at on the map."""
        self.workspace.selection.choose(rows)
        self.go("explore")

    # A person's ways around.

    @property
    def place(self) -> str:
        """Key of the place that is shown, "" without any."""
        gate = self.rooms.currentWidget()
        return gate.place.key if isinstance(gate, Gate) else ""

    def go(self, key: str) -> None:
        """Show a place."""
        if key not in self.gates:
            return
        if self.tour is not None and key != self.place:  # whoever goes on has seen enough of it
            self.tour.end()
        self._show_place(key)
        if self._restore:
            self.workspace.settings.last_place = key

    def _show_place(self, key: str) -> None:
        self.rooms.setCurrentWidget(self.gates[key])
        self.rail.show_place(key)

    def toggle_theme(self) -> None:
        """Dark to light, or back; remembered."""
        theme.current().toggle()
        self.workspace.settings.theme = theme.current().name

    def escape(self) -> None:
        """Close what lies on top, else cancel running jobs."""
        if self.tour is not None:
            self.tour.end()
        elif self.command_palette.isVisible():
            self.command_palette.close_palette()
        elif any(not task.quiet for task in self.workspace.tasks.running()):
            self.workspace.tasks.cancel_all()
        elif self.notice.isVisible():
            self.notice.hide()

    def start_tour(self) -> None:
        """Point at folder, views and Start."""
        if self.tour is not None or not {"data", "views"} <= set(self.gates):
            return
        buttons = self.rail.buttons
        stops = (
            Stop(
                buttons["data"],
                "Your images",
                "A demo set is open. Bring your own folder with Ctrl+O, or drop it anywhere "
                "on the window; nothing leaves this machine.",
            ),
            Stop(
                buttons["views"],
                "What training sees",
                "Every method learns from altered views of each image. Here they are, with the "
                "numbers that were drawn; switch steps off, move sliders.",
            ),
            Stop(
                self.run_bar.primary,
                "Start",
                "Curves move within seconds, and Explore shows the first map soon after. "
                "Pause or stop at any time: a checkpoint is saved.",
            ),
        )
        self.tour = Tour(stops, self)
        self.tour.over.connect(self._end_tour)

    def _end_tour(self) -> None:
        self.tour = None
        self.workspace.settings.tour_seen = True

    # Qt's events.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that nothing took: Space plays the timeline, others may mean the place shown.

        Clicks on buttons of a place leave the keyboard with the window, so they often end here.
        """
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.commands.run("timeline.play")
        elif self.gates and self.gates[self.place].take_key(event):
            event.accept()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What lies on top follows."""
        super().resizeEvent(event)
        self.command_palette.close_palette()
        if self.tour is not None:
            self.tour.place()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Folders, CSV files and run directories are welcome."""
        if dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        if (path := dropped(event)) is not None:
            event.acceptProposedAction()
            self.open_path(path)

    def open_path(self, path: Path) -> None:
        """Open a run directory, or a folder of images."""
        self.workspace.open_path(path)
        if not is_run(path):
            self.go("data")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while a run is being trained; once it is in safety, remember and close."""
        workspace = self.workspace
        if not self._closing.may_close():
            event.ignore()
            return
        if self._restore:
            workspace.settings.geometry = self.saveGeometry()
        self.hide()
        workspace.close()
        event.accept()


def exists(module: str) -> bool:
    """Whether a module is installed (it is not imported)."""
    return importlib.util.find_spec(module) is not None


def dropped(event: QDropEvent) -> Path | None:
    """The folder or CSV file of a drag, None for anything else and for what this window drags."""
    if event.mimeData().hasFormat(OWN):
        return None
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and (path.is_dir() or path.suffix.lower() == ".csv"):
            return path
    return None
