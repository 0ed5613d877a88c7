"""A small histogram under a caption: bars without an axis, its two ends named."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app import theme
from app.plots.canvas import ink

LINE = 15.0
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def paint_counts(
    painter: QPainter,
    rect: QRectF,
    counts: NDArray[np.int64],
    ends: tuple[float, float],
    caption: str,
    colour: QColor,
) -> None:
    """Paint counts as bars as high as their share of the largest.

    Args:
        painter: where to.
        rect: place of caption, bars and the values at both ends.
        counts: (bins,) counts.
        ends: values at the first and after the last bin.
        caption: what is counted, with the figure that sums it up.
        colour: of the bars.
    """
    painter.setFont(theme.font(11))
    metrics = QFontMetricsF(painter.font())
    painter.setPen(ink("muted"))
    words = metrics.elidedText(caption, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(QRectF(rect.left(), rect.top(), rect.width(), LINE), LEFT, words)
    feet = QRectF(rect.left(), rect.bottom() - LINE + 1, rect.width(), LINE)
    painter.setFont(theme.font(10))
    painter.drawText(feet, LEFT, f"{ends[0]:g}".replace("-", "−"))
    painter.drawText(feet, RIGHT, f"{ends[1]:g}".replace("-", "−"))
    base, top = feet.top(), rect.top() + LINE + 2
    painter.setPen(QPen(ink("border"), 1.0))
    painter.drawLine(QPointF(rect.left(), base), QPointF(rect.right(), base))
    highest = max(int(counts.max(initial=0)), 1)
    step = rect.width() / max(len(counts), 1)
    gap = 0.8 if step >= 3 else 0.0
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for index, count in enumerate(counts.tolist()):
        if count:  # at least half a pixel: a bin that is not empty is not invisible
            height = max(count / highest * (base - top), 0.5)
            x = rect.left() + index * step
            painter.drawRect(QRectF(x, base - height, step - gap, height))
