"""Accuracy against labels: curves with interval bars over a log axis that has ticks at budgets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours, frame
from app.plots.axis import Scale
from app.plots.canvas import Canvas, ink
from app.plots.outline import paint_words

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
FOOT = 34.0
LINE = 15.0
NAMES = 150.0
"""Room for the names at the ends of the lines, in pixels, where the plot is wide enough."""
REACH = 14.0
"""How near the mouse must come to a point."""
STEP = 5.0
"""Pixels between neighbours' bars at one budget, so that bars do not hide each other."""


@dataclass(frozen=True)
class Dot:
    """A curve at one budget.

    Attributes:
        labels: that may be seen, above 0.
        mean: accuracy, 0 to 1.
        half: half the width of its interval, or None.
        words: what is read off.
    """

    labels: int
    mean: float
    half: float | None
    words: str


@dataclass(frozen=True)
class Curve:
    """One line.

    Attributes:
        name: at its end.
        series: number of its colour.
        strong: a whole line; others are dashed and hollow.
        dots: from few labels to many.
    """

    name: str
    series: int
    strong: bool
    dots: tuple[Dot, ...]


class LabelCurves(Canvas):
    """Curves with their names at their ends; one of them can be brought forward.

    Signals:
        picked(object): number of the curve that was brought forward, or None, by a click or keys.
    """

    picked = Signal(object)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._curves: tuple[Curve, ...] = ()
        self._budgets: tuple[tuple[int, str], ...] = ()
        self._chance: float | None = None
        self._picked: int | None = None
        self._at: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(260, 220)

    def sizeHint(self) -> QSize:
        """Wider than high."""
        return QSize(640, 340)

    def show_curves(
        self, curves: Sequence[Curve], budgets: Sequence[tuple[int, str]], chance: float | None
    ) -> None:
        """Show other curves.

        Args:
            curves: each with at least one dot.
            budgets: (labels, title) of every tick.
            chance: what guessing reaches, 0 to 1, or None.
        """
        self._curves, self._chance = tuple(curves), chance
        self._budgets = tuple(sorted(budgets))
        self._at = None
        if self._picked is not None and self._picked >= len(curves):
            self._picked = None
        told = [f"{one.name}: {dot.words}" for one in curves for dot in one.dots]
        self.setAccessibleDescription("; ".join(told)[:2000])
        self.invalidate()

    def pick(self, number: int | None) -> None:
        """Bring a curve forward without telling anybody."""
        if number != self._picked:
            self._picked = number
            self.invalidate()

    @property
    def brought_forward(self) -> int | None:
        """Number of the curve that is."""
        return self._picked

    @property
    def read_off(self) -> tuple[int, int] | None:
        """Numbers of the curve and the dot under the mouse or the keyboard."""
        return self._at

    def is_empty(self) -> bool:
        """Whether there is no curve."""
        return not self._curves

    # Where things are

    def scales(self) -> tuple[Scale, Scale]:
        """Both axes in pixels."""
        tops = [dot.mean + (dot.half or 0.0) for one in self._curves for dot in one.dots]
        lows = [dot.mean - (dot.half or 0.0) for one in self._curves for dot in one.dots]
        if self._chance is not None:
            lows.append(self._chance)
        low = math.floor(10 * max(min(lows), 0.0) + 1e-9) / 10
        high = math.ceil(10 * min(max(tops), 1.0) - 1e-9) / 10
        high = max(high, low + 0.1)
        metrics = QFontMetricsF(theme.font(11))
        left = metrics.horizontalAdvance("100 %") + 10
        labels = [count for count, _ in self._budgets]
        first, last = float(min(labels)), float(max(labels))
        if last <= first:
            first, last = first / 2, last * 2
        ends = min(NAMES, self.width() * 0.32)
        edge = self._edge()
        across = Scale(first, last, left + edge, self.width() - ends - edge, log=True)
        return across, Scale(low, high, self.height() - FOOT, 12.0)

    def _step(self) -> float:
        """Pixels between neighbours' bars at one budget: all of them within a part of the gap."""
        room = self.width() * 0.6 / max(len(self._budgets), 1)
        return min(STEP, 0.4 * room / max(len(self._curves), 1))

    def _edge(self) -> float:
        """Pixels that bars take on either side of a budget."""
        return len(self._curves) * self._step() / 2 + 6

    def place(self, curve: int, dot: int) -> QPointF:
        """Where a dot is painted; curves stand a little beside each other at every budget."""
        across, up = self.scales()
        one = self._curves[curve].dots[dot]
        beside = (curve - (len(self._curves) - 1) / 2) * self._step()
        return QPointF(across.pixel(one.labels) + beside, up.pixel(one.mean))

    def name_rects(self) -> list[QRectF]:
        """Where the names stand: beside the end of their line, moved apart where they would meet.

        They keep the order of the ends, and stay within the plot.
        """
        across, _ = self.scales()
        left = across.stop + self._edge() + 14
        count = len(self._curves)
        ends = [
            self.place(number, len(one.dots) - 1).y() for number, one in enumerate(self._curves)
        ]
        order = sorted(range(count), key=lambda number: ends[number])
        line = min(LINE, (self.height() - FOOT) / max(count, 1))
        tops = [ends[number] - line / 2 for number in order]
        for place in range(1, count):
            tops[place] = max(tops[place], tops[place - 1] + line)
        bottom = self.height() - FOOT + line / 2
        for place in range(count - 1, -1, -1):
            most = bottom - line if place == count - 1 else tops[place + 1] - line
            tops[place] = min(tops[place], most)
        rects = [QRectF()] * count
        for number, top in zip(order, tops, strict=True):
            rects[number] = QRectF(left, top, self.width() - left, line)
        return rects

    # Painting

    def paint_still(self, painter: QPainter) -> None:
        """Axes, chance, lines, bars, dots, names."""
        if self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        across, up = self.scales()
        self._paint_axes(painter, across, up)
        order = sorted(range(len(self._curves)), key=lambda number: number == self._picked)
        for number in order:
            self._paint_curve(painter, number, up)
        painter.setFont(theme.font(11))
        metrics = QFontMetricsF(painter.font())
        for number, rect in enumerate(self.name_rects()):
            end = self.place(number, len(self._curves[number].dots) - 1)
            painter.setPen(QPen(self._tint(number, 130), 1.0))
            painter.drawLine(
                QPointF(end.x() + 5, end.y()), QPointF(rect.left() - 4, rect.center().y())
            )
            painter.setPen(ink("text", 255 if self._forward(number) else 110))
            if number == self._picked:
                painter.setFont(theme.font(11, bold=True))
            words = metrics.elidedText(
                self._curves[number].name, Qt.TextElideMode.ElideRight, rect.width()
            )
            painter.drawText(rect, LEFT, words)
            painter.setFont(theme.font(11))

    def _paint_axes(self, painter: QPainter, across: Scale, up: Scale) -> None:
        painter.setFont(theme.font(11))
        metrics = QFontMetricsF(painter.font())
        units = frame.Units(percent=True)
        values = frame.y_ticks(up)
        edge = self._edge()
        for index, value in enumerate(values):
            height = round(up.pixel(value)) + 0.5
            painter.setPen(QPen(ink("border"), 1.0))
            start, stop = across.start - edge, across.stop + edge
            painter.drawLine(QPointF(start, height), QPointF(stop, height))
            painter.setPen(ink("muted"))
            text = units.tick(value, frame.step_of(values, False, index))
            width = metrics.horizontalAdvance(text)
            painter.drawText(QPointF(start - width - 6, height + 4), text)
        if self._chance is not None and up.low <= self._chance <= up.high:
            height = up.pixel(self._chance)
            painter.setPen(QPen(ink("muted"), 1.0, Qt.PenStyle.DotLine))
            painter.drawLine(
                QPointF(across.start - edge, height), QPointF(across.stop + edge, height)
            )
            painter.setPen(ink("muted"))
            words = f"chance {100 * self._chance:.3g} %"
            # Below the line and between two budgets: dots and their bars stand at the budgets.
            first = [across.pixel(count) for count, _ in self._budgets[:2]]
            left = sum(first) / len(first) - metrics.horizontalAdvance(words) / 2
            painter.drawText(QPointF(left, height + 13), words)
        for count, _ in self._budgets:
            x = across.pixel(count)
            painter.setPen(QPen(ink("border"), 1.0))
            painter.drawLine(QPointF(x, up.start), QPointF(x, up.start + 4))
        for area, words, name in self.tick_words():
            painter.setPen(ink(name))
            painter.drawText(area, CENTRE, words)

    def tick_words(self) -> list[tuple[QRectF, str, str]]:
        """Place, words and ink at the ticks: titles, and labels below them.

        What would run into the words before it is left out; the table beside the plot has it.
        """
        across, up = self.scales()
        metrics = QFontMetricsF(theme.font(11))
        room = (across.stop - across.start) / max(len(self._budgets) - 1, 1)
        most = min(max(room, 60.0), 140.0)
        found: list[tuple[QRectF, str, str]] = []
        ends = [-math.inf, -math.inf]
        for count, title in self._budgets:
            labels = f"{count:,} labels"
            if metrics.horizontalAdvance(labels) > most:
                labels = f"{count:,}"
            for line, (words, name) in enumerate(((title, "text"), (labels, "muted"))):
                width = metrics.horizontalAdvance(words) + 2
                left = across.pixel(count) - width / 2
                if left > ends[line]:
                    found.append((QRectF(left, up.start + 5 + line * 14, width, 14), words, name))
                    ends[line] = left + width + 4
        return found

    def _paint_curve(self, painter: QPainter, number: int, up: Scale) -> None:
        one = self._curves[number]
        tint = self._tint(number)
        places = [self.place(number, dot) for dot in range(len(one.dots))]
        for dot, place in zip(one.dots, places, strict=True):
            if dot.half:
                top = up.pixel(min(dot.mean + dot.half, up.high))
                bottom = up.pixel(max(dot.mean - dot.half, up.low))
                painter.setPen(QPen(self._tint(number, 170), 1.2))
                painter.drawLine(QPointF(place.x(), top), QPointF(place.x(), bottom))
                for height in (top, bottom):
                    painter.drawLine(
                        QPointF(place.x() - 2.5, height), QPointF(place.x() + 2.5, height)
                    )
        pen = QPen(tint, 2.2 if number == self._picked else 1.6)
        if not one.strong:
            pen.setDashPattern([3.0, 2.5])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(places))
        painter.setPen(QPen(tint, 1.4))
        painter.setBrush(tint if one.strong else ink("surface"))
        for place in places:
            painter.drawEllipse(place, 3.2, 3.2)

    def paint_live(self, painter: QPainter) -> None:
        """The dot that is read off, in words."""
        if self._at is None:
            return
        curve, dot = self._at
        place = self.place(curve, dot)
        painter.setPen(QPen(ink("text"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(place, 6.0, 6.0)
        words = f"{self._curves[curve].name}: {self._curves[curve].dots[dot].words}"
        paint_words(painter, words, place, QRectF(self.rect()))

    def _forward(self, number: int) -> bool:
        return self._picked is None or self._picked == number

    def _tint(self, number: int, alpha: int = 255) -> QColor:
        """Colour of a curve; those behind the one brought forward fade."""
        tint = QColor(colours.series_colour(self._curves[number].series))
        if theme.tokens().outline and colours.needs_outline(tint):
            tint = ink("muted")
        tint.setAlpha(alpha if self._forward(number) else alpha // 4)
        return tint

    # Reading off

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off the nearest dot."""
        self._set(self._near(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Read off nothing."""
        self._set(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the curve under the mouse forward, or let all stand alike."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = self._near(event.position())
        names = self.name_rects() if self._curves else []
        named = [n for n, rect in enumerate(names) if rect.contains(event.position())]
        number = at[0] if at is not None else named[0] if named else None
        self._choose(None if number == self._picked else number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go through curves, Left and Right through budgets; Enter, Escape."""
        key = Qt.Key(event.key())
        steps = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        if key in steps and self._curves:
            curve, dot = self._at or (0, 0)
            if self._at is not None:
                curve = min(max(curve + steps[key][0], 0), len(self._curves) - 1)
                dot += steps[key][1]
            self._set((curve, min(max(dot, 0), len(self._curves[curve].dots) - 1)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at is not None:
            self._choose(None if self._at[0] == self._picked else self._at[0])
        elif key == Qt.Key.Key_Escape and (self._at is not None or self._picked is not None):
            self._set(None)
            self._choose(None)
        else:
            super().keyPressEvent(event)

    def _choose(self, number: int | None) -> None:
        if number != self._picked:
            self.pick(number)
            self.picked.emit(number)

    def _near(self, mouse: QPointF) -> tuple[int, int] | None:
        best, found = REACH, None
        for number, one in enumerate(self._curves):
            for dot in range(len(one.dots)):
                way = self.place(number, dot) - mouse
                far = (way.x() ** 2 + way.y() ** 2) ** 0.5
                if far < best:
                    best, found = far, (number, dot)
        return found

    def _set(self, at: tuple[int, int] | None) -> None:
        if at != self._at:
            self._at = at
            self.update()
