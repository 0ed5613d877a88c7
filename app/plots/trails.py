"""Paths of single points through time, painted over a map: faint where they begin, strong now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.plots.camera import Camera

MOST = 200
"""Paths painted at once; more are a thicket."""
FAINT, STRONG = 60, 235
"""Opacity of the oldest and of the newest piece of a path, of 255."""
ARROW = 7.0


@dataclass(frozen=True, eq=False)
class Trails:
    """Where K points stood at T moments.

    Attributes:
        paths: (T, K, 2) places on the plane, the oldest first; not finite where one was not there.
        colours: (K, 3) bytes.
        now: which of the T moments the map shows; later ones are painted as faint as the oldest.
    """

    paths: NDArray[Any]
    colours: NDArray[np.uint8]
    now: int

    def paint(self, painter: QPainter, camera: Camera) -> None:
        """Paint the first :data:`MOST` paths.

        Args:
            painter: in the widget's own pixels.
            camera: which part of the plane is looked at.
        """
        moments, count = self.paths.shape[:2]
        shown = min(count, MOST)
        x, y = camera.pixels(self.paths[:, :shown].reshape(-1, 2).astype(np.float64))
        places = np.stack([x, y], 1).reshape(moments, shown, 2)
        for number in range(shown):
            self._path(painter, places[:, number], QColor(*map(int, self.colours[number])))

    def _path(self, painter: QPainter, places: NDArray[np.float64], tint: QColor) -> None:
        there = np.isfinite(places[:, 0]) & np.isfinite(places[:, 1])
        for step in range(1, len(places)):
            if not (there[step - 1] and there[step]):
                continue
            tint.setAlpha(self.strength(step))
            painter.setPen(QPen(tint, 1.6 if step <= self.now else 1.0))
            painter.drawLine(QPointF(*places[step - 1]), QPointF(*places[step]))
        tint.setAlpha(STRONG)
        if 0 < self.now < len(places) and there[self.now] and there[self.now - 1]:
            self._arrow(painter, places[self.now - 1], places[self.now], tint)

    def strength(self, step: int) -> int:
        """Opacity of the piece that ends at a moment: it grows up to the present."""
        if step > self.now:
            return FAINT
        return round(FAINT + (STRONG - FAINT) * step / max(self.now, 1))

    def _arrow(
        self, painter: QPainter, old: NDArray[np.float64], new: NDArray[np.float64], tint: QColor
    ) -> None:
        way = new - old
        length = float(np.hypot(*way))
        if length < 1:
            return
        ahead = way / length * ARROW
        aside = np.array([-ahead[1], ahead[0]]) * 0.45
        corners = (new, new - ahead + aside, new - ahead - aside)
        painter.setPen(QPen(tint, 1))
        painter.setBrush(tint)
        painter.drawPolygon(QPolygonF([QPointF(*one) for one in corners]))
