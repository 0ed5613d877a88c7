"""A lasso or a box that is being drawn on a map."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from app import theme
from app.plots.camera import Camera
from app.plots.canvas import ink
from app.plots.lasso import boxed, within

Kind = Literal["lasso", "box"]
STEP = 2.0
"""Pixels the mouse goes before a lasso gets another corner."""


class Outline:
    """Its corners lie on the plane, so that the map can be zoomed while it is drawn.

    Args:
        kind: a free line, or a rectangle between two corners.
        x: of the first corner on the plane.
        y: of the first corner.
    """

    def __init__(self, kind: Kind, x: float, y: float) -> None:
        self.kind = kind
        self._corners = [(x, y)]

    def extend(self, x: float, y: float, camera: Camera) -> bool:
        """Follow the mouse to a place on the plane; whether the outline is another one now."""
        if self.kind == "box":
            self._corners[1:] = [(x, y)]
            return True
        before = self._corners[-1]
        far = np.hypot(x - before[0], y - before[1]) * camera.scale >= STEP
        if far:
            self._corners.append((x, y))
        return bool(far)

    def holds(self, points: NDArray[Any]) -> NDArray[np.bool_]:
        """(N,) which of (N, 2) points lie within."""
        x, y = points[:, 0], points[:, 1]
        if self.kind == "box":
            return boxed(self._corners[0], self._corners[-1], x, y)
        return within(np.array(self._corners), x, y)

    def paint(self, painter: QPainter, camera: Camera) -> None:
        """A dashed line and a breath of colour."""
        x, y = camera.pixels(np.array(self._corners))
        places = [QPointF(*one) for one in zip(x.tolist(), y.tolist(), strict=True)]
        dashes = QPen(ink("accent"), 1.4, Qt.PenStyle.DashLine)
        # Under the dashes a line of the ground, so that they are seen on dots of any colour.
        for pen, brush in ((QPen(ink("surface", 150), 3), ink("accent", 26)), (dashes, None)):
            painter.setPen(pen)
            painter.setBrush(brush if brush is not None else Qt.BrushStyle.NoBrush)
            if self.kind == "box":
                painter.drawRect(QRectF(places[0], places[-1]).normalized())
            else:
                painter.drawPolygon(QPolygonF(places), Qt.FillRule.OddEvenFill)


def paint_words(painter: QPainter, words: str, beside: QPointF, inside: QRectF) -> None:
    """A few words on a plate beside the mouse.

    Args:
        painter: paints in the widget's coordinates.
        words: what to say.
        beside: where the mouse is.
        inside: what the plate must not leave.
    """
    painter.setFont(theme.font(12, bold=True))
    width = QFontMetricsF(painter.font()).horizontalAdvance(words) + 14
    plate = QRectF(beside.x() + 14, beside.y() + 12, width, 22)
    if plate.right() > inside.right() - 4:
        plate.moveRight(beside.x() - 10)
    plate.moveBottom(min(plate.bottom(), inside.bottom() - 4))
    painter.setPen(QPen(ink("border"), 1))
    painter.setBrush(ink("surface", 235))
    painter.drawRoundedRect(plate, 5, 5)
    painter.setPen(ink("text"))
    painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), words)
