"""A line to type into that paints a unit behind what is typed."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app import theme

NUMBER = 62
"""Room for a number such as 0.00051, with the padding of the field, in pixels."""


class UnitLine(QLineEdit):
    """A :class:`QLineEdit`; the unit is painted, not part of the text."""

    def __init__(self, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = unit
        if unit:
            self.setTextMargins(0, 0, self._unit_width(), 0)

    def number_width(self) -> int:
        """A width that fits a number and the unit; equal for all fields without one."""
        return max(78, NUMBER + self._unit_width())

    def _unit_width(self) -> int:
        if not self._unit:
            return 0
        return int(QFontMetricsF(theme.font(11)).horizontalAdvance(self._unit)) + 5

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line as Qt paints it, then the unit."""
        super().paintEvent(event)
        if not self._unit:
            return
        painter = QPainter(self)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.tokens().muted))
        place = QRectF(self.rect()).adjusted(0, 0, -9, 0)
        flags = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(place, flags, self._unit)
        painter.end()
