"""The head of a plot: its title at the left, names and values at the right, in one or more rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from app import theme
from app.plots.canvas import ink

ROW = 18.0
GAP = 12.0
WIDEST_VALUE = "−0.0000"
"""Room kept for a value, so that the head does not jump when the cursor comes and goes."""


@dataclass(frozen=True)
class Entry:
    """One name of a legend.

    Attributes:
        name: may be empty where the value speaks for itself.
        colour: of the name.
        value: read off at the cursor, or empty.
        strong: whether the value is painted in the text colour instead.
        values: whether room for a value is kept even while there is none.
    """

    name: str
    colour: QColor
    value: str = ""
    strong: bool = False
    values: bool = True

    @property
    def text(self) -> str:
        """Name and value together."""
        return f"{self.name} {self.value}".strip()


@dataclass(frozen=True)
class Head:
    """A laid-out head: ``rows`` of entries under or beside the title, and their height."""

    title: str
    note: str
    rows: tuple[tuple[Entry, ...], ...]
    beside: bool

    @property
    def height(self) -> float:
        """Height in pixels, 0 for an empty head."""
        count = len(self.rows) + (0 if self.beside else bool(self.title or self.note))
        return ROW * max(count, 1 if self.title or self.note else 0)

    def paint(self, painter: QPainter, left: float, top: float, width: float) -> None:
        """Paint from the left and top of a place of this width."""
        painter.setFont(theme.font(12, bold=True))
        metrics = QFontMetricsF(painter.font())
        room = width
        if self.beside and self.rows:
            room = width - sum(metrics.horizontalAdvance(e.text) + GAP for e in self.rows[0])
        if self.title or self.note:
            self._paint_title(painter, QRectF(left, top, max(room, 0.0), ROW))
        for number, row in enumerate(self.rows):
            y = top + ROW * (number if self.beside else number + bool(self.title or self.note))
            used = sum(metrics.horizontalAdvance(e.text) for e in row) + GAP * (len(row) - 1)
            x = left + max(width - used, 0.0) if self.beside else left
            for entry in row:
                x = self._paint_entry(painter, metrics, entry, x, y, left + width) + GAP

    def _paint_title(self, painter: QPainter, rect: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        title = metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, rect.width())
        painter.setPen(ink("muted"))
        painter.drawText(rect, flags, title)
        used = metrics.horizontalAdvance(title) + (8 if title else 0)
        if self.note and rect.width() - used > 30:
            painter.setFont(theme.font(11))
            text = QFontMetricsF(painter.font()).elidedText(
                self.note, Qt.TextElideMode.ElideRight, rect.width() - used
            )
            painter.drawText(rect.adjusted(used, 0, 0, 0), flags, text)
            painter.setFont(theme.font(12, bold=True))

    @staticmethod
    def _paint_entry(
        painter: QPainter, metrics: QFontMetricsF, entry: Entry, x: float, y: float, stop: float
    ) -> float:
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        room = max(stop - x, 0.0)
        name = metrics.elidedText(entry.name, Qt.TextElideMode.ElideRight, room)
        tint = QColor(theme.readable(entry.colour.name(), theme.tokens().surface))
        painter.setPen(tint)
        painter.drawText(QRectF(x, y, room, ROW), flags, name)
        x += metrics.horizontalAdvance(name)
        if entry.value:
            x += metrics.horizontalAdvance(" ") if name else 0.0
            painter.setPen(ink("text") if entry.strong else tint)
            painter.drawText(QRectF(x, y, max(stop - x, 0.0), ROW), flags, entry.value)
            x += metrics.horizontalAdvance(entry.value)
        return x


def laid_out(title: str, entries: Sequence[Entry], width: float, note: str = "") -> Head:
    """Beside the title if all fit there with their widest values, else in rows under it."""
    metrics = QFontMetricsF(theme.font(12, bold=True))

    def reserved(entry: Entry) -> float:
        value = max(entry.value, WIDEST_VALUE if entry.values else "", key=len)
        return metrics.horizontalAdvance(f"{entry.name} {value}".strip())

    wanted = sum(reserved(entry) + GAP for entry in entries)
    least = metrics.horizontalAdvance(title) if title else 0.0
    if least + wanted <= width or (len(entries) == 1 and wanted <= 0.6 * width):
        return Head(title, note, (tuple(entries),) if entries else (), beside=True)
    rows: list[tuple[Entry, ...]] = []
    row: list[Entry] = []
    used = 0.0
    for entry in entries:
        size = reserved(entry)
        if row and used + GAP + size > width:
            rows.append(tuple(row))
            row, used = [], 0.0
        row.append(entry)
        used += size + (GAP if used else 0.0)
    if row:
        rows.append(tuple(row))
    return Head(title, note, tuple(rows), beside=False)
