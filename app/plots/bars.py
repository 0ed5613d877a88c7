"""One bar per named thing, lying, with its value behind it and a reference line through all."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours
from app.plots.axis import reading
from app.plots.canvas import Canvas, ink
from app.plots.head import Entry, Head, laid_out
from sslcore.diagnostics import Bars

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
READABLE = 13.0
FOOT = 16.0


class BarsPlot(Canvas):
    """Paints a :class:`sslcore.diagnostics.Bars`."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._shown: Bars | None = None
        self._row: int | None = None
        self.setMinimumSize(160, 80)

    def sizeHint(self) -> QSize:
        """As high as its bars ask for, within reason."""
        count = len(self._shown.labels) if self._shown is not None else 6
        return QSize(360, int(min(max(count, 3), 16) * 24 + FOOT + 26))

    def set_diagnostic(self, diagnostic: Bars) -> None:
        """Paint these bars from now on."""
        self._shown = diagnostic
        self._row = None
        words = zip(diagnostic.labels, diagnostic.values.tolist(), strict=True)
        self.setAccessibleDescription(", ".join(f"{n} {self._read(v)}" for n, v in words)[:500])
        self.updateGeometry()
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is no bar."""
        return self._shown is None or not len(self._shown.labels)

    def _head(self) -> Head:
        entries: list[Entry] = []
        shown = self._shown
        if shown is not None and self._row is not None:
            value = self._read(self._value(self._row))
            entries.append(Entry(shown.labels[self._row], ink("text"), value))
        elif shown is not None and shown.reference is not None:
            entries.append(Entry("reference", ink("muted"), self._read(shown.reference)))
        return laid_out(self.title, entries[:1], self.width())

    def _read(self, value: float) -> str:
        """A value in words: a share of a thousandth keeps a figure behind the point."""
        if self._shown is None or not self._shown.percent or not np.isfinite(value):
            return reading(value)
        return f"{100 * value:.1f} %" if value >= 0.01 or value == 0 else f"{100 * value:.2f} %"

    def _value(self, row: int) -> float:
        return float(self._shown.values[row]) if self._shown is not None else float("nan")

    def _rows(self) -> tuple[float, float]:
        """Top of the first row and height of each."""
        top = (18.0 if self.title or self._shown is not None else 0.0) + 6
        count = len(self._shown.labels) if self._shown is not None else 1
        return top, min((self.height() - top - FOOT) / max(count, 1), 28.0)

    def paint_still(self, painter: QPainter) -> None:
        """Labels, bars, values, the reference."""
        shown = self._shown
        if shown is None or self.is_empty():
            self._head().paint(painter, 0, 0, self.width())
            self.paint_empty(painter, QRectF(self.rect()))
            return
        top, step = self._rows()
        painter.setFont(theme.font(11))
        metrics = QFontMetricsF(painter.font())
        readable = step >= READABLE
        texts = [self._read(float(value)) for value in shown.values]
        label_room = value_room = 0.0
        if readable:
            widest = max(metrics.horizontalAdvance(label) for label in shown.labels)
            label_room = min(widest, self.width() * 0.4) + 8
            value_room = max(metrics.horizontalAdvance(text) for text in texts) + 6
        finite = shown.values[np.isfinite(shown.values)]
        marks = [0.0, *([shown.reference] if shown.reference is not None else [])]
        low = min(float(finite.min(initial=0.0)), *marks, 0.0)
        high = max(float(finite.max(initial=0.0)), *marks, 1e-12)
        start, stop = label_room, self.width() - value_room - 2
        unit = (stop - start) / (high - low)
        zero = start + (0.0 - low) * unit
        thick = max(min(step - 4, 14.0), min(step, 1.0))
        for row, value in enumerate(shown.values.tolist()):
            middle = top + (row + 0.5) * step
            if readable:
                painter.setPen(ink("muted"))
                name = metrics.elidedText(
                    shown.labels[row], Qt.TextElideMode.ElideRight, label_room - 8
                )
                painter.drawText(QRectF(0, middle - 8, label_room - 8, 16), RIGHT, name)
            end = zero + (value * unit if np.isfinite(value) else 0.0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.series_colour(0))
            bar = QRectF(QPointF(min(zero, end), middle - thick / 2),
                         QPointF(max(zero, end), middle + thick / 2))  # fmt: skip
            painter.drawRoundedRect(bar, min(2.0, thick / 2), min(2.0, thick / 2))
            if readable:
                painter.setPen(ink("text"))
                after = QRectF(max(end, zero) + 5, middle - 8, value_room, 16)
                painter.drawText(after, LEFT, texts[row])
        bottom = top + step * len(shown.labels)
        painter.setPen(QPen(ink("border"), 1.0))
        painter.drawLine(QPointF(zero, top), QPointF(zero, bottom))
        if shown.reference is not None:
            pixel = start + (shown.reference - low) * unit
            painter.setPen(QPen(ink("text"), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(pixel, top - 2), QPointF(pixel, bottom + 2))
        painter.setPen(ink("muted"))
        axis = metrics.elidedText(shown.axis, Qt.TextElideMode.ElideRight, self.width() - start)
        painter.drawText(QRectF(start, bottom, self.width() - start, FOOT), LEFT, axis)

    def paint_live(self, painter: QPainter) -> None:
        """Head, and the row under the mouse."""
        self._head().paint(painter, 0, 0, self.width())
        if self._row is not None:
            top, step = self._rows()
            painter.fillRect(QRectF(0, top + self._row * step, self.width(), step), ink("text", 18))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off the bar under the mouse."""
        top, step = self._rows()
        row = int((event.position().y() - top) // max(step, 1e-6))
        count = len(self._shown.labels) if self._shown is not None else 0
        self._set_row(row if 0 <= row < count else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing to read off."""
        self._set_row(None)
        super().leaveEvent(event)

    def _set_row(self, row: int | None) -> None:
        if row != self._row:
            self._row = row
            self.update()
