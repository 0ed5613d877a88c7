"""A map that has a third dimension where its points have one: turned by dragging or by keys.

It needs no OpenGL: points are turned and flattened by numpy, and painted as the dots of a flat map
are, far ones first and fading into the ground (docs/decisions/0006).
"""

from __future__ import annotations

from math import radians
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots.camera import Camera
from app.plots.canvas import ink
from app.plots.marks import draw
from app.plots.orbit import Ball, Orbit
from app.plots.point_map import ARROWS, PICK_RADIUS, PointMap

STEP = radians(10)
"""Turn of one press of an arrow key."""
PER_PIXEL = radians(0.4)
"""Turn of dragging by a pixel: across a map of usual width, about once around."""
START = Orbit(yaw=radians(-30), pitch=radians(20))
"""Askew, so that no axis points at the eye."""
FILLED = 0.9
"""Part of the ball that is fitted: its very edge is mostly empty."""
AXIS = 26.0
"""Pixels of the axes in the corner."""
GUEST = 15.0
HINT = "Drag or press arrow keys to turn, drag with the right button to move, 0 to reset"


class PointSpace(PointMap):
    """(N, 2) or (N, 3) points that can be looked at one by one and chosen together.

    With three columns, dragging with the left button turns the cloud, and so do the arrow keys;
    with Shift they move it. All else is as on a flat map: a lasso takes all points behind it.
    """

    def __init__(self, title: str = "Map", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._solid = self._solid_from = self._solid_shown = np.zeros((0, 3))
        self._near = np.zeros(0)
        self._guests = np.zeros((0, 3))
        self._ball = Ball()
        self._orbit = Orbit()
        self._deep = False
        self._depth_from = 0.0
        self._turned = self._hinted = False

    @property
    def deep(self) -> bool:
        """Whether the points have a third dimension."""
        return self._deep

    @property
    def orbit(self) -> Orbit:
        """From which side they are looked at."""
        return self._orbit

    # What is shown -------------------------------------------------------------------------

    def set_points(self, points: NDArray[Any]) -> None:
        """Put the points, or let the ones that are there glide to new places, also out of a plane.

        Args:
            points: (N, 2) or (N, 3); else as a flat map takes them.

        Raises:
            ValueError: if the array is neither.
        """
        places = np.array(points, np.float64)
        if places.ndim != 2 or places.shape[1] not in (2, 3):
            raise ValueError(f"a map needs points of shape (N, 2) or (N, 3), got {places.shape}")
        deep = places.shape[1] == 3
        solid = places if deep else np.column_stack([places, np.zeros(len(places))])
        start = self._solid_shown if len(solid) == len(self._solid_shown) else solid
        ball = Ball.around(solid)
        self._depth_from = float(self._deep)
        if deep != self._deep:
            # What is seen now is where they set out from, whatever the side it is seen from.
            start = START.unturn(start, ball) if deep else self._orbit.turn(start, self._ball)
            self._orbit = START if deep else Orbit()
            self._fitted = True
        self._deep, self._solid, self._solid_from, self._ball = deep, solid, start, ball
        super().set_points(self._flattened(solid)[0])

    def describe(self) -> None:
        """Say to a screen reader what is there."""
        super().describe()
        if self._deep:
            words = f"{self.accessibleDescription()}, in three dimensions. {HINT}"
            self.setAccessibleDescription(words)

    def _flattened(self, solid: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if not self._deep and not np.any(solid[:, 2]):
            return solid[:, :2].copy(), np.full(len(solid), 0.5)
        return self._orbit.flattened(solid, self._ball)

    def _show_solid(self, solid: NDArray[np.float64], depth: float) -> None:
        """Flatten points and hand them to the dots; depth 0..1 is how much far ones fade."""
        self._solid_shown = solid
        self._shown, self._near = self._flattened(solid)
        self._dots.set_places(self._shown, 1 - (1 - self._near) * depth if depth > 0 else None)

    def _settle(self) -> None:
        self._show_solid(self._solid, float(self._deep))
        self._points = self._shown
        self._moved()
        self.settled.emit(self._points)

    def _glide_to(self, part: float) -> None:
        if part >= 1.0 or len(self._solid_from) != len(self._solid):
            self._camera = self._camera_to
            self._settle()
            return
        solid = self._solid_from + (self._solid - self._solid_from) * part
        # A point that had no place before does not glide.
        unknown = ~np.isfinite(solid).all(axis=1)
        solid[unknown] = self._solid[unknown]
        self._show_solid(solid, self._depth_from + (self._deep - self._depth_from) * part)
        self._camera = self._camera_from.between(self._camera_to, part)
        self._moved()

    def _fit(self) -> Camera:
        """Of the ball, so that the cloud does not grow and shrink while it is turned."""
        if not self._deep or self.is_empty():
            return super()._fit()
        middle, reach = np.array(self._ball.middle[:2]), self._ball.radius * FILLED
        size = (float(self.width()), float(self.height()))
        return Camera.around(middle - reach, middle + reach, *size)

    def forget_points(self) -> None:
        """Guests leave with the points they came to."""
        super().forget_points()
        self._guests = np.zeros((0, 3))

    def set_guests(self, points: NDArray[Any] | None) -> None:
        """Mark (Q, 2) or (Q, 3) places that are none of the points; None: there are none."""
        places = np.zeros((0, 3)) if points is None else np.asarray(points, np.float64)
        flat = places.shape[1] == 2
        self._guests = np.column_stack([places, np.zeros(len(places))]) if flat else places
        self.update()

    # Turning -------------------------------------------------------------------------------

    def turn(self, right: float, down: float) -> None:
        """Turn the cloud by angles in radians: its front moves to the right and downwards."""
        self._glide.stop()
        self._orbit = self._orbit.turned(right, down)
        self._hinted = True
        self._show_solid(self._solid, 1.0)
        self._points = self._shown
        self._moved()

    def fit(self) -> None:
        """Look at all points, from the side that is looked from first."""
        self._orbit = START if self._deep else Orbit()
        super().fit()

    def drag(self, by: QPointF, buttons: Qt.MouseButton) -> None:
        """The left button turns, another one moves."""
        if self._deep and buttons & Qt.MouseButton.LeftButton:
            self._turned = True
            self.turn(by.x() * PER_PIXEL, by.y() * PER_PIXEL)
        else:
            super().drag(by, buttons)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """After a turn the points are at rest again."""
        super().mouseReleaseEvent(event)
        if self._turned:
            self._turned = False
            self.settled.emit(self._points)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows turn, with Shift they move; all else as on a flat map."""
        key, plain = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self._deep and key in ARROWS and plain == Qt.KeyboardModifier.NoModifier:
            right, down = ARROWS[key]
            self.turn(right * STEP, down * STEP)
            self.settled.emit(self._points)
        else:
            super().keyPressEvent(event)

    def index_at(self, place: QPointF, radius: float = PICK_RADIUS) -> int:
        """The foremost of the points under a place, else the nearest within a radius, or -1."""
        if not self._deep:
            return super().index_at(place, radius)
        x, y = self._camera.pixels(self._shown)
        squares = np.square(x - place.x()) + np.square(y - place.y())
        within = np.flatnonzero(squares <= radius**2)  # not finite compares false
        if self.emphasis is not None and self.emphasis[within].any():
            within = within[self.emphasis[within]]
        if not len(within):
            return -1
        under = within[squares[within] <= (self.diameter() / 2 + 1) ** 2]
        if len(under):
            return int(under[self._near[under].argmax()])
        return int(within[squares[within].argmin()])

    # Painting ------------------------------------------------------------------------------

    def paint_live(self, painter: QPainter) -> None:
        """What a flat map paints, guests, and the axes."""
        super().paint_live(painter)
        self._paint_guests(painter)
        if self._deep:
            self._paint_axes(painter)

    def _paint_guests(self, painter: QPainter) -> None:
        """A diamond each, of a colour that no class has."""
        x, y = self._camera.pixels(self._flattened(self._guests)[0])
        painter.setBrush(ink("text"))
        painter.setPen(QPen(ink("surface"), 2.0))
        for place in zip(x.tolist(), y.tolist(), strict=True):
            if np.isfinite(place).all():
                draw(painter, "diamond", QPointF(*place), GUEST)

    def _paint_axes(self, painter: QPainter) -> None:
        """Where the three directions point, in the corner; those to the back are fainter."""
        middle = QPointF(AXIS + 16, self.height() - AXIS - 16)
        painter.setFont(theme.font(11))
        columns = self._orbit.axes.T
        for number in np.argsort(columns[:, 2]):
            right, up, near = (float(one) for one in columns[number])
            strength = 150 + round(105 * (near + 1) / 2)
            end = middle + QPointF(right, -up) * AXIS
            painter.setPen(QPen(ink("muted", strength), 1.6))
            painter.drawLine(middle, end)
            painter.setPen(ink("text", strength))
            beyond = middle + QPointF(right, -up) * (AXIS + 9)
            painter.drawText(beyond + QPointF(-3.5, 4), str(int(number) + 1))
        if not self._hinted:
            painter.setPen(ink("muted"))
            painter.drawText(QPointF(2 * AXIS + 40, self.height() - 14), HINT)
