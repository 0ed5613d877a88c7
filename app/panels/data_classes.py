"""How many images each class has: one line of name, bar and count per class; a line filters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme

LINE = 22
SHOWN = 12
"""Classes listed; of more, the largest are."""


class ClassBars(QWidget):
    """Bars of class sizes, largest first where there are too many to list.

    Attributes:
        chosen: position of the class that was clicked, or -1 when it was clicked again.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[tuple[int, str, int]] = []
        self._rest = 0
        self._line = 0
        self._filter = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Images per class")
        self.setToolTip("Click a class to see only its images")
        theme.current().changed.connect(self.update)

    def show_counts(self, names: Sequence[str], counts: Sequence[int]) -> None:
        """Classes in catalogue order with the number of their images."""
        entries = [(n, name, int(counts[n])) for n, name in enumerate(names)]
        if len(entries) > SHOWN:
            entries.sort(key=lambda entry: -entry[2])
        self._rest = max(len(entries) - SHOWN, 0)
        self._entries = entries[:SHOWN]
        self._line, self._filter = 0, -1
        words = ", ".join(f"{name} {count:,}" for _, name, count in self._entries)
        self.setAccessibleDescription(words)
        self.setVisible(bool(entries))
        self.updateGeometry()
        self.update()

    def set_filter(self, number: int) -> None:
        """Mark the class that the gallery shows, or none (-1)."""
        self._filter = number
        self.update()

    def line(self, number: int) -> QRect:
        """Where the n-th line is painted."""
        return QRect(0, number * LINE, self.width(), LINE)

    def sizeHint(self) -> QSize:
        """One line per class, and one for the rest."""
        return QSize(240, LINE * (len(self._entries) + bool(self._rest)))

    def minimumSizeHint(self) -> QSize:
        """As tall as it is."""
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, bar, count."""
        del event
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        largest = max((count for _, _, count in self._entries), default=1)
        metrics = painter.fontMetrics()
        wide = [metrics.horizontalAdvance(name) for _, name, _ in self._entries]
        names = min(max(wide, default=0) + 14, self.width() // 3)
        numbers = metrics.horizontalAdvance(f"{largest:,}") + 12
        middle = Qt.AlignmentFlag.AlignVCenter
        for place, (number, name, count) in enumerate(self._entries):
            line = self.line(place)
            chosen = number == self._filter
            painter.setPen(QColor(tokens.accent if chosen else tokens.text))
            short = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, names - 10)
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, short)
            groove = QRect(names, line.center().y() - 3, line.width() - names - numbers, 7)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.track))
            painter.drawRoundedRect(groove, 3, 3)
            groove.setWidth(max(round(groove.width() * count / max(largest, 1)), 4))
            dim = theme.mixed(tokens.accent, tokens.surface, 0.3)
            painter.setBrush(QColor(tokens.accent if chosen or self._filter < 0 else dim))
            painter.drawRoundedRect(groove, 3, 3)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, f"{count:,}")
            if self.hasFocus() and place == self._line:
                painter.setPen(QColor(tokens.accent))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(line.adjusted(0, 1, -1, -1), 4, 4)
        if self._rest:
            painter.setPen(QColor(tokens.muted))
            line = self.line(len(self._entries))
            painter.drawText(line, middle, f"and {self._rest:,} smaller classes")
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a class, or let go of it."""
        self._choose(int(event.position().y()) // LINE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down walk, Space or Enter chooses."""
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if key == Qt.Key.Key_Down else -1
            self._line = min(max(self._line + step, 0), max(len(self._entries) - 1, 0))
            self.update()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._line)
        else:
            super().keyPressEvent(event)

    def _choose(self, line: int) -> None:
        if not 0 <= line < len(self._entries):
            return
        self._line = line
        number = self._entries[line][0]
        self.set_filter(-1 if number == self._filter else number)
        self.chosen.emit(self._filter)
