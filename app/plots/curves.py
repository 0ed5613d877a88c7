"""Lines over epochs or steps: smoothed over raw, a cursor to read off, references to beat."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours, frame
from app.plots.axis import Scale, limits
from app.plots.canvas import Canvas, ink
from app.plots.head import Entry, Head, laid_out
from app.plots.line import Line, nearest
from app.plots.series import thinned

Numbers = NDArray[np.float64]


PIECE = 64
"""Points of a line that are stroked at once."""


class CurvesPlot(Canvas):
    """Several named lines over a common axis.

    Signals:
        position_clicked(float): a click at this x.
        cursor_moved(object): x under the mouse or keyboard, or None when it left.
    """

    position_clicked = Signal(float)
    cursor_moved = Signal(object)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._lines: dict[str, Line] = {}
        self._references: dict[str, float] = {}
        self._smoothing = 0.0
        self._log = False
        self._cursor: float | None = None
        self._hover: float | None = None
        self._range: tuple[float, float] | None = None
        self._units = frame.Units()
        self._scales: tuple[Scale, Scale] | None = None
        self.set_empty_text("No values yet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 110)

    def sizeHint(self) -> QSize:
        """A calm default."""
        return QSize(480, 200)

    # What is shown -------------------------------------------------------------------------

    def set_line(
        self,
        name: str,
        x: NDArray[Any],
        y: NDArray[Any],
        colour: QColor | str | None = None,
        dashes: tuple[float, ...] = (),
    ) -> None:
        """Put a line, or new numbers of a line that is there.

        Args:
            name: in the legend.
            x: (N,) rising positions.
            y: (N,) values; those that are not finite are left out.
            colour: else the next one of the series, kept while the line is there.
            dashes: lengths of dashes and gaps, in widths of the line; none for a whole line.

        Raises:
            ValueError: if x and y differ in length.
        """
        known = self._lines.get(name)
        index = known.index if known else self._free_index()
        tint = None if colour is None else QColor(colour)
        self._lines[name] = Line(name, x, y, tint, index, dashes)
        self.invalidate()

    def remove_line(self, name: str) -> None:
        """Take a line away, if it is there."""
        if self._lines.pop(name, None) is not None:
            self.invalidate()

    def clear(self) -> None:
        """Take all lines and references away."""
        self._lines.clear()
        self._references.clear()
        self._hover = None
        self.invalidate()

    def names(self) -> list[str]:
        """Names of the lines, in the order of the legend."""
        return list(self._lines)

    def set_reference(self, name: str, value: float | None) -> None:
        """A thin horizontal line to hold the others against, or None to take it away."""
        if value is None or not np.isfinite(value):
            self._references.pop(name, None)
        else:
            self._references[name] = float(value)
        self.invalidate()

    def reference_names(self) -> list[str]:
        """Names of the references, in the order of the legend."""
        return list(self._references)

    def set_smoothing(self, smoothing: float) -> None:
        """Weight of the past, 0 (raw) to 0.99."""
        self._smoothing = min(max(smoothing, 0.0), 0.99)
        self.invalidate()

    def set_log(self, log: bool) -> None:
        """Whether the value axis is logarithmic; values <= 0 are left out there."""
        self._log = log
        self.invalidate()

    def set_axes(self, x: str = "", y: str = "", *, percent: bool = False) -> None:
        """Name the axes with their units.

        Args:
            x: written behind the last tick ("epochs").
            y: written behind the title ("nats").
            percent: whether values in 0..1 are written as per cent.
        """
        self._units = frame.Units(x, y, percent)
        self.invalidate()

    def set_x_range(self, low: float | None, high: float | None = None) -> None:
        """Fix the x axis (the whole run, though only a part is done), or None: as the data."""
        self._range = None if low is None or high is None or high <= low else (low, high)
        self.invalidate()

    def set_cursor(self, x: float | None) -> None:
        """Where the timeline stands; the read-out is there unless the mouse is in the plot."""
        self._cursor = x
        self.update()

    def is_empty(self) -> bool:
        """Whether no line has a value that can be painted."""
        return not any(self._painted(line)[0].size for line in self._lines.values())

    # Reading off ----------------------------------------------------------------------------

    @property
    def read_at(self) -> float | None:
        """The x whose values stand in the head: mouse or keyboard first, then the timeline."""
        return self._hover if self._hover is not None else self._cursor

    def values_at(self, x: float) -> dict[str, float]:
        """Value of each line at its sample nearest to x, as painted (smoothed)."""
        found: dict[str, float] = {}
        for name, line in self._lines.items():
            positions, values = self._painted(line)
            if positions.size:
                found[name] = float(values[nearest(positions, x)])
        return found

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The read-out follows the mouse."""
        self._set_hover(self._x_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """The read-out goes back to the timeline, or away."""
        self._set_hover(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click asks for this place in time."""
        x = self._x_at(event.position().x())
        if x is not None and event.button() == Qt.MouseButton.LeftButton:
            self.position_clicked.emit(x)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move the read-out by one sample, Enter clicks there, Escape lets go."""
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not self.is_empty():
            positions = max((self._painted(one)[0] for one in self._lines.values()), key=len)
            if self._hover is None:
                start = self._cursor if self._cursor is not None else float(positions[-1])
                index = nearest(positions, start)
            else:
                index = nearest(positions, self._hover) + (1 if key == Qt.Key.Key_Right else -1)
            self._set_hover(float(positions[min(max(index, 0), len(positions) - 1)]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._hover is not None:
            self.position_clicked.emit(self._hover)
        elif key == Qt.Key.Key_Escape and self._hover is not None:
            self._set_hover(None)
        else:
            super().keyPressEvent(event)

    def _set_hover(self, x: float | None) -> None:
        if x != self._hover:
            self._hover = x
            self.cursor_moved.emit(x)
            self.update()

    def _x_at(self, pixel: float) -> float | None:
        if self._scales is None or self.is_empty():
            return None
        scale = self._scales[0]
        return scale.value(pixel) if scale.start - 4 <= pixel <= scale.stop + 4 else None

    # Painting -------------------------------------------------------------------------------

    def paint_still(self, painter: QPainter) -> None:
        """Grid, ticks, references and lines."""
        self._scales = None
        if self.is_empty():
            self._head({}).paint(painter, 0, 0, self.width())
            self.paint_empty(painter, QRectF(self.rect()))
            return
        head = self._head({})
        rect = QRectF(0, head.height + 6, self.width(), max(self.height() - head.height - 6, 40.0))
        low, high = self._y_limits()
        self._scales = frame.scales(rect, self._x_limits(), (low, high), self._log, self._units)
        frame.paint_grid(painter, *self._scales, self._units)
        painter.save()
        painter.setClipRect(frame.inner(*self._scales).adjusted(0, -2, 1, 2))
        frame.paint_references(painter, *self._scales, self._references)
        if self._smoothing > 0:
            for line in self._lines.values():
                faint = QColor(line.tint)
                faint.setAlpha(64)
                self._paint_line(painter, *line.painted(0.0, self._log), faint, 1.0)
        for line in self._lines.values():
            positions, values = self._painted(line)
            if theme.tokens().outline and colours.needs_outline(line.tint):
                self._paint_line(painter, positions, values, ink("outline"), 3.2)
            self._paint_line(painter, positions, values, line.tint, 1.6, line.dashes)
        painter.restore()

    def paint_live(self, painter: QPainter) -> None:
        """Head with values, and the cursor with a dot on each line."""
        if self._scales is None:
            return
        x_scale, y_scale = self._scales
        at = self.read_at
        values = {} if at is None else self.values_at(at)
        self._head(values).paint(painter, 0, 0, self.width())
        if at is None or not x_scale.low <= at <= x_scale.high:
            return
        pixel = x_scale.pixel(at)
        painter.setPen(QPen(ink("muted"), 1.0))
        painter.drawLine(QPointF(pixel, y_scale.stop), QPointF(pixel, y_scale.start))
        frame.paint_position(painter, x_scale, y_scale, at)
        for name, value in values.items():
            line = self._lines[name]
            place = float(self._painted(line)[0][nearest(self._painted(line)[0], at)])
            painter.setPen(QPen(ink("surface"), 1.5))
            painter.setBrush(line.tint)
            painter.drawEllipse(QPointF(x_scale.pixel(place), y_scale.pixel(value)), 3.5, 3.5)

    def _head(self, values: dict[str, float]) -> Head:
        alone = len(self._lines) == 1
        shown = dict(values)
        if alone and not shown:  # one line: its last value is the number that matters
            shown = self.values_at(np.inf)
        entries: list[Entry] = []
        for name, line in self._lines.items():
            value = self._units.reading(shown[name]) if name in shown else ""
            label = "" if alone and value and (not self.title or name == self.title) else name
            entries.append(Entry(label, line.tint, value, strong=alone))
        for name, value in self._references.items():
            entries.append(Entry(name, ink("muted"), self._units.reading(value)))
        return laid_out(self.title, entries, self.width(), self._units.y)

    def _paint_line(
        self,
        painter: QPainter,
        x: Numbers,
        y: Numbers,
        colour: QColor,
        width: float,
        dashes: tuple[float, ...] = (),
    ) -> None:
        if self._scales is None or not len(x):
            return
        x_scale, y_scale = self._scales
        first, last = np.searchsorted(x, [x_scale.low, x_scale.high])
        piece = slice(max(int(first) - 1, 0), int(last) + 1)
        columns = x_scale.pixels(x[piece])
        x_pixels, heights = thinned(columns, y[piece], columns * self.devicePixelRatioF())
        y_pixels = np.clip(y_scale.pixels(heights), -1e4, 1e4)
        pen = QPen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        # Pieces of a faint line must not lie over each other where they meet.
        faint = colour.alpha() < 255 or bool(dashes)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if faint else Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        points = [QPointF(a, b) for a, b in zip(x_pixels, y_pixels, strict=True)]
        if len(points) == 1:
            painter.setBrush(colour)
            painter.drawEllipse(points[0], 2.0, 2.0)
        # The cost of a stroke grows with the square of its crossings: short pieces stay cheap.
        run = np.concatenate([[0.0], np.hypot(np.diff(x_pixels), np.diff(y_pixels)).cumsum()])
        for start in range(0, max(len(points) - 1, 0), PIECE):
            if dashes:  # they go on from piece to piece
                pen.setDashPattern(dashes)
                pen.setDashOffset(float(run[start]) / width)
                painter.setPen(pen)
            painter.drawPolyline(QPolygonF(points[start : start + PIECE + 1]))

    def _painted(self, line: Line) -> tuple[Numbers, Numbers]:
        return line.painted(self._smoothing, self._log)

    def _x_limits(self) -> tuple[float, float]:
        if self._range is not None:
            return self._range
        ends = [self._painted(line)[0][[0, -1]] for line in self._lines.values()
                if self._painted(line)[0].size]  # fmt: skip
        low, high = float(np.min(ends)), float(np.max(ends))
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def _y_limits(self) -> tuple[float, float]:
        ends: list[float] = [
            value for value in self._references.values() if value > 0 or not self._log
        ]
        for line in self._lines.values():
            values = self._painted(line)[1]
            ends += [float(values.min()), float(values.max())] if values.size else []
            raw = line.painted(0.0, self._log)[1]
            if self._smoothing > 0 and raw.size:  # a lone spike may leave the plot, noise may not
                ends += [float(end) for end in np.quantile(raw[-20_000:], [0.01, 0.99])]
        low, high = limits(min(ends), max(ends), log=self._log)
        return (
            (low, min(high, 1.0) if max(ends) <= 1 else high)
            if self._units.percent
            else (
                low,
                high,
            )
        )

    def _free_index(self) -> int:
        used = {line.index for line in self._lines.values()}
        return next(index for index in range(len(used) + 1) if index not in used)
