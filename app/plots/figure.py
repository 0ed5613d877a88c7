"""A number that sums something up, with its name above and how it came about behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from app.plots import colours
from app.plots.axis import reading
from app.plots.canvas import Canvas, ink
from app.plots.line import nearest
from app.plots.series import smoothed, thinned

LINE = 15.0
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
SMOOTHING = 0.6
"""Of the small line; the number is the raw one."""


class FigurePlot(Canvas):
    """A figure in a row of figures.

    Args:
        name: of the number.
        series: number of its colour, or None for a figure without a line.
    """

    def __init__(self, name: str, series: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._series = series
        self._value = float("nan")
        self._x = np.zeros(0)
        self._y = np.zeros(0)
        self._at: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(64)

    def sizeHint(self) -> QSize:
        """A line of words over a line of digits."""
        return QSize(100, 36)

    @property
    def value(self) -> float:
        """The number that is written."""
        return self._value

    def show_value(self, value: float) -> None:
        """Write another number."""
        if value != self._value:
            self._value = value
            self._say()

    def show_line(self, x: NDArray[Any], y: NDArray[Any], at: float | None = None) -> None:
        """Write the number at a place of a line, and paint the line.

        Args:
            x: (N,) rising positions.
            y: (N,) values; those that are not finite are not painted.
            at: position whose value is written; None is the last.
        """
        self._x, self._y, self._at = np.asarray(x, np.float64), np.asarray(y, np.float64), at
        place = -1 if at is None else nearest(self._x, at)
        self._value = float(self._y[place]) if len(self._y) else float("nan")
        self._say()

    def _say(self) -> None:
        self.setAccessibleDescription(reading(self._value))
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is no number."""
        return bool(np.isnan(self._value))

    def paint_still(self, painter: QPainter) -> None:
        """Name, number, line."""
        painter.setFont(theme.font(11))
        painter.setPen(ink("muted"))
        name = QFontMetricsF(painter.font()).elidedText(
            self.title, Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(QRectF(0, 0, self.width(), LINE), LEFT, name)
        painter.setFont(theme.font(14, bold=True))
        painter.setPen(ink("muted" if self.is_empty() else "text"))
        words = "–" if self.is_empty() else reading(self._value)
        place = QRectF(0, LINE, self.width(), self.height() - LINE)
        painter.drawText(place, LEFT, words)
        left = QFontMetricsF(painter.font()).horizontalAdvance(words) + 8
        room = QRectF(left, LINE + 3, self.width() - left - 4, self.height() - LINE - 6)
        if room.width() >= 16:
            self._paint_line(painter, room)

    def _paint_line(self, painter: QPainter, room: QRectF) -> None:
        values = smoothed(self._y, SMOOTHING)
        there = np.isfinite(values) & np.isfinite(self._y)
        x, y = self._x[there], values[there]
        if self._series is None or len(x) < 2 or x[-1] <= x[0]:
            return
        low, high = float(y.min()), float(y.max())
        columns = room.left() + (x - x[0]) / (x[-1] - x[0]) * room.width()
        across, heights = thinned(columns, y, columns * self.devicePixelRatioF())
        down = room.bottom() - (heights - low) / max(high - low, 1e-12) * room.height()
        tint = colours.series_colour(self._series)
        if theme.tokens().outline and colours.needs_outline(tint):
            tint = ink("muted")
        painter.setPen(QPen(QColor(tint), 1.4))
        painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in zip(across, down, strict=True)]))
        place = len(x) - 1 if self._at is None else nearest(x, self._at)
        dot = QPointF(
            float(columns[place]),
            room.bottom() - (float(y[place]) - low) / max(high - low, 1e-12) * room.height(),
        )
        painter.setPen(QPen(ink("surface"), 1.0))
        painter.setBrush(QColor(tint))
        painter.drawEllipse(dot, 2.6, 2.6)
