"""The table of runs as Qt's views want it: columns, cells, sorting, filtering."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap

from app import theme
from app.panels.runs_shelf import Shelf
from app.plots import colours

if TYPE_CHECKING:
    from sslcore.runs.summary import Summary

Index = QModelIndex | QPersistentModelIndex
NONE = "–"
SORT = Qt.ItemDataRole.UserRole
STATES = {
    "new": ("not started", "muted"),
    "training": ("training", "accent"),
    "completed": ("completed", "good"),
    "stopped": ("stopped", "muted"),
    "failed": ("failed", "danger"),
    "interrupted": ("interrupted", "warning"),
}
"""State -> its word and the token of its colour."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: in the head.
        text: what a cell says.
        value: what it is sorted by.
        hint: what it means.
        number: whether it stands to the right.
        width: in pixels, 0 for the one that takes the rest.
        spare: columns of a higher number go first where room is scarce; 0 never goes.
    """

    title: str
    text: Callable[[Summary], str]
    value: Callable[[Summary], Any]
    hint: str
    number: bool = False
    width: int = 80
    spare: int = 0


def percent(value: float | None) -> str:
    """``48.4 %``, or a dash."""
    return NONE if value is None else f"{100 * value:.1f} %"


def when(seconds: float | None) -> str:
    """``today 14:05``, ``28 Nov 14:05``, ``2025-03-01``."""
    if seconds is None:
        return NONE
    then, now = time.localtime(seconds), time.localtime()
    if then[:3] == now[:3]:
        return time.strftime("today %H:%M", then)
    if then.tm_year == now.tm_year:
        return f"{then.tm_mday} {time.strftime('%b %H:%M', then)}"
    return time.strftime("%Y-%m-%d", then)


def folder_name(folder: str) -> str:
    """Last part of a folder, or a dash."""
    return folder.replace("\\", "/").rstrip("/").rpartition("/")[2] or NONE


def _number(value: float | None) -> float:
    return -math.inf if value is None else value


def _epochs(one: Summary) -> str:
    return f"{one.epoch:.4g} / {one.epochs:,}" if one.epochs else NONE


COLUMNS = (
    Column("Name", lambda one: one.name, lambda one: one.name.casefold(),
           "Name of the run's directory", width=0),
    Column("Method", lambda one: one.title or NONE, lambda one: one.title.casefold(),
           "What was trained", width=132),
    Column("Data", lambda one: folder_name(one.folder), lambda one: folder_name(one.folder),
           "Folder of the images", width=108, spare=2),
    Column("Started", lambda one: when(one.started), lambda one: _number(one.started),
           "When training began", width=116, spare=3),
    Column("State", lambda one: STATES[one.state][0], lambda one: list(STATES).index(one.state),
           "How it stands", width=104),
    Column("Epochs", _epochs, lambda one: one.epoch, "Done and planned", True, 88, spare=1),
    Column("kNN", lambda one: percent(one.knn), lambda one: _number(one.knn),
           "Accuracy of 20 nearest neighbours, measured on a sample while it trained", True, 82),
    Column("Linear", lambda one: percent(one.linear), lambda one: _number(one.linear),
           "Top-1 accuracy of a linear classifier, measured in Evaluate", True, 82),
    Column("Loss", lambda one: NONE if one.loss is None else f"{one.loss:.4g}",
           lambda one: _number(one.loss), "Of the last step; comparable within a method only",
           True, 82, spare=4),
    Column("Tags", lambda one: ", ".join(one.notes.tags),
           lambda one: ", ".join(one.notes.tags).casefold(), "Yours, written at the right",
           width=110, spare=5),
)  # fmt: skip


class RunsModel(QAbstractTableModel):
    """Rows are the runs of a shelf, in the order it has them."""

    def __init__(self, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._rows: list[Summary] = []
        shelf.listed.connect(self._renew)
        shelf.chosen_changed.connect(self._recolour)
        theme.current().changed.connect(self._recolour)

    def _renew(self) -> None:
        rows = list(self._shelf.summaries.values())
        if [one.path for one in rows] == [one.path for one in self._rows]:
            self._rows = rows  # only cells changed: what is selected stays
            self._recolour()
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def _recolour(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def summary(self, row: int) -> Summary:
        """The run of a row."""
        return self._rows[row]

    def row_of(self, path: Path) -> int:
        """The row of a run, -1 if it has none."""
        return next((n for n, one in enumerate(self._rows) if one.path == path), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        """Runs."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Columns."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says, how, and what it is sorted by."""
        one, column = self._rows[index.row()], COLUMNS[index.column()]
        first = index.column() == 0
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(one)
        if role == SORT:
            return column.value(one)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(one, first, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return _ink(one, column)
        if role == Qt.ItemDataRole.FontRole and first and one.path == self._shelf.open_path:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.DecorationRole and first:
            return badge(self._shelf.slot(one.path))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles and what they mean."""
        if orientation == Qt.Orientation.Vertical:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.hint
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


def _tip(one: Summary, first: bool, column: Column) -> str | None:
    if column.title == "State" and one.error:
        return one.error
    if column.title == "Data":
        return one.folder or None
    if not first:
        return None
    return "\n".join(part for part in (str(one.path), one.problem, one.notes.note) if part)


def _ink(one: Summary, column: Column) -> QColor | None:
    if column.title == "State":
        return QColor(getattr(theme.tokens(), STATES[one.state][1]))
    if one.problem or column.text(one) == NONE:
        return QColor(theme.tokens().muted)
    return None


def badge(slot: int | None) -> QIcon:
    """The swatch as an icon that a selected row does not tint."""
    made = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        made.addPixmap(swatch(slot), mode)
    return made


def swatch(slot: int | None) -> QPixmap:
    """The colour a run has in the curves; empty for one that is not chosen."""
    made = QPixmap(30, 30)
    made.setDevicePixelRatio(3)
    made.fill(Qt.GlobalColor.transparent)
    if slot is not None:
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.series_colour(slot))
        painter.drawEllipse(1, 1, 8, 8)
        painter.end()
    return made


class RunsProxy(QSortFilterProxyModel):
    """Sorted, and only runs that have all the words somewhere."""

    def __init__(self, model: RunsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words: list[str] = []
        self.setSourceModel(model)
        self.setSortRole(SORT)

    def set_words(self, text: str) -> None:
        """Show runs with all of these words in name, method, data, state, tags or note."""
        self._words = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Whether a run has all the words."""
        del source_parent
        one = self._model.summary(source_row)
        text = " ".join(column.text(one) for column in COLUMNS[:-1] if not column.number)
        text = " ".join((text, *one.notes.tags, one.notes.note, one.backbone)).casefold()
        return all(word in text for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        """By the values behind the cells."""
        a, b = self._model.data(left, SORT), self._model.data(right, SORT)
        return bool(a < b)
