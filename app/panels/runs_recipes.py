"""In which fields the recipes of the chosen runs differ, side by side."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyleOptionHeader,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import label
from app.panels.empty import Empty
from app.panels.runs_model import swatch
from app.panels.runs_shelf import Shelf
from app.wording import count

if TYPE_CHECKING:
    from sslcore.runs.difference import Difference
    from sslcore.runs.summary import Summary

Index = QModelIndex | QPersistentModelIndex
ICON = QStyle.PixelMetric.PM_SmallIconSize
PADDING = 28
"""Of the head of a column: at its sides, and between mark and name."""
FEW = ("Choose two runs", "The fields in which their recipes differ stand side by side here.")
SAME = ("Nothing differs", "These runs have the same recipe; only chance and the machine differ.")


class RecipeModel(QAbstractTableModel):
    """A row a field, a column a run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Difference] = []
        self._runs: list[tuple[str, int | None]] = []

    def show_rows(self, rows: list[Difference], runs: list[tuple[str, int | None]]) -> None:
        """Show other runs: names and numbers of their colours."""
        self.beginResetModel()
        self.rows, self._runs = rows, runs
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Fields."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """The name of the field, and the runs."""
        return 0 if parent is not None and parent.isValid() else 1 + len(self._runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of fields and values."""
        one = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return one.path if index.column() == 0 else one.values[index.column() - 1]
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 0:
            return QColor(theme.tokens().muted)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the runs in their colours."""
        if orientation == Qt.Orientation.Vertical:
            return None
        name, slot = ("Field", None) if section == 0 else self._runs[section - 1]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return name
        if role == Qt.ItemDataRole.DecorationRole and section:
            return swatch(slot)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class RunHeads(QHeaderView):
    """Names of runs, cut in the middle where their column is narrow.

    Qt's own dots do not count the room that the mark of the colour takes.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setProperty("elides", True)  # the whole name is the tool tip
        self.setHighlightSections(False)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, section: int, /) -> None:
        """The text that fits beside the mark."""
        super().initStyleOptionForIndex(option, section)
        option.text = self.shown(section)

    def shown(self, section: int) -> str:
        """What is written in the head of a column."""
        model, across = self.model(), Qt.Orientation.Horizontal
        name = str(model.headerData(section, across) or "")
        mark = model.headerData(section, across, Qt.ItemDataRole.DecorationRole)
        taken = PADDING + (self.style().pixelMetric(ICON, None, self) if mark else 0)
        room = self.sectionSize(section) - taken
        return self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room)


class RecipeDifferences(QWidget):
    """The table of what differs, and why it is empty.

    Args:
        shelf: whose chosen runs.
    """

    def __init__(self, shelf: Shelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self.model = RecipeModel(self)
        self.view = QTableView()
        self.view.setProperty("role", "bare")
        self.view.setModel(self.model)
        self.view.setAccessibleName("Fields that differ")
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setShowGrid(False)
        self.view.setTabKeyNavigation(False)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(28)
        self.heads = RunHeads()
        self.view.setHorizontalHeader(self.heads)
        self.heads.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the table, with tabs between the columns")
        self.copy.setAccessibleName("Copy the table of differences")
        self.copy.clicked.connect(self.copy_text)
        self.told = label("", "muted")
        self.empty = Empty(*FEW)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.view, 1)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(full)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self._rooms, 1)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.told, 1)
        row.addWidget(self.copy)
        self._foot = foot
        outer.addWidget(foot)
        shelf.chosen_changed.connect(self.refresh)
        shelf.listed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Compare the chosen runs."""
        runs: list[Summary] = self._shelf.shown
        rows: list[Difference] = []
        if len(runs) > 1:
            module: Any = importlib.import_module("sslcore.runs.difference")
            rows = module.differences([one.recipe for one in runs])
        self.model.show_rows(rows, [(one.name, self._shelf.slot(one.path)) for one in runs])
        self.empty.say(*(FEW if len(runs) < 2 else SAME))
        self._rooms.setCurrentIndex(int(bool(rows)))
        self._foot.setVisible(bool(rows))
        same = "" if not runs else f"{count(len(rows), 'field')} differ; all others are equal."
        if len(rows) == 1:
            same = "1 field differs; all others are equal."
        self.told.setText(same)

    @property
    def text(self) -> str:
        """The table with tabs between its columns."""
        names = [one.name for one in self._shelf.shown]
        lines = ["\t".join(("field", *names))]
        lines += ["\t".join((one.path, *one.values)) for one in self.model.rows]
        return "\n".join(lines)

    def copy_text(self) -> None:
        """Put the table into the clipboard."""
        QApplication.clipboard().setText(self.text)
