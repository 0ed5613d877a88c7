"""The card with the table of runs: filter, sort, choose."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QWidget,
)

from app.card import Card
from app.panels.empty import Empty
from app.panels.runs_model import COLUMNS, RunsModel, RunsProxy
from app.panels.runs_shelf import Shelf
from app.wording import count

ROW = 30
NAME = 200
"""Width of the name in pixels at least; other columns go before it gets narrower."""
STARTED = next(n for n, one in enumerate(COLUMNS) if one.title == "Started")
NOTHING = (
    "No runs yet",
    "A run is a directory of plain files; it appears here as soon as training starts (Ctrl+R).",
)


class RunsView(QTableView):
    """Rows of runs; Enter opens, Delete asks to remove.

    Attributes:
        entered: Enter, or a double click.
        delete_asked: the Delete key.
    """

    entered = Signal()
    delete_asked = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Delete act on the chosen run."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_asked.emit()
        else:
            super().keyPressEvent(event)


class RunsTable(Card):
    """All runs.

    Attributes:
        entered: a run is to be opened.
        delete_asked: the chosen run is to go.
        menu_asked: where a menu for the chosen runs is wanted, in global pixels.

    Args:
        shelf: what is shown, and told what is chosen.
    """

    entered = Signal()
    delete_asked = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self, shelf: Shelf, parent: QWidget | None = None) -> None:
        super().__init__("Runs", flush=True, parent=parent)
        self._shelf = shelf
        self._telling = False
        self.model = RunsModel(shelf, self)
        self.proxy = RunsProxy(self.model, self)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by name, method, state, tag")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Filter the runs")
        self.filter.setFixedWidth(250)
        self.filter.textChanged.connect(self._filter)
        self.again = QPushButton("Refresh")
        self.again.setToolTip("Look through the runs folder again")
        self.again.setAccessibleName("Look through the runs folder again")
        self.again.clicked.connect(shelf.refresh)
        self.add_action(self.filter)
        self.add_action(self.again)
        self.view = self._made_view()
        self.empty = Empty(*NOTHING, mark="runs")
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(self.view)
        self.body.addWidget(self._rooms, 1)
        self.proxy.modelReset.connect(self._select_chosen)
        shelf.listed.connect(self._show)
        shelf.chosen_changed.connect(self._select_chosen)

    def _made_view(self) -> RunsView:
        view = RunsView()
        view.setProperty("role", "bare")
        view.setModel(self.proxy)
        view.setAccessibleName("Runs")
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setTabKeyNavigation(False)
        view.setShowGrid(False)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at both ends
        view.setWordWrap(False)
        view.setSortingEnabled(True)
        view.sortByColumn(STARTED, Qt.SortOrder.DescendingOrder)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(ROW)
        head = view.horizontalHeader()
        head.setHighlightSections(False)
        head.setMinimumSectionSize(48)
        for number, column in enumerate(COLUMNS):
            mode = (
                QHeaderView.ResizeMode.Interactive
                if column.width
                else (QHeaderView.ResizeMode.Stretch)
            )
            head.setSectionResizeMode(number, mode)
            if column.width:
                view.setColumnWidth(number, column.width)
        view.selectionModel().selectionChanged.connect(self._choose)
        view.doubleClicked.connect(self._enter)
        view.entered.connect(self.entered)
        view.delete_asked.connect(self.delete_asked)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._ask_menu)
        return view

    def _enter(self, _index: QModelIndex) -> None:
        self.entered.emit()

    def _ask_menu(self, place: QPoint) -> None:
        self.menu_asked.emit(self.view.viewport().mapToGlobal(place))

    @property
    def current(self) -> Path | None:
        """The run that the keyboard is at, if it is chosen; else the first chosen one."""
        index = self.view.currentIndex()
        if index.isValid() and self.view.selectionModel().isSelected(index):
            return self.model.summary(self.proxy.mapToSource(index).row()).path
        return self._shelf.chosen[0] if self._shelf.chosen else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns that matter least make room for the name."""
        super().resizeEvent(event)
        room = self.width() - NAME - 14
        hidden: set[int] = set()
        by_need = sorted(range(len(COLUMNS)), key=lambda one: COLUMNS[one].spare)
        for number in by_need:
            room -= COLUMNS[number].width
            if room < 0 and COLUMNS[number].spare:
                hidden.add(number)
        for number in range(len(COLUMNS)):
            self.view.setColumnHidden(number, number in hidden)

    def _show(self) -> None:
        there = len(self._shelf.summaries)
        self._rooms.setCurrentIndex(int(bool(there)))
        self._say_count()

    def _say_count(self) -> None:
        there, shown = len(self._shelf.summaries), self.proxy.rowCount()
        words = count(there, "run") if there else ""
        if shown < there:
            words = f"{shown:,} of {count(there, 'run')}"
        self.set_title(f"Runs  ·  {words}" if words else "Runs")

    def _filter(self, text: str) -> None:
        self.proxy.set_words(text)
        self._say_count()

    def _choose(self, _on: QItemSelection, _off: QItemSelection) -> None:
        """A person chose rows."""
        if self._telling:
            return
        rows = self.view.selectionModel().selectedRows()
        paths = [self.model.summary(self.proxy.mapToSource(one).row()).path for one in rows]
        self._shelf.choose(paths)

    def _select_chosen(self) -> None:
        """Rows of the chosen runs, after the table was filled anew."""
        wanted = QItemSelection()
        for path in self._shelf.chosen:
            row = self.model.row_of(path)
            if row >= 0:
                index = self.proxy.mapFromSource(self.model.index(row, 0))
                wanted.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self._telling = True
        self.view.selectionModel().select(wanted, flags.ClearAndSelect | flags.Rows)
        self._telling = False
