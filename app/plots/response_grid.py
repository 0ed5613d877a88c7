"""Small charts side by side, one a stimulus: how a response falls as the stimulus grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots.canvas import Canvas, ink
from app.plots.outline import paint_words
from app.plots.response_chart import LEFT, Chart, band_tint, paint_chart, pen, scales, tint

NARROWEST, HEIGHT = 176.0, 148.0
"""Least width, and height, of one chart in pixels."""
LEGEND = 22.0


@dataclass(frozen=True)
class Key:
    """What the legend says.

    Attributes:
        band: what the band is, "" for none.
        floor: what the reference line is, "" for none.
        percent: whether values from 0 to 1 read as per cent.
    """

    band: str = ""
    floor: str = ""
    percent: bool = False


class ResponseGrid(Canvas):
    """Charts in as many columns as there is room for; all share one axis of values.

    The first line is painted strong with its band, the second dashed and muted, others thin in
    colours of their own. Under the mouse, or by the arrow keys, values are read off.

    Args:
        title: name for screen readers.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._charts: tuple[Chart, ...] = ()
        self._key = Key()
        self._low = 0.0
        self._cursor: tuple[int, int] | None = None
        self._mark: int | None = None
        self.setMinimumWidth(int(NARROWEST))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_charts(self, charts: Sequence[Chart], key: Key) -> None:
        """Show other charts."""
        self._charts, self._key = tuple(charts), key
        self._cursor = self._mark = None
        values = [
            value
            for chart in charts
            for line in (*chart.lines.values(), *(chart.band or ()))
            for value in line
            if math.isfinite(value)
        ]
        # Below nothing only as far as it goes, in steps of a fifth.
        self._low = min(0.0, math.floor(5 * min(values, default=0.0) + 1e-9) / 5)
        told = [f"{chart.title}: {self.reading(chart, -1)}" for chart in charts]
        self.setAccessibleDescription("; ".join(told))
        self._fit()
        self.invalidate()

    def set_mark(self, place: int | None) -> None:
        """Mark one strength in every chart, or none."""
        self._mark = place
        self.update()

    def is_empty(self) -> bool:
        """Whether there is no chart."""
        return not self._charts

    @property
    def columns(self) -> int:
        """Charts side by side."""
        return max(1, min(int(self.width() // NARROWEST), 5, len(self._charts) or 1))

    def cell(self, number: int) -> QRectF:
        """Where a chart lies."""
        wide = self.width() / self.columns
        row, column = divmod(number, self.columns)
        return QRectF(column * wide, self._legend_height() + row * HEIGHT, wide - 14, HEIGHT - 12)

    def reading(self, chart: Chart, place: int) -> str:
        """All values at one strength: ``"15°: trained 0.87 (0.80 to 0.95), untrained 0.92"``."""
        parts: list[str] = []
        for number, (name, line) in enumerate(chart.lines.items()):
            words = f"{name} {self._value(line[place])}"
            if number == 0 and chart.band is not None:
                lower, upper = (self._value(end[place]) for end in chart.band)
                words += f" ({lower} to {upper})"
            parts.append(words)
        return f"{chart.words[place]}: {', '.join(parts)}"

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(760, int(self._height()))

    def minimumSizeHint(self) -> QSize:
        """Every chart can be seen."""
        return QSize(int(NARROWEST), int(self._height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More columns where there is room."""
        super().resizeEvent(event)
        self._fit()

    # Painting

    def paint_still(self, painter: QPainter) -> None:
        """The legend, and every chart."""
        if self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        self._paint_legend(painter)
        for number, chart in enumerate(self._charts):
            paint_chart(painter, self.cell(number), chart, self._low, self._key.percent)

    def paint_live(self, painter: QPainter) -> None:
        """A hair line at the strength that is marked or read off, and the values."""
        if self._mark is not None:
            for number, chart in enumerate(self._charts):
                if self._mark < len(chart.strengths):
                    self._paint_hair(painter, number, self._mark)
        if self._cursor is None:
            return
        number, place = self._cursor
        beside = self._paint_hair(painter, number, place)
        words = self.reading(self._charts[number], place)
        paint_words(painter, words, beside, QRectF(self.rect()))

    def _paint_hair(self, painter: QPainter, number: int, place: int) -> QPointF:
        """A line at one strength and a dot on every line of the chart; its middle."""
        chart = self._charts[number]
        across, upright = scales(self.cell(number), chart, self._low, self._key.percent)
        x = across.pixel(chart.strengths[place])
        painter.setPen(QPen(ink("muted"), 1.0))
        painter.drawLine(QPointF(x, upright.stop), QPointF(x, upright.start))
        painter.setPen(Qt.PenStyle.NoPen)
        for index, line in enumerate(chart.lines.values()):
            if math.isfinite(line[place]):
                painter.setBrush(tint(index))
                painter.drawEllipse(QPointF(x, upright.pixel(line[place])), 3, 3)
        return QPointF(x, (upright.start + upright.stop) / 2)

    def _paint_legend(self, painter: QPainter) -> None:
        painter.setFont(theme.font(11))
        for left, top, kind, words in self._entries():
            middle = top + LEGEND / 2
            if kind == "band":
                painter.fillRect(QRectF(left, middle - 5, 18, 10), band_tint())
            else:
                painter.setPen(pen(kind))
                painter.drawLine(QPointF(left, middle), QPointF(left + 18, middle))
            painter.setPen(ink("muted"))
            painter.drawText(QRectF(left + 24, top, 600, LEGEND), LEFT, words)

    def _entries(self) -> list[tuple[float, float, int | str, str]]:
        """Left, top, which line and words of every entry of the legend, wrapped."""
        names = self._charts[0].lines if self._charts else {}
        wanted: list[tuple[int | str, str]] = list(enumerate(names))
        wanted += [("band", self._key.band)] if self._key.band else []
        wanted += [("floor", self._key.floor)] if self._key.floor else []
        metrics = QFontMetricsF(theme.font(11))
        placed: list[tuple[float, float, int | str, str]] = []
        left, top = 0.0, 0.0
        for kind, words in wanted:
            wide = 24 + metrics.horizontalAdvance(words) + 18
            if left and left + wide - 18 > self.width():
                left, top = 0.0, top + LEGEND
            placed.append((left, top, kind, words))
            left += wide
        return placed

    def _value(self, value: float) -> str:
        if not math.isfinite(value):
            return "unknown"
        words = f"{100 * value:.0f} %" if self._key.percent else f"{value:.2f}"
        return words.replace("-", "−")

    def _legend_height(self) -> float:
        entries = self._entries()
        return (entries[-1][1] + LEGEND + 8) if entries else 0.0

    def _height(self) -> float:
        rows = math.ceil(len(self._charts) / self.columns)
        return max(self._legend_height() + rows * HEIGHT, 80.0)

    def _fit(self) -> None:
        if self.minimumHeight() != int(self._height()):
            self.setMinimumHeight(int(self._height()))
            self.updateGeometry()

    # Reading off

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off the strength nearest to the mouse."""
        self._set_cursor(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Read off nothing."""
        self._set_cursor(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go from strength to strength and from chart to chart; Escape leaves."""
        keys = Qt.Key
        number, place = self._cursor or (0, 0)
        moves = {
            keys.Key_Right: (0, 1),
            keys.Key_Left: (0, -1),
            keys.Key_Down: (1, 0),
            keys.Key_Up: (-1, 0),
        }
        if event.key() == keys.Key_Escape and self._cursor is not None:
            self._set_cursor(None)
        elif event.key() in moves and self._charts:
            down, right = moves[keys(event.key())]
            if self._cursor is not None:
                number = min(max(number + down, 0), len(self._charts) - 1)
                place = min(max(place + right, 0), len(self._charts[number].strengths) - 1)
            self._set_cursor((number, place))
        else:
            super().keyPressEvent(event)

    def _at(self, place: QPointF) -> tuple[int, int] | None:
        for number, chart in enumerate(self._charts):
            cell = self.cell(number)
            if cell.contains(place):
                across, _ = scales(cell, chart, self._low, self._key.percent)
                far = [abs(across.pixel(one) - place.x()) for one in chart.strengths]
                return number, far.index(min(far))
        return None

    def _set_cursor(self, cursor: tuple[int, int] | None) -> None:
        if cursor != self._cursor:
            self._cursor = cursor
            self.update()
