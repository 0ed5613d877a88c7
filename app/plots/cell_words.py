"""Words around and in a small matrix: names at its sides, numbers in its cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from app import theme
from app.plots.canvas import ink
from app.plots.colour_space import contrast
from sslcore.diagnostics import Heatmap

MOST = 16
"""Rows or columns of a matrix that counts as small."""
LINE = 14.0
GAP = 8.0
PART = 0.3
"""Of the width that names of rows may take."""
ROOM = (30.0, 16.0)
"""Width and height of a cell from which on it holds a number."""
CENTRE = int(Qt.AlignmentFlag.AlignCenter)
FOOT = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
DARK, PALE = QColor("#10141a"), QColor("#ffffff")


def margins(shown: Heatmap, width: float) -> tuple[float, float]:
    """Pixels that names need at the left of a matrix and above it; (0, 0) where it has none."""
    if not small(shown):
        return 0.0, 0.0
    metrics = QFontMetricsF(theme.font(11))
    widest = max((metrics.horizontalAdvance(one) for one in shown.row_names), default=0.0)
    left = min(math.ceil(widest) + GAP + 1, PART * width) if widest else 0.0
    lines = max((len(one.split()) for one in shown.column_names), default=0)
    return left, min(lines, 2) * LINE


def small(shown: Heatmap) -> bool:
    """Whether a matrix has so few rows and columns that words fit."""
    return max(shown.shape) <= MOST


def paint_names(painter: QPainter, shown: Heatmap, rect: QRectF) -> None:
    """Names of rows at the left of the matrix's place, names of columns above it."""
    if not small(shown):
        return
    painter.setFont(theme.font(11))
    painter.setPen(ink("muted"))
    metrics = QFontMetricsF(painter.font())
    left, top = margins(shown, painter.viewport().width())
    high, wide = rect.height() / shown.shape[0], rect.width() / shown.shape[1]
    for row, name in enumerate(shown.row_names):
        room = QRectF(rect.left() - left, rect.top() + row * high, left - GAP, high)
        words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, RIGHT, words)
    for column, name in enumerate(shown.column_names):
        room = QRectF(rect.left() + column * wide, rect.top() - top - 2, wide, top)
        painter.drawText(room, FOOT, _in_lines(name, metrics, wide))


def _in_lines(name: str, metrics: QFontMetricsF, wide: float) -> str:
    """A name in one line if it fits, else a word a line, two at most."""
    if metrics.horizontalAdvance(name) <= wide - 4:
        return name
    first, _, rest = name.partition(" ")
    cut = [metrics.elidedText(one, Qt.TextElideMode.ElideRight, wide - 4) for one in (first, rest)]
    return "\n".join(one for one in cut if one)


def paint_values(
    painter: QPainter,
    shown: Heatmap,
    order: tuple[Sequence[int], Sequence[int]],
    table: NDArray[np.uint8],
    box: Callable[[int, int], QRectF],
) -> None:
    """The numbers of a small matrix in its cells, in what reads on each cell's colour.

    Args:
        painter: on the plot.
        shown: the matrix.
        order: its rows and columns as they are painted.
        table: (K, 3) bytes, colours between its limits.
        box: where a row and column are painted.
    """
    if not small(shown):
        return
    first = box(order[0][0], order[1][0])
    if first.width() < ROOM[0] or first.height() < ROOM[1]:
        return
    painter.setFont(theme.font(11))
    for row in order[0]:
        for column in order[1]:
            value = float(shown.values[row, column])
            if not np.isfinite(value):
                continue
            part = np.clip((value - shown.low) / max(shown.high - shown.low, 1e-12), 0, 1)
            ground = table[round(float(part) * (len(table) - 1))]
            painter.setPen(readable_on(ground))
            words = f"{value:.2f}".replace("-", "−")
            painter.drawText(box(row, column), CENTRE, words)


def readable_on(ground: NDArray[np.uint8]) -> QColor:
    """Dark or pale, whichever stands out more from (3,) bytes."""
    dark, pale = (
        float(contrast(np.array([one.red(), one.green(), one.blue()], np.uint8), ground))
        for one in (DARK, PALE)
    )
    return DARK if dark > pale else PALE
