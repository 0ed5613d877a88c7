"""One small chart of a response that falls as a stimulus grows: what it shows, how it is painted.

Many of them stand in a :class:`~app.plots.response_grid.ResponseGrid`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from app import theme
from app.plots import colours
from app.plots.axis import Scale
from app.plots.canvas import ink

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


def paint_chart(painter: QPainter, cell: QRectF, chart: Chart, low: float, percent: bool) -> None:
    """Title, grid, ticks, band, reference and lines of one chart.

    Args:
        painter: in the widget's pixels.
        cell: the place of the chart.
        chart: what to paint.
        low: lower end of the axis of values; the upper one is 1.
        percent: whether values read as per cent.
    """
    across, upright = scales(cell, chart, low, percent)
    painter.setFont(theme.font(12, bold=True))
    painter.setPen(ink("text"))
    painter.drawText(QRectF(cell.left(), cell.top(), cell.width(), 18), LEFT, chart.title)
    painter.setFont(theme.font(10))
    for value in (low, 0.0, 0.5, 1.0):
        height = round(upright.pixel(value)) + 0.5
        painter.setPen(QPen(ink("border"), 1.0))
        painter.drawLine(QPointF(across.start, height), QPointF(across.stop, height))
        painter.setPen(ink("muted"))
        words = f"{100 * value:.0f} %" if percent else f"{value:g}"
        area = QRectF(cell.left(), height - 7, across.start - cell.left() - 5, 14)
        painter.drawText(area, RIGHT, words.replace("-", "−"))
    _paint_strengths(painter, cell, chart, across, upright)
    painter.save()
    painter.setClipRect(
        QRectF(across.start - 2, upright.stop - 3, across.stop - across.start + 4, cell.height())
    )
    if chart.floor is not None:
        height = upright.pixel(chart.floor)
        painter.setPen(pen("floor"))
        painter.drawLine(QPointF(across.start, height), QPointF(across.stop, height))
    if chart.band is not None:
        _paint_band(painter, chart, across, upright)
    for index, line in reversed(list(enumerate(chart.lines.values()))):
        painter.setPen(pen(index))
        painter.drawPath(_path(chart.strengths, line, across, upright))
    painter.restore()


def _paint_strengths(
    painter: QPainter, cell: QRectF, chart: Chart, across: Scale, upright: Scale
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


def _paint_band(painter: QPainter, chart: Chart, across: Scale, upright: Scale) -> None:
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
    painter.setBrush(band_tint())
    painter.drawPolygon(QPolygonF(corners))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def scales(cell: QRectF, chart: Chart, low: float, percent: bool) -> tuple[Scale, Scale]:
    """Both axes of a chart within its place."""
    left = cell.left() + (38 if percent else 26)
    across = Scale(chart.strengths[0], chart.strengths[-1], left, cell.right() - 3)
    return across, Scale(low, 1.0, cell.bottom() - 32, cell.top() + 24)


def pen(kind: int | str) -> QPen:
    """Of the line of a number, or of the reference line ("floor")."""
    if kind == "floor":
        return QPen(ink("muted", 150), 1.0, Qt.PenStyle.DotLine)
    number = int(kind)
    style = Qt.PenStyle.DashLine if number == 1 else Qt.PenStyle.SolidLine
    made = QPen(tint(number), 2.0 if number == 0 else 1.4, style)
    made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return made


def tint(number: int) -> QColor:
    """Of a line: the first in the first colour, the second muted, the others from the second on."""
    return ink("muted") if number == 1 else colours.series_colour(max(number - 1, 0))


def band_tint() -> QColor:
    """Of the band about the first line."""
    made = colours.series_colour(0)
    made.setAlpha(48)
    return made


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
