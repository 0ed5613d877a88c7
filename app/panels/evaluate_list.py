"""The list of measurements: what each is called, what it found and of which epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app import theme

if TYPE_CHECKING:
    from app.assessing import Assessing

KEY = Qt.ItemDataRole.UserRole
STATE = Qt.ItemDataRole.UserRole + 1
TONE = Qt.ItemDataRole.UserRole + 2
PART = Qt.ItemDataRole.UserRole + 3
LINE = 50
DOT = "  ·  "
"""Between a finding and the epoch it is of, which gives way where there is no room."""
SIDE = 12


def state(assessing: Assessing, key: str) -> tuple[str, str, float | None]:
    """What to say of a measurement: words, tone (a colour of the theme), part done or None."""
    if assessing.running == key:
        now = assessing.progress
        part = now.done / now.total if now.total else 0.0
        return f"{now.words} …", "accent", part
    if assessing.waits(key):
        return "Waits for its turn", "muted", None
    if key in assessing.problems:
        return "Could not be measured", "danger", None
    kept = assessing.found.get(key)
    if kept is None:
        if assessing.lacks_folder(key):
            return f"Not yet{DOT}needs a folder", "muted", None
        slow = assessing.measurements[key].slow
        return f"Not yet{DOT}takes minutes" if slow else "Not measured yet", "muted", None
    return f"{kept.finding.headline()}{DOT}epoch {kept.epoch:.0f}", "text", None


def fitting(words: str, metrics: QFontMetrics, width: int) -> str:
    """Words as far as there is room: whole, or without what follows the dot, or cut.

    Args:
        words: of :func:`state`.
        metrics: of the font.
        width: in pixels.
    """
    if metrics.horizontalAdvance(words) > width:
        words = words.partition(DOT)[0]
    return metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)


class MeasurementList(QListWidget):
    """Measurements in their order; the chosen one is shown beside.

    Attributes:
        chosen: key of the measurement that is shown now.

    Args:
        assessing: what was measured.
    """

    chosen = Signal(str)

    def __init__(self, assessing: Assessing) -> None:
        super().__init__()
        self._assessing = assessing
        self.setProperty("role", "bare")
        self.setAccessibleName("Measurements")
        self.setItemDelegate(_Rows(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self._items: dict[str, QListWidgetItem] = {}
        for key, one in assessing.measurements.items():
            item = QListWidgetItem(one.title)
            item.setData(KEY, key)
            item.setToolTip(one.idea)
            self.addItem(item)
            self._items[key] = item
            self.refresh(key)
        self.currentItemChanged.connect(self._turn)
        assessing.changed.connect(self.refresh)
        theme.current().changed.connect(self.viewport().update)

    @property
    def key(self) -> str:
        """The chosen measurement."""
        row = self.currentRow()
        return "" if row < 0 else str(self.item(row).data(KEY))

    def choose(self, key: str) -> None:
        """Show a measurement."""
        self.setCurrentItem(self._items[key])

    def refresh(self, key: str) -> None:
        """Say anew how it stands with a measurement."""
        item = self._items.get(key)
        if item is None:
            return
        words, tone, part = state(self._assessing, key)
        item.setData(STATE, words)
        item.setData(TONE, tone)
        item.setData(PART, part)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}: {words}")

    def _turn(self) -> None:
        if self.key:
            self.chosen.emit(self.key)


class _Rows(QStyledItemDelegate):
    """Title over state; a thin bar below while it is being measured."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Two lines."""
        del option, index
        return QSize(120, LINE)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Ground of the chosen row, both lines, the bar."""
        tokens = theme.tokens()
        area: QRect = option.rect.adjusted(0, 1, 0, -1)  # pyright: ignore[reportAttributeAccessIssue]
        flags: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if flags & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(area, 7, 7)
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(QRect(area.left(), area.top() + 8, 3, area.height() - 16), 1, 1)
        elif flags & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(theme.mixed(tokens.surface, tokens.raised, 0.6)))
            painter.drawRoundedRect(area, 7, 7)
        words = area.adjusted(SIDE, 6, -SIDE, -6)
        painter.setFont(theme.font(13))
        painter.setPen(QColor(tokens.text))
        side = Qt.AlignmentFlag.AlignLeft
        top, bottom = (
            int(side | Qt.AlignmentFlag.AlignTop),
            int(side | Qt.AlignmentFlag.AlignBottom),
        )
        painter.drawText(words, top, str(index.data()))
        small = theme.font(11)
        painter.setFont(small)
        tone = str(index.data(TONE))
        painter.setPen(QColor(tokens.muted if tone == "text" else getattr(tokens, tone)))
        said = fitting(str(index.data(STATE)), QFontMetrics(small), words.width())
        painter.drawText(words, bottom, said)
        part = index.data(PART)
        if part is not None:
            groove = QRect(words.left(), area.bottom() - 3, words.width(), 2)
            painter.fillRect(groove, QColor(tokens.track))
            groove.setWidth(round(groove.width() * float(part)))
            painter.fillRect(groove, QColor(tokens.accent))
        painter.restore()
