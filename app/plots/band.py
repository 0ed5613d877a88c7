"""Lines over a few named places (strengths, sizes), each with a band, and a level to beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours, frame
from app.plots.axis import Scale, limits
from app.plots.canvas import Canvas, ink
from app.plots.head import Entry, Head, laid_out

FOOT = 30.0
"""Ticks, and below them what the axis is."""
SHADE = 56


@dataclass(frozen=True, eq=False)
class Band:
    """One line.

    Attributes:
        name: in the legend.
        middle: (N,) values, not finite where there is none.
        low, high: (N,) ends of the band around it, or None.
        series: number of its colour; None paints it muted, as a reference.
    """

    name: str
    middle: NDArray[np.float64]
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    series: int | None = 0

    @property
    def tint(self) -> QColor:
        """Its colour in the theme in use."""
        return ink("muted") if self.series is None else colours.series_colour(self.series)


class BandPlot(Canvas):
    """Paints bands over places that stand evenly side by side.

    Signals:
        clicked(): by the mouse, or Enter.
    """

    clicked = Signal()

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._bands: tuple[Band, ...] = ()
        self._places: tuple[str, ...] = ()
        self._axis = ""
        self._units = frame.Units()
        self._log = False
        self._reference: tuple[str, float] | None = None
        self._summary = ""
        self._at: int | None = None
        self._chosen = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(180, 150)

    def sizeHint(self) -> QSize:
        """Small: several of them stand side by side."""
        return QSize(260, 180)

    def show_bands(
        self,
        places: Sequence[str],
        bands: Sequence[Band],
        axis: str,
        unit: str = "",
        *,
        percent: bool = False,
        log: bool = False,
        reference: tuple[str, float] | None = None,
        summary: str = "",
    ) -> None:
        """Show other lines.

        Args:
            places: words of the N places, written below.
            bands: lines over them.
            axis: what the places are, with a unit.
            unit: of the values, behind the title.
            percent: whether values in 0..1 read as per cent.
            log: whether the value axis is logarithmic.
            reference: name and height of a level line.
            summary: what is written at the right of the title while nothing is read off.
        """
        self._places, self._bands, self._axis = tuple(places), tuple(bands), axis
        self._units = frame.Units("", unit, percent)
        self._log, self._reference, self._summary, self._at = log, reference, summary, None
        told = [
            f"{one.name}: " + ", ".join(self._read(value) for value in one.middle.tolist())
            for one in bands
        ]
        self.setAccessibleDescription("; ".join(told)[:500])
        self.invalidate()

    def set_chosen(self, chosen: bool) -> None:
        """Frame the plot as the one that is looked into."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.invalidate()

    @property
    def places(self) -> tuple[str, ...]:
        """Words of the places."""
        return self._places

    @property
    def bands(self) -> tuple[Band, ...]:
        """What is shown."""
        return self._bands

    @property
    def at(self) -> int | None:
        """The place under the mouse or the keyboard."""
        return self._at

    def is_empty(self) -> bool:
        """Whether there is no value."""
        return not any(np.isfinite(one.middle).any() for one in self._bands)

    def _read(self, value: float) -> str:
        return self._units.reading(value) if np.isfinite(value) else "–"

    def _head(self) -> Head:
        at, entries = self._at, list[Entry]()
        if at is None and self._summary:
            entries.append(Entry(self._summary, ink("text"), values=False))
        elif len(self._bands) > 1 or at is not None:
            for one in self._bands:
                value = "" if at is None else self._read(float(one.middle[at]))
                entries.append(Entry(one.name, one.tint, value, values=at is not None))
        if self._reference is not None and at is None and not self._summary:
            name, value = self._reference
            entries.append(Entry(name, ink("muted"), self._read(value), values=False))
        return laid_out(self.title, entries, self.width() - 8, self._units.y)

    def _frame(self, head: Head) -> tuple[Scale, Scale]:
        """The upright axis, and the lying one in numbers of places."""
        values = [part for one in self._bands for part in (one.middle, one.low, one.high)]
        every = np.concatenate([one for one in values if one is not None])
        if self._reference is not None:
            every = np.append(every, self._reference[1])
        every = every[np.isfinite(every) & ((every > 0) | (not self._log))]
        low, high = limits(float(every.min()), float(every.max()), log=self._log, count=3)
        if self._units.percent:
            high = min(high, 1.0)
        y = Scale(low, high, self.height() - FOOT, head.height + 12.0, self._log)
        metrics = QFontMetricsF(theme.font(11))
        ticks = frame.y_ticks(y)
        texts = [
            self._units.tick(value, frame.step_of(ticks, self._log, place))
            for place, value in enumerate(ticks)
        ]
        left = max(max(metrics.horizontalAdvance(text) for text in texts) + 12, 26.0)
        return y, Scale(-0.5, len(self._places) - 0.5, left, self.width() - 4.0)

    def paint_still(self, painter: QPainter) -> None:
        """Grid, bands, lines."""
        head = self._head()
        if self._chosen:
            painter.setPen(QPen(ink("accent", 160), 1.0))
            painter.setBrush(ink("accent", 16))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if self.is_empty():
            head.paint(painter, 4, 2, self.width() - 8)
            self.paint_empty(painter, QRectF(self.rect()))
            return
        y, x = self._frame(head)
        self._paint_grid(painter, x, y)
        for one in self._bands:
            self._paint_band(painter, one, x, y)

    def _paint_grid(self, painter: QPainter, x: Scale, y: Scale) -> None:
        painter.setFont(theme.font(11))
        metrics = QFontMetricsF(painter.font())
        ticks = frame.y_ticks(y)
        for place, value in enumerate(ticks):
            height = round(y.pixel(value)) + 0.5
            painter.setPen(QPen(ink("border"), 1.0))
            painter.drawLine(QPointF(x.start, height), QPointF(x.stop, height))
            painter.setPen(ink("muted"))
            text = self._units.tick(value, frame.step_of(ticks, self._log, place))
            painter.drawText(QRectF(0, height - 8, x.start - 8, 16), frame.RIGHT, text)
        widest = max(metrics.horizontalAdvance(one) for one in self._places) + 6
        room = (x.stop - x.start) / len(self._places)
        stride = max(int(np.ceil(widest / max(room, 1.0))), 1)
        for place, words in enumerate(self._places):
            if place % stride == 0:
                area = QRectF(x.pixel(place) - widest / 2, y.start + 2, widest, 14)
                painter.drawText(area, frame.CENTRE, words)
        axis = metrics.elidedText(self._axis, Qt.TextElideMode.ElideRight, x.stop - x.start)
        painter.drawText(QRectF(x.start, y.start + 15, x.stop - x.start, 14), frame.RIGHT, axis)
        if self._reference is not None:
            height = round(y.pixel(self._reference[1])) + 0.5
            painter.setPen(QPen(ink("text", 150), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x.start, height), QPointF(x.stop, height))

    def _paint_band(self, painter: QPainter, one: Band, x: Scale, y: Scale) -> None:
        across = x.pixels(np.arange(len(self._places)))
        there = np.isfinite(one.middle) & ((one.middle > 0) | (not self._log))
        tint = one.tint

        def points(values: NDArray[np.float64]) -> list[QPointF]:
            floor = y.low if self._log else -np.inf
            down = y.pixels(np.maximum(values[there], floor))
            return [QPointF(a, b) for a, b in zip(across[there], down, strict=True)]

        if one.low is not None and one.high is not None:
            shade = QColor(tint)
            shade.setAlpha(SHADE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawPolygon(QPolygonF([*points(one.low), *reversed(points(one.high))]))
        line = points(one.middle)
        if theme.tokens().outline and colours.needs_outline(tint):
            painter.setPen(QPen(ink("outline"), 3.2))
            painter.drawPolyline(QPolygonF(line))
        dashed = Qt.PenStyle.DotLine if one.series is None else Qt.PenStyle.SolidLine
        painter.setPen(QPen(tint, 1.6, dashed))
        painter.drawPolyline(QPolygonF(line))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        for point in line:
            painter.drawEllipse(point, 2.4, 2.4)

    def paint_live(self, painter: QPainter) -> None:
        """Head, and the place under the mouse."""
        head = self._head()
        head.paint(painter, 4, 2, self.width() - 8)
        if self._at is None:
            return
        y, x = self._frame(head)
        pixel = x.pixel(self._at)
        painter.setPen(QPen(ink("muted"), 1.0))
        painter.drawLine(QPointF(pixel, y.stop), QPointF(pixel, y.start))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off the place under the mouse."""
        if self.is_empty():
            return
        _, x = self._frame(self._head())
        place = round(x.value(event.position().x()))
        self._set_at(place if 0 <= place < len(self._places) else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing to read off."""
        self._set_at(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask to look into this plot."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right read off, Enter looks into the plot, Escape lets go."""
        key = event.key()
        last = len(self._places) - 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and last >= 0:
            start = last if key == Qt.Key.Key_Left else 0
            step = -1 if key == Qt.Key.Key_Left else 1
            self._set_at(start if self._at is None else min(max(self._at + step, 0), last))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        elif key == Qt.Key.Key_Escape and self._at is not None:
            self._set_at(None)
        else:
            super().keyPressEvent(event)

    def _set_at(self, at: int | None) -> None:
        if at != self._at:
            self._at = at
            self.update()
