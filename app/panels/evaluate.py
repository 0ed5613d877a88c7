"""The Evaluate place: what the encoder of the open run is good for, measurement by measurement."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.assessing import Assessing
from app.card import Card
from app.loading import Loading
from app.pages import Pages
from app.panels.empty import Empty
from app.panels.evaluate_list import MeasurementList
from app.panels.evaluate_outside import OutsideDialog
from app.panels.evaluate_room import MeasurementRoom
from app.panels.studies import StudiesPage
from app.studying import Studying

if TYPE_CHECKING:
    from app.workspace import Workspace

NARROW, WIDE = 196, 236
"""Width of the list in pixels, in a small window and in a usual one."""
TOO_EARLY = (
    "Nothing to measure yet",
    "Measurements work on a checkpoint of a run. Start one, or open an old one with Ctrl+Shift+O; "
    "a first checkpoint is there after a few minutes, at the latest when the run ends.",
)


class EvaluatePanel(QWidget):
    """Two pages: the list of measurements with the chosen one, and studies.

    Args:
        workspace: what is open.
    """

    title = "Evaluate"
    icon = "evaluate"
    order = 6

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.assessing: Assessing | None = None
        self.list: MeasurementList | None = None
        self.rooms: dict[str, MeasurementRoom] = {}
        self._pages = QStackedWidget()
        blank = Card()
        blank.body.addWidget(Loading("Loading the measurements"))
        self.empty = Empty(*TOO_EARLY, mark="evaluate")
        early = Card()
        early.body.addWidget(self.empty)
        self._pages.addWidget(blank)
        self._pages.addWidget(early)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        self.tabs = Pages("Pages of the Evaluate place")
        self._studies_room = QStackedWidget()
        self._studies_room.addWidget(Loading("Loading the studies"))
        self.studies: StudiesPage | None = None
        self.tabs.add_pages(
            [
                ("measurements", "Measurements", "What the encoder is good for", self._pages),
                ("studies", "Studies", "Many short runs that differ in one thing",
                 self._studies_room),
            ]
        )  # fmt: skip
        layout.addWidget(self.tabs)
        self._asked = False
        workspace.record_changed.connect(self._follow)
        workspace.run_changed.connect(self._follow)

    def showEvent(self, event: QShowEvent) -> None:
        """Load the measurements when somebody looks: some need libraries that load for seconds."""
        super().showEvent(event)
        self.load()

    def load(self) -> None:
        """Load the measurements, unless that was done."""
        if self._asked:
            return
        self._asked = True
        self._workspace.tasks.start("Loading the measurements", _measurements, self._build)

    def _build(self, measurements: Any) -> None:
        workspace = self._workspace
        self.assessing = Assessing(workspace, measurements)
        self.list = MeasurementList(self.assessing)
        self.all = QPushButton("Measure all")
        self.all.setAccessibleName("Measure everything that is missing")
        self.all.clicked.connect(self.measure_missing)
        left = Card("Measurements")
        left.body.setContentsMargins(8, 0, 8, 12)
        left.body.addWidget(self.list, 1)
        self.outside = QPushButton("Other encoders…")
        self.outside.setToolTip("Encoders from outside that every table has a row for")
        self.outside.setAccessibleName("Encoders from outside")
        self.outside.clicked.connect(self._open_outside)
        left.body.addWidget(self.outside)
        left.body.addWidget(self.all)
        self._left = left
        self._stack = QStackedWidget()
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(left)
        row.addWidget(self._stack, 1)
        self._pages.addWidget(content)
        self.list.chosen.connect(self._turn)
        self.list.setCurrentRow(0)
        self.assessing.changed.connect(self._tell_all)
        self._tell_all()
        self.studies = StudiesPage(workspace, Studying(workspace))
        self._studies_room.addWidget(self.studies)
        self._studies_room.setCurrentWidget(self.studies)
        self._arrange()
        self._follow()

    def show_measurement(self, key: str) -> None:
        """Turn to a measurement (nothing happens while they are being loaded)."""
        if self.list is not None:
            self.list.choose(key)

    def measure_missing(self) -> None:
        """Put everything in line that was not measured of the newest checkpoint, slow ones last.

        What needs a folder that nobody has named is left out; list and tooltip say so.
        """
        assessing = self.assessing
        if assessing is None or assessing.newest is None:
            return
        known = assessing.measurements
        for key, _ in sorted(known.items(), key=lambda named: named[1].slow):
            kept = assessing.found.get(key)
            busy = assessing.running == key or assessing.waits(key)
            if not busy and (kept is None or kept.step < assessing.newest[0]):
                settings = self._settings(key)
                if not assessing.lacks_folder(key, settings):
                    assessing.measure(key, settings)

    def _settings(self, key: str) -> Any:
        """What a measurement is measured with: its form, or as it was the last time."""
        assert self.assessing is not None  # asked of its measurements only
        room, kept = self.rooms.get(key), self.assessing.found.get(key)
        if room is not None:
            return room.settings.form.config
        return self.assessing.measurements[key].config() if kept is None else kept.settings

    def _tell_all(self) -> None:
        """Say what Measure all does, and what it leaves out."""
        assessing = self.assessing
        assert assessing is not None  # its own signal
        known = assessing.measurements
        slow = [one.title for one in known.values() if one.slow]
        words = "Measure everything that was not measured of the newest checkpoint"
        if slow:
            words += f"; {' and '.join(slow)}, which take minutes, come last"
        waiting = [one.title for key, one in known.items()
                   if assessing.lacks_folder(key, self._settings(key))]  # fmt: skip
        if waiting:
            needs = "needs a folder" if len(waiting) == 1 else "need a folder"
            words += f". Left out: {' and '.join(waiting)}, which {needs} to be named first"
        self.all.setToolTip(words)

    def _open_outside(self) -> None:
        dialog = OutsideDialog(self._workspace, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def resizeEvent(self, event: Any) -> None:
        """Give the list less room in a small window."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        if self.list is not None:
            self._left.setFixedWidth(WIDE if self.width() > 1100 else NARROW)

    def _turn(self, key: str) -> None:
        if self.assessing is None:
            return
        if key not in self.rooms:
            self.rooms[key] = MeasurementRoom(self._workspace, self.assessing, key)
            self.rooms[key].settings.form.changed.connect(self._tell_all)
            self._stack.addWidget(self.rooms[key])
        self._stack.setCurrentWidget(self.rooms[key])

    def _follow(self) -> None:
        if self.assessing is None:
            return
        ready = self.assessing.newest is not None or bool(self.assessing.found)
        self._pages.setCurrentIndex(2 if ready else 1)
        room = self.rooms.get(self.list.key) if self.list is not None else None
        if room is not None and self.isVisible():
            room.settings.refresh()


def _measurements(_ticket: Any) -> Any:
    contract: Any = importlib.import_module("sslcore.assessment.contract")
    importlib.import_module("sslcore.assessment.kept")
    importlib.import_module("sslcore.study.wish")
    importlib.import_module("sslcore.study.judging")  # asked on the window's thread later
    return contract.registry()
