"""One tag as a chip: what it holds, and how it is painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app import theme
from app.plots import colours
from app.wording import count

Index = QModelIndex | QPersistentModelIndex
CHIP = Qt.ItemDataRole.UserRole
HIGH = 26
"""Height of a chip with the gap below it."""
GAP = 6
CROSS = 22
"""Width of the cross at the right of a chip."""
HINT = "Right click for more. Above the map, Colour by tag paints what is tagged"
WIDEST = 160.0
"""Width of a name at most."""


@dataclass(frozen=True)
class Chip:
    """One tag.

    Attributes:
        name: of the tag.
        number: of its colour.
        total: images of the folder that carry it.
        here: how many of the chosen images do.
        few_labels: whether its images belong to the few-label set.
    """

    name: str
    number: int
    total: int
    here: int
    few_labels: bool = False

    @property
    def figure(self) -> str:
        """What is painted after the name."""
        return f"{self.total:,} · few labels" if self.few_labels else f"{self.total:,}"

    @property
    def words(self) -> str:
        """What a screen reader says."""
        here = f", {self.here:,} of them chosen" if self.here else ""
        few = ", in the few-label set" if self.few_labels else ""
        return f"{self.name}, {count(self.total, 'image')}{here}{few}"


class ChipModel(QAbstractListModel):
    """The tags as a list."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.chips: tuple[Chip, ...] = ()

    def show(self, chips: Sequence[Chip]) -> None:
        """Others; nothing moves where only counts changed."""
        if [one.name for one in chips] == [one.name for one in self.chips]:
            self.chips = tuple(chips)
            self.dataChanged.emit(self.index(0), self.index(len(chips) - 1))
            self.layoutChanged.emit()  # counts have other widths
            return
        self.beginResetModel()
        self.chips = tuple(chips)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of chips."""
        return 0 if parent is not None and parent.isValid() else len(self.chips)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Chip, name, hint, and what a screen reader says."""
        if not 0 <= index.row() < len(self.chips):
            return None
        chip = self.chips[index.row()]
        return {
            Qt.ItemDataRole.DisplayRole: chip.name,
            CHIP: chip,
            Qt.ItemDataRole.ToolTipRole: f"{chip.words}: click to select them\n{HINT}",
            Qt.ItemDataRole.AccessibleTextRole: chip.words,
        }.get(Qt.ItemDataRole(role))


class ChipPainter(QStyledItemDelegate):
    """Paints a tag as a pill with its dot, name, count and cross."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Dot, name, count, and a cross where there is something to take away."""
        del option
        chip: Chip = index.data(CHIP)
        width = 8 + 14 + self._name(chip) + 6 + self._count(chip) + (CROSS if chip.here else 8)
        return QSize(int(width) + 1 + GAP, HIGH)

    def _name(self, chip: Chip) -> float:
        return min(QFontMetricsF(theme.font(12)).horizontalAdvance(chip.name), WIDEST)

    def _count(self, chip: Chip) -> float:
        return QFontMetricsF(theme.font(11)).horizontalAdvance(chip.figure)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A pill; in the accent's tint while chosen images carry the tag."""
        tokens = theme.tokens()
        fields: Any = option  # which PySide's stubs leave out
        state: QStyle.StateFlag = fields.state
        place = QRectF(fields.rect).adjusted(0.5, 0.5, -GAP - 0.5, -4.5)
        chip: Chip = index.data(CHIP)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        ground = tokens.raised
        if chip.here:
            ground = theme.mixed(tokens.surface, tokens.accent, 0.16)
        if over:
            ground = theme.mixed(ground, tokens.text, 0.08)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(QColor(tokens.accent if focused else tokens.border), 1.4 if focused else 1)
        )
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
        tint = colours.series_colour(chip.number)
        edge = QPen(QColor(tokens.outline or tokens.border), 1)
        painter.setPen(edge if colours.needs_outline(tint) else Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        middle = place.center().y()
        painter.drawEllipse(QPointF(place.left() + 12, middle), 4, 4)
        left = place.left() + 22
        name = QRectF(left, place.top(), self._name(chip) + 1, place.height())
        painter.setPen(QColor(tokens.text))
        painter.setFont(theme.font(12))
        words = QFontMetricsF(painter.font()).elidedText(
            chip.name, Qt.TextElideMode.ElideRight, name.width()
        )
        painter.drawText(name, int(Qt.AlignmentFlag.AlignVCenter), words)
        painter.setPen(QColor(tokens.muted))
        painter.setFont(theme.font(11))
        number = QRectF(name.right() + 5, place.top(), self._count(chip) + 2, place.height())
        painter.drawText(number, int(Qt.AlignmentFlag.AlignVCenter), chip.figure)
        if chip.here:
            painter.setPen(QPen(QColor(tokens.text if over or focused else tokens.muted), 1.5))
            x, arm = place.right() - 10.5, 3
            painter.drawLine(QPointF(x - arm, middle - arm), QPointF(x + arm, middle + arm))
            painter.drawLine(QPointF(x - arm, middle + arm), QPointF(x + arm, middle - arm))
        painter.restore()
