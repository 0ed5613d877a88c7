"""How values of one or more groups are spread: overlaid steps as shares, with reference marks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours, frame
from app.plots.axis import Scale, limits, reading
from app.plots.canvas import Canvas, ink
from app.plots.head import Entry, Head, laid_out
from sslcore.diagnostics import Histogram


class HistogramPlot(Canvas):
    """Paints a :class:`sslcore.diagnostics.Histogram`; each group's bars sum to 100 %.

    Shares, not counts: groups of very different size (pairs that match and all others) can be
    compared only so. The counts of a bin are read off with the mouse.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._shown: Histogram | None = None
        self._series: Mapping[str, int] = {}
        self._bin: int | None = None
        self._scales: tuple[Scale, Scale] | None = None
        self.setMinimumSize(160, 110)

    def sizeHint(self) -> QSize:
        """A calm default."""
        return QSize(360, 200)

    def set_diagnostic(
        self, diagnostic: Histogram, series: Mapping[str, int] | None = None
    ) -> None:
        """Paint these counts from now on.

        Args:
            diagnostic: the counts.
            series: numbers of the groups' colours, where those of their places will not do.
        """
        self._shown, self._series = diagnostic, series or {}
        self._bin = None
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is not one count."""
        return self._shown is None or not any(c.sum() for c in self._shown.counts.values())

    def _tints(self, shown: Histogram) -> dict[str, QColor]:
        return {
            name: colours.series_colour(self._series.get(name, index))
            for index, name in enumerate(shown.counts)
        }

    def paint_still(self, painter: QPainter) -> None:
        """Axes, marks, groups."""
        shown = self._shown
        self._scales = None
        if shown is None or self.is_empty():
            self._head().paint(painter, 0, 0, self.width())
            self.paint_empty(painter, QRectF(self.rect()))
            return
        head = self._head()
        rect = QRectF(0, head.height + 6, self.width(), max(self.height() - head.height - 6, 40.0))
        shares = {n: c / max(int(c.sum()), 1) for n, c in shown.counts.items()}
        highest = max(float(share.max()) for share in shares.values())
        units = frame.Units(shown.axis, "", percent=True)
        ends = (float(shown.edges[0]), float(shown.edges[-1]))
        x, y = self._scales = frame.scales(rect, ends, limits(0.0, highest, count=3), False, units)
        frame.paint_grid(painter, x, y, units)
        columns = np.repeat(x.pixels(shown.edges), 2)
        for name, colour in self._tints(shown).items():
            heights = np.concatenate([[y.start], np.repeat(y.pixels(shares[name]), 2), [y.start]])
            outline = [QPointF(a, b) for a, b in zip(columns, heights, strict=True)]
            fill = QColor(colour)
            fill.setAlpha(70)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF(outline))
            painter.setPen(QPen(colour, 1.3))
            painter.drawPolyline(QPolygonF(outline))
        self._paint_marks(painter, shown, x, y)

    def _paint_marks(self, painter: QPainter, shown: Histogram, x: Scale, y: Scale) -> None:
        painter.setFont(theme.font(10))
        metrics = QFontMetricsF(painter.font())
        for row, (name, value) in enumerate(shown.marks.items()):
            if not x.low <= value <= x.high:
                continue
            pixel = round(x.pixel(value)) + 0.5
            painter.setPen(QPen(ink("text"), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(pixel, y.stop), QPointF(pixel, y.start))
            width = metrics.horizontalAdvance(name)
            left = pixel + 4 if pixel + 6 + width < x.stop else pixel - 4 - width
            painter.setPen(ink("muted"))
            painter.drawText(QPointF(left, y.stop + 10 + 12 * (row % 3)), name)

    def _head(self) -> Head:
        shown = self._shown
        entries: list[Entry] = []
        if shown is not None:
            for name, colour in self._tints(shown).items():
                value = "" if self._bin is None else f"{int(shown.counts[name][self._bin]):,}"
                entries.append(Entry(name, colour, value))
        return laid_out(self.title, entries, self.width())

    def paint_live(self, painter: QPainter) -> None:
        """Head, and the bin under the mouse."""
        self._head().paint(painter, 0, 0, self.width())
        if self._scales is None or self._shown is None or self._bin is None:
            return
        x, y = self._scales
        start, stop = (float(edge) for edge in self._shown.edges[self._bin : self._bin + 2])
        painter.fillRect(
            QRectF(x.pixel(start), y.stop, x.pixel(stop) - x.pixel(start), y.start - y.stop),
            ink("text", 28),
        )
        text = f"{reading(start)} to {reading(stop)}"
        painter.setFont(theme.font(11))
        width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 10
        left = min(max(x.pixel(start) - width / 2, 0.0), self.width() - width)
        box = QRectF(left, y.start + 2, width, frame.TICK_HEIGHT - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink("raised"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(ink("text"))
        painter.drawText(box, frame.CENTRE, text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off the bin under the mouse."""
        found: int | None = None
        if self._scales is not None and self._shown is not None:
            value = self._scales[0].value(event.position().x())
            index = int(np.searchsorted(self._shown.edges, value, side="right")) - 1
            found = index if 0 <= index < len(self._shown.edges) - 1 else None
        self._set_bin(found)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing to read off."""
        self._set_bin(None)
        super().leaveEvent(event)

    def _set_bin(self, index: int | None) -> None:
        if index != self._bin:
            self._bin = index
            self.update()
