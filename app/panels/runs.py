"""The Runs place: all runs in a table; curves, recipes and maps of the chosen ones beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from app.card import Card
from app.pages import Pages
from app.panels.runs_acts import RunActs
from app.panels.runs_curves import RunCurves
from app.panels.runs_facts import ACTS, RunFacts
from app.panels.runs_maps import RunMaps
from app.panels.runs_recipes import RecipeDifferences
from app.panels.runs_shelf import Shelf
from app.panels.runs_table import RunsTable

if TYPE_CHECKING:
    from app.workspace import Workspace

NARROW, WIDE = 280, 300
"""Width of the card at the right, in a small window and in a usual one."""
LIVE = 5000
"""Milliseconds between two looks at the runs while one of them trains."""


class RunsPanel(QWidget):
    """Every run of this person.

    Args:
        workspace: whose runs folder, and where runs are opened.
    """

    title = "Runs"
    icon = "runs"
    order = 7

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.shelf = Shelf(workspace, self)
        self.acts = RunActs(workspace, self.shelf, self)
        self.table = RunsTable(self.shelf)
        self.facts = RunFacts(self.shelf)
        self.curves = RunCurves(self.shelf)
        self.recipes = RecipeDifferences(self.shelf)
        self.maps = RunMaps(workspace, self.shelf)
        self.pages = Pages("Compare the chosen runs by")
        self.pages.add_pages(
            [
                ("curves", "Curves", "One measure of all chosen runs", self.curves),
                ("recipes", "Recipes", "Fields in which they differ", self.recipes),
                ("maps", "Maps", "Two maps side by side", self.maps),
            ]
        )
        self.undo = QPushButton("Fetch back")
        self.undo.setAccessibleName("Fetch back the run that was moved to the trash")
        self.undo.setToolTip("Fetch back the run that was moved to the trash last")
        self.undo.hide()
        self.table.add_action(self.undo)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        below = Card()
        below.body.addWidget(self.pages)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(self.table, 9)
        column.addWidget(below, 11)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(12)
        row.addLayout(column, 1)
        row.addWidget(self.facts)

    def _connect(self) -> None:
        workspace = self._workspace
        self._timer = QTimer(self, interval=LIVE)
        self._timer.timeout.connect(self._look)
        self.table.entered.connect(lambda: self._do("open"))
        self.table.delete_asked.connect(lambda: self._do("trash"))
        self.table.menu_asked.connect(self._show_menu)
        # The row the keyboard is at changes before the selection does.
        self.table.view.selectionModel().currentChanged.connect(
            self._follow, Qt.ConnectionType.QueuedConnection
        )
        self.shelf.chosen_changed.connect(self._follow)
        self.shelf.listed.connect(self._begin)
        self.facts.asked.connect(self._do)
        self.undo.clicked.connect(self.acts.undo)
        self.acts.removed.connect(lambda: self.undo.setVisible(self.acts.can_undo))
        rename = QShortcut(QKeySequence("F2"), self.table.view)
        rename.setContext(Qt.ShortcutContext.WidgetShortcut)
        rename.activated.connect(lambda: self._do("rename"))
        for signal in (workspace.run_changed, workspace.training_ended):
            signal.connect(self._changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Look through the folder when somebody looks."""
        super().showEvent(event)
        self.shelf.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is read, what was written is kept."""
        super().hideEvent(event)
        self._timer.stop()
        self.facts.keep()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The card at the right is narrower in a small window."""
        super().resizeEvent(event)
        self.facts.setFixedWidth(WIDE if self.width() > 1100 else NARROW)

    def _begin(self) -> None:
        """At the first look, the open run is chosen, or the newest."""
        shelf = self.shelf
        if shelf.chosen or not shelf.summaries:
            return
        newest = max(shelf.summaries.values(), key=lambda one: one.started or 0.0).path
        is_known = shelf.open_path is not None and shelf.open_path in shelf.summaries
        shelf.choose([shelf.open_path if shelf.open_path and is_known else newest])

    def _look(self) -> None:
        """While a run trains, its numbers move."""
        training = any(one.state == "training" for one in self.shelf.summaries.values())
        if self.isVisible() and (training or self._workspace.running):
            self.shelf.refresh()

    def _changed(self) -> None:
        if self.isVisible():
            self.shelf.refresh()

    def _follow(self) -> None:
        self.facts.show_run(self.table.current)

    def _do(self, key: str) -> None:
        path = self.facts.path
        if path is not None:
            self.acts.do(key, path)

    def _show_menu(self, place: QPoint) -> None:
        if self.facts.path is None:
            return
        menu = QMenu(self)
        for key, words, _ in ACTS:
            action = menu.addAction(words)
            action.setEnabled(self.facts.buttons[key].isEnabled())
            action.triggered.connect(lambda _=False, key=key: self._do(key))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)
