"""Small charts side by side, one a stimulus: how a response falls as the stimulus grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours
from app.plots.axis import Scale
from app.plots.canvas import Canvas, ink
from app.plots.outline import paint_words

NARROWEST, HEIGHT = 176.0, 148.0
"""Least width, and height, of one chart in pixels."""
LEGEND = 22.0
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)


@dataclass(frozen=True)
class Chart:
    """One small chart.

    Attributes:
        title: what is turned up.
        scale: what its strength counts, with the unit.
        strengths: from nothing on; may fall.
        words: each strength with its unit.
        lines: a value for each strength by name of the line; NaN where there is none.
        band: lower and upper ends of a band for each strength, about the first line, or None.
        floor: level of a grey reference line, or None.
    """

    title: str
    scale: str
    strengths: tuple[float, ...]
    words: tuple[str, ...]
    lines: dict[str, tuple[float, ...]]
    band: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    floor: float | None = None


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
            self._paint_chart(painter, self.cell(number), chart)

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
        across, upright = self._scales(self.cell(number), chart)
        x = across.pixel(chart.strengths[place])
        painter.setPen(QPen(ink("muted"), 1.0))
        painter.drawLine(QPointF(x, upright.stop), QPointF(x, upright.start))
        painter.setPen(Qt.PenStyle.NoPen)
        for index, line in enumerate(chart.lines.values()):
            if math.isfinite(line[place]):
                painter.setBrush(_tint(index))
                painter.drawEllipse(QPointF(x, upright.pixel(line[place])), 3, 3)
        return QPointF(x, (upright.start + upright.stop) / 2)

    def _paint_legend(self, painter: QPainter) -> None:
        painter.setFont(theme.font(11))
        for left, top, kind, words in self._entries():
            middle = top + LEGEND / 2
            if kind == "band":
                painter.fillRect(QRectF(left, middle - 5, 18, 10), _band_tint())
            else:
                painter.setPen(self._pen(kind))
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

    def _paint_chart(self, painter: QPainter, cell: QRectF, chart: Chart) -> None:
        across, upright = self._scales(cell, chart)
        painter.setFont(theme.font(12, bold=True))
        painter.setPen(ink("text"))
        painter.drawText(QRectF(cell.left(), cell.top(), cell.width(), 18), LEFT, chart.title)
        painter.setFont(theme.font(10))
        for value in (self._low, 0.0, 0.5, 1.0):
            height = round(upright.pixel(value)) + 0.5
            painter.setPen(QPen(ink("border"), 1.0))
            painter.drawLine(QPointF(across.start, height), QPointF(across.stop, height))
            painter.setPen(ink("muted"))
            words = f"{100 * value:.0f} %" if self._key.percent else f"{value:g}"
            area = QRectF(cell.left(), height - 7, across.start - cell.left() - 5, 14)
            painter.drawText(area, RIGHT, words.replace("-", "−"))
        self._paint_strengths(painter, cell, chart, across, upright)
        painter.save()
        painter.setClipRect(
            QRectF(across.start - 2, upright.stop - 3, across.stop - across.start + 4, HEIGHT)
        )
        if chart.floor is not None:
            height = upright.pixel(chart.floor)
            painter.setPen(self._pen("floor"))
            painter.drawLine(QPointF(across.start, height), QPointF(across.stop, height))
        if chart.band is not None:
            self._paint_band(painter, chart, across, upright)
        for index, line in reversed(list(enumerate(chart.lines.values()))):
            painter.setPen(self._pen(index))
            painter.drawPath(_path(chart.strengths, line, across, upright))
        painter.restore()

    def _paint_strengths(
        self, painter: QPainter, cell: QRectF, chart: Chart, across: Scale, upright: Scale
    ) -> None:
        """Ticks at the ends and where there is room, and what is counted."""
        metrics = QFontMetricsF(painter.font())
        top = upright.start + 3
        painter.setPen(ink("muted"))
        taken: list[tuple[float, float]] = []
        order = [0, len(chart.strengths) - 1, *range(1, len(chart.strengths) - 1)]
        for place in order:
            words = f"{chart.strengths[place]:g}"
            wide = metrics.horizontalAdvance(words)
            left = across.pixel(chart.strengths[place]) - wide / 2
            left = min(max(left, across.start - 3), across.stop + 3 - wide)
            if all(left + wide + 8 < start or left > stop + 8 for start, stop in taken):
                painter.drawText(QRectF(left, top, wide + 1, 13), LEFT, words)
                taken.append((left, left + wide))
        painter.drawText(
            QRectF(across.start, top + 13, cell.right() - across.start, 14), CENTRE, chart.scale
        )

    def _paint_band(self, painter: QPainter, chart: Chart, across: Scale, upright: Scale) -> None:
        assert chart.band is not None  # asked before
        lower, upper = chart.band
        there = [
            (x, low, high)
            for x, low, high in zip(chart.strengths, lower, upper, strict=True)
            if math.isfinite(low) and math.isfinite(high)
        ]
        corners = [QPointF(across.pixel(x), upright.pixel(high)) for x, _, high in there]
        corners += [QPointF(across.pixel(x), upright.pixel(low)) for x, low, _ in reversed(there)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_band_tint())
        painter.drawPolygon(QPolygonF(corners))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _scales(self, cell: QRectF, chart: Chart) -> tuple[Scale, Scale]:
        left = cell.left() + (38 if self._key.percent else 26)
        across = Scale(chart.strengths[0], chart.strengths[-1], left, cell.right() - 3)
        return across, Scale(self._low, 1.0, cell.bottom() - 32, cell.top() + 24)

    def _pen(self, kind: int | str) -> QPen:
        if kind == "floor":
            return QPen(ink("muted", 150), 1.0, Qt.PenStyle.DotLine)
        number = int(kind)
        style = Qt.PenStyle.DashLine if number == 1 else Qt.PenStyle.SolidLine
        pen = QPen(_tint(number), 2.0 if number == 0 else 1.4, style)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return pen

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
                across, _ = self._scales(cell, chart)
                far = [abs(across.pixel(one) - place.x()) for one in chart.strengths]
                return number, far.index(min(far))
        return None

    def _set_cursor(self, cursor: tuple[int, int] | None) -> None:
        if cursor != self._cursor:
            self._cursor = cursor
            self.update()


def _tint(number: int) -> QColor:
    """Of a line: the first in the first colour, the second muted, the others from the second on."""
    return ink("muted") if number == 1 else colours.series_colour(max(number - 1, 0))


def _band_tint() -> QColor:
    tint = colours.series_colour(0)
    tint.setAlpha(48)
    return tint


def _path(
    strengths: Sequence[float], line: Sequence[float], across: Scale, upright: Scale
) -> QPainterPath:
    path = QPainterPath()
    drawing = False
    for strength, value in zip(strengths, line, strict=True):
        if not math.isfinite(value):
            drawing = False
            continue
        point = QPointF(across.pixel(strength), upright.pixel(value))
        if drawing:
            path.lineTo(point)
        else:
            path.moveTo(point)
        drawing = True
    return path
