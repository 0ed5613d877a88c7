"""A map of many points: pan, zoom, hover, click, rings; all dots painted into one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from app import theme
from app.plots.camera import Camera
from app.plots.canvas import Canvas, ink
from app.plots.dots import Dots

PICK_RADIUS = 14.0
DWELL = 125
GLIDE = 300
STRIDE = 60.0
COARSE_FROM = 300_000
"""From so many points on, dots are single pixels while the map moves, and round when it rests."""


class PointMap(Canvas):
    """(N, 2) points as dots.

    Signals:
        hovered(int): index of the point under the mouse, -1 when none is, at once.
        card_requested(int, QPoint): the mouse rested on a point for 125 ms; where the point stands,
            in this widget's coordinates.
        clicked(int): index of the clicked point, -1 for a click beside all.
        moved(): the map was panned, zoomed or fitted.
    """

    hovered = Signal(int)
    card_requested = Signal(int, QPoint)
    clicked = Signal(int)
    moved = Signal()

    def __init__(self, title: str = "Map", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._points: NDArray[np.float64] = np.zeros((0, 2))
        self._from = self._points
        self._shown = self._points
        self._dots = Dots.missing(0)
        self._camera = Camera()
        self._fitted = True
        self._camera_from = self._camera_to = self._camera
        self._screen: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self._hovered = -1
        self._pinned = -1
        self._neighbours: tuple[int, ...] = ()
        self._pressed: QPointF | None = None
        self._dragging = False
        self._coarse = False
        self._diameter = 0
        self._dwell = QTimer(self, singleShot=True, interval=DWELL)
        self._dwell.timeout.connect(self._ask_for_card)
        self._rest = QTimer(self, singleShot=True, interval=120)
        self._rest.timeout.connect(self._refine)
        self._glide = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=GLIDE)
        self._glide.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._glide.valueChanged.connect(self._glide_to)
        self.set_empty_text("No map yet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 160)
        theme.current().changed.connect(self._tint)

    def sizeHint(self) -> QSize:
        """A map likes room."""
        return QSize(720, 560)

    # What is shown -------------------------------------------------------------------------

    def set_points(self, points: NDArray[Any]) -> None:
        """Put the points, or let the ones that are there glide to new places.

        Args:
            points: (N, 2); rows that are not finite are not drawn. With another N than before the
                map is fitted, colours become those of missing values and emphasis is dropped.

        Raises:
            ValueError: if the array is not (N, 2).
        """
        places = np.array(points, np.float64)
        if places.ndim != 2 or places.shape[1] != 2:
            raise ValueError(f"a map needs points of shape (N, 2), got {places.shape}")
        same = len(places) == len(self._points) and len(places) > 0
        self._glide.stop()
        if not same:
            self._dots = Dots.missing(len(places))
            self._pinned, self._neighbours = -1, ()
            self._set_hovered(-1)
        self._from, self._points = self._shown, places
        self._camera_from = self._camera
        self._camera_to = self._fit() if not same or self._fitted else self._camera
        self.setAccessibleDescription(f"{len(places):,} points")
        if same and self.isVisible() and len(places) < COARSE_FROM:
            self._glide.start()
        else:
            self._shown, self._camera = places, self._camera_to
            self._fitted = self._fitted or not same
            self._moved()

    def set_colours(self, rgb: NDArray[Any]) -> None:
        """Colour every point.

        Args:
            rgb: (N, 3) bytes.

        Raises:
            ValueError: if there is not one colour per point.
        """
        tints = np.asarray(rgb, np.uint8)
        if tints.shape != (len(self._points), 3):
            raise ValueError(f"{len(self._points)} points need as many colours, got {tints.shape}")
        self._dots.set_colours(tints)
        self.invalidate()

    def set_emphasis(self, mask: NDArray[Any] | None) -> None:
        """Grey out all points but those of the mask (N,), or None: none is greyed.

        Raises:
            ValueError: if there is not one value per point.
        """
        if mask is not None and np.shape(mask) != (len(self._points),):
            raise ValueError(f"{len(self._points)} points need as many flags: {np.shape(mask)}")
        self._dots.emphasis = None if mask is None else np.asarray(mask, np.bool_)
        self.invalidate()

    def set_pinned(self, index: int, neighbours: Sequence[int] = ()) -> None:
        """A strong ring around one point and thin ones around its neighbours; -1 for none."""
        self._pinned = index
        self._neighbours = tuple(int(one) for one in neighbours) if index >= 0 else ()
        self.update()

    def set_diameter(self, pixels: int) -> None:
        """Diameter of the dots; 0 goes by their number and the zoom."""
        self._diameter = pixels
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is no point."""
        return not len(self._points)

    @property
    def camera(self) -> Camera:
        """Which part is looked at."""
        return self._camera

    @property
    def hovered_index(self) -> int:
        """The point under the mouse, or -1."""
        return self._hovered

    @property
    def emphasis(self) -> NDArray[np.bool_] | None:
        """The mask of points that are not greyed out, if there is one."""
        return self._dots.emphasis

    def place_of(self, index: int) -> QPointF:
        """Where a point stands on this widget."""
        x, y = self._positions()
        return QPointF(float(x[index]), float(y[index]))

    def index_at(self, place: QPointF, radius: float = PICK_RADIUS) -> int:
        """The nearest point within a radius in pixels, or -1.

        All distances are computed: 0.3 ms for 100,000 points, and nothing to rebuild when points
        move. (A tree answers sooner but costs a pause of its own on every new layout.)
        """
        if self.is_empty():
            return -1
        x, y = self._positions()
        squares = np.square(x - place.x()) + np.square(y - place.y())
        squares = np.where(np.isfinite(squares), squares, np.inf)
        best = int(squares.argmin())
        return best if squares[best] <= radius**2 else -1

    # Moving --------------------------------------------------------------------------------

    def fit(self) -> None:
        """Look at all points."""
        self._glide.stop()
        self._shown = self._points
        self._camera, self._fitted = self._fit(), True
        self._moved()

    def pan(self, dx: float, dy: float) -> None:
        """Move what is seen by pixels."""
        self._camera, self._fitted = self._camera.panned(dx, dy), False
        self._moved()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Enlarge around a place of this widget, or around its middle."""
        place = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        whole = self._fit().scale
        wanted = min(max(self._camera.scale * factor, whole * 0.1), whole * 5000)
        factor = wanted / self._camera.scale
        self._camera = self._camera.zoomed(factor, place.x(), place.y())
        self._fitted = False
        self._moved()

    def _fit(self) -> Camera:
        return Camera.fit(self._points, float(self.width()), float(self.height()))

    def _moved(self) -> None:
        self._screen = None
        if len(self._points) >= COARSE_FROM:
            self._coarse = True
            self._rest.start()
        self.invalidate()
        self.moved.emit()

    def _refine(self) -> None:
        self._coarse = False
        self.invalidate()

    def _glide_to(self, part: float) -> None:
        if part >= 1.0 or len(self._from) != len(self._points):
            self._shown, self._camera = self._points, self._camera_to
        else:
            self._shown = self._from + (self._points - self._from) * part
            # a point that had no place before does not glide
            unknown = ~np.isfinite(self._shown).all(axis=1)
            self._shown[unknown] = self._points[unknown]
            self._camera = self._camera_from.between(self._camera_to, part)
        self._moved()

    def _positions(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self._screen is None:
            self._screen = self._camera.pixels(self._shown)
        return self._screen

    # Events --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted map stays fitted; another keeps its middle."""
        width, height = float(max(self.width(), 1)), float(max(self.height(), 1))
        if self._fitted:
            self._camera = self._fit()
        else:
            self._camera = self._camera.resized(width, height)
        self._camera_to = replace(self._camera_to, width=width, height=height)
        self._camera_to = self._fit() if self._fitted else self._camera_to
        self._screen = None
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press may become a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan while pressed, else hover."""
        if self._pressed is None:
            self._set_hovered(self.index_at(event.position()))
            return
        by = event.position() - self._pressed
        if not self._dragging and by.manhattanLength() < QApplication.startDragDistance():
            return
        if not self._dragging:
            self._dragging = True
            self._set_hovered(-1)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._pressed = event.position()
        self.pan(by.x(), by.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a drag, or a click."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        if self._dragging:
            self._dragging = False
            self.unsetCursor()
            self._set_hovered(self.index_at(event.position()))
        else:
            self.clicked.emit(self.index_at(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the mouse."""
        turned = event.angleDelta().y() or event.pixelDelta().y()
        self.zoom(1.0015**turned, event.position())
        self._set_hovered(self.index_at(event.position()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No point is hovered."""
        self._set_hovered(-1)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan, plus and minus zoom, 0 fits, Enter clicks the hovered point."""
        moves = {
            Qt.Key.Key_Left: (STRIDE, 0.0),
            Qt.Key.Key_Right: (-STRIDE, 0.0),
            Qt.Key.Key_Up: (0.0, STRIDE),
            Qt.Key.Key_Down: (0.0, -STRIDE),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self.pan(*moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.25)
        elif key == Qt.Key.Key_Minus:
            self.zoom(0.8)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._hovered >= 0:
            self.clicked.emit(self._hovered)
        else:
            super().keyPressEvent(event)

    def _set_hovered(self, index: int) -> None:
        if index == self._hovered:
            return
        self._hovered = index
        self._dwell.stop()
        if index >= 0:
            self._dwell.start()
        self.hovered.emit(index)
        self.update()

    def _ask_for_card(self) -> None:
        if 0 <= self._hovered < len(self._points):
            self.card_requested.emit(self._hovered, self.place_of(self._hovered).toPoint())

    # Painting ------------------------------------------------------------------------------

    def _tint(self) -> None:
        self._dots.tint()
        self.invalidate()

    def diameter(self) -> int:
        """Of a dot in pixels: small where there are many, a little larger when zoomed in."""
        if self._coarse or self._diameter:
            return 1 if self._coarse else self._diameter
        count = len(self._points)
        base = 6 if count < 3000 else 5 if count < 20_000 else 4 if count < 100_000 else 3
        closer = np.log2(max(self._camera.scale / max(self._fit().scale, 1e-300), 1.0)) / 2
        return int(min(base + closer, 8))

    def paint_still(self, painter: QPainter) -> None:
        """All dots, greyed ones below."""
        if self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        x, y = self._positions()
        size = max(round(self.diameter() * ratio), 1)
        image = self._dots.picture(x * ratio, y * ratio, size, width, height)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)

    def paint_live(self, painter: QPainter) -> None:
        """Rings: neighbours, the pinned point, the hovered one."""
        count = len(self._points)
        for index in self._neighbours:
            if 0 <= index < count:
                self._ring(painter, index, 6.5, ink("accent"), 1.6)
        if 0 <= self._pinned < count:
            self._ring(painter, self._pinned, 8.5, ink("text"), 2.2)
        if 0 <= self._hovered < count and self._hovered != self._pinned:
            self._ring(painter, self._hovered, 7.5, ink("text"), 1.6)

    def _ring(
        self, painter: QPainter, index: int, radius: float, colour: QColor, width: float
    ) -> None:
        place = self.place_of(index)
        if not np.isfinite([place.x(), place.y()]).all():
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for tint, wide in ((ink("surface"), width + 2), (colour, width)):
            painter.setPen(QPen(tint, wide))
            painter.drawEllipse(place, radius, radius)
