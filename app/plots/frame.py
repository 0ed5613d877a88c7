"""The frame of a plot with two axes: where it stands, grid lines, ticks with units, references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app import theme
from app.plots.axis import Scale, reading, tick_text, ticks
from app.plots.canvas import ink

TICK_HEIGHT = 16.0
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Units:
    """What the axes are, and whether values in 0..1 read as per cent."""

    x: str = ""
    y: str = ""
    percent: bool = False

    def reading(self, value: float) -> str:
        """A value to read off, with the sign of per cent where it is one."""
        return f"{value * 100:.1f} %".replace("-", "−") if self.percent else reading(value)

    def tick(self, value: float, step: float) -> str:
        """A tick of the value axis."""
        return f"{tick_text(value * 100, step * 100)} %" if self.percent else tick_text(value, step)


def step_of(values: list[float], log: bool, index: int) -> float:
    """Distance between ticks around one of them; on a log axis, its own size."""
    if log:
        return values[index]
    return values[1] - values[0] if len(values) > 1 else abs(values[0]) or 1.0


def y_ticks(scale: Scale) -> list[float]:
    """Ticks of an upright axis, at least 26 pixels apart."""
    count = int(max(abs(scale.stop - scale.start) // 30, 2))
    found = ticks(scale.low, scale.high, min(count, 5), log=scale.log)
    return found or [scale.low, scale.high]


def x_ticks(scale: Scale) -> list[float]:
    """Ticks of a lying axis, wide enough apart for their text."""
    return ticks(scale.low, scale.high, int(min(max((scale.stop - scale.start) // 90, 2), 6)))


def scales(
    rect: QRectF, x: tuple[float, float], y: tuple[float, float], log: bool, units: Units
) -> tuple[Scale, Scale]:
    """Both axes within a place: ticks' text at the left and below, half a line of it above."""
    metrics = QFontMetricsF(theme.font(11))
    draft = Scale(*y, rect.bottom() - TICK_HEIGHT, rect.top() + 7, log)
    values = y_ticks(draft)
    texts = [units.tick(v, step_of(values, log, i)) for i, v in enumerate(values)]
    margin = max(metrics.horizontalAdvance(text) for text in texts) + 8
    across = Scale(*x, rect.left() + max(margin, 24.0), rect.right() - 5)
    return across, draft


def inner(x: Scale, y: Scale) -> QRectF:
    """The place between the axes."""
    return QRectF(x.start, y.stop, x.stop - x.start, y.start - y.stop)


def paint_grid(painter: QPainter, x: Scale, y: Scale, units: Units) -> None:
    """Horizontal lines in the border colour, ticks in muted text, the unit behind the last one."""
    painter.setFont(theme.font(11))
    metrics = QFontMetricsF(painter.font())
    values = y_ticks(y)
    for index, value in enumerate(values):
        height = round(y.pixel(value)) + 0.5
        painter.setPen(QPen(ink("border"), 1.0))
        painter.drawLine(QPointF(x.start, height), QPointF(x.stop, height))
        painter.setPen(ink("muted"))
        text = units.tick(value, step_of(values, y.log, index))
        painter.drawText(QRectF(0, height - 8, x.start - 8, 16), RIGHT, text)
    positions = x_ticks(x)
    top = y.start + 3
    unit_left = x.stop + 4
    if units.x:
        tail = metrics.horizontalAdvance(units.x)
        unit_left = x.stop + 4 - tail
        last = positions[-1] if positions else x.high
        # the unit stands right behind the last tick where that is the end of the axis
        painter.drawText(QRectF(unit_left, top, tail + 1, TICK_HEIGHT - 2), LEFT, units.x)
        if x.stop - x.pixel(last) < tail + 10:
            text = tick_text(last, step_of(positions, False, 0)) if positions else ""
            width = metrics.horizontalAdvance(text)
            unit_left -= width + 4
            painter.drawText(QRectF(unit_left, top, width + 1, TICK_HEIGHT - 2), LEFT, text)
            positions = positions[:-1]
    for value in positions:
        text = tick_text(value, step_of(x_ticks(x), False, 0))
        width = metrics.horizontalAdvance(text)
        left = min(max(x.pixel(value) - width / 2, x.start - 3), x.stop + 4 - width)
        if left + width < unit_left - 6 or not units.x:
            painter.drawText(QRectF(left, top, width + 1, TICK_HEIGHT - 2), LEFT, text)


def paint_references(painter: QPainter, x: Scale, y: Scale, marks: Mapping[str, float]) -> None:
    """Thin level lines; where there are several, each with its name over its right end."""
    painter.setFont(theme.font(10))
    metrics = QFontMetricsF(painter.font())
    for name, value in marks.items():
        if y.log and value <= 0:
            continue
        height = round(y.pixel(value)) + 0.5
        painter.setPen(QPen(ink("muted", 160), 1.0))
        painter.drawLine(QPointF(x.start, height), QPointF(x.stop, height))
        painter.setPen(ink("muted"))
        if len(marks) > 1:
            width = metrics.horizontalAdvance(name)
            top = height - 14 if height - 14 > y.stop else height + 1
            painter.drawText(QRectF(x.stop - width - 2, top, width + 2, 13), LEFT, name)


def paint_position(painter: QPainter, x: Scale, y: Scale, at: float) -> None:
    """The position of the cursor under its line, over the ticks it covers."""
    painter.setFont(theme.font(11, bold=True))
    metrics = QFontMetricsF(painter.font())
    text = reading(at) if abs(at) < 100 or at != round(at) else f"{at:,.0f}"
    width = metrics.horizontalAdvance(text) + 10
    left = min(max(x.pixel(at) - width / 2, x.start - 5), x.stop + 5 - width)
    box = QRectF(left, y.start + 2, width, TICK_HEIGHT - 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink("raised"))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(ink("text"))
    painter.drawText(box, CENTRE, text)
