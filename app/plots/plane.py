"""Many points on a plane that can be panned and zoomed; they glide when they get other places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.plots.camera import Camera, bounds
from app.plots.canvas import Canvas
from app.plots.dots import Dots, Flags

Points = NDArray[np.float64]
Drawing = Literal["automatic", "dots", "density"]

GLIDE = 300
GLIDES = 300_000
"""More points than that go to their new places at once."""
CROWDED, CALM = 4.0, 3.0
"""Points per covered pixel from which on density is shaded, and below which dots come back."""
MARKED = 9
"""Pixels across that a mark needs to be told from another."""


class Plane(Canvas):
    """(N, 2) points as dots, or shaded by density where they lie in heaps.

    Signals:
        moved(): the map was panned, zoomed or fitted, or its points are on their way.
        settled(object): the (N, 2) points are at rest; the very array they are found in.
        drawing_changed(): dots became density, or the other way round.
    """

    moved = Signal()
    settled = Signal(object)
    drawing_changed = Signal()

    def __init__(self, title: str = "Map", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._points: Points = np.zeros((0, 2))
        self._bounds = bounds(self._points)
        self._from = self._points
        self._shown = self._points
        self._dots = Dots(0)
        self._camera = Camera()
        self._fitted = True
        self._camera_from = self._camera_to = self._camera
        self._diameter = 0
        self._drawing: Drawing = "automatic"
        self._density = False
        self._glide = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=GLIDE)
        self._glide.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._glide.valueChanged.connect(self._glide_to)
        self.set_empty_text("No map yet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 160)

    def sizeHint(self) -> QSize:
        """A map likes room."""
        return QSize(720, 560)

    # What is shown -------------------------------------------------------------------------

    def set_points(self, points: NDArray[Any]) -> None:
        """Put the points, or let the ones that are there glide to new places.

        Args:
            points: (N, 2); rows that are not finite are not drawn. With another N than before the
                map is fitted, colours become those of missing values, and marks, emphasis and
                choice are dropped.

        Raises:
            ValueError: if the array is not (N, 2).
        """
        places = np.array(points, np.float64)
        if places.ndim != 2 or places.shape[1] != 2:
            raise ValueError(f"a map needs points of shape (N, 2), got {places.shape}")
        same = len(places) == len(self._points) and len(places) > 0
        self._glide.stop()
        if not same:
            self._dots = Dots(len(places))
            self.forget_points()
        self._from, self._points = self._shown, places
        self._bounds = bounds(places)
        self._camera_from = self._camera
        self._camera_to = self._fit() if not same or self._fitted else self._camera
        self.describe()
        if same and self.isVisible() and len(places) <= GLIDES:
            self._glide.start()
        else:
            self._camera = self._camera_to
            self._fitted = self._fitted or not same
            self._settle()

    def forget_points(self) -> None:
        """Other points come: what was known of single ones is of no use."""

    def describe(self) -> None:
        """Say to a screen reader what is there."""
        chosen = self._dots.chosen
        words = f"{len(self._points):,} points"
        if chosen is not None:
            words += f", {int(chosen.sum()):,} chosen"
        self.setAccessibleDescription(words)

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

    def set_marks(self, numbers: NDArray[Any] | None) -> None:
        """Give the points of class 0, 1, ... different marks, or circles to all (None).

        Args:
            numbers: (N,) class of each point, below 0 for none.

        Raises:
            ValueError: if there is not one number per point.
        """
        if numbers is not None and np.shape(numbers) != (len(self._points),):
            raise ValueError(f"{len(self._points)} points need as many marks: {np.shape(numbers)}")
        self._dots.set_marks(numbers)
        self.invalidate()

    def set_emphasis(self, mask: NDArray[Any] | None) -> None:
        """Grey out all points but those of the mask (N,), or None: none is greyed.

        Raises:
            ValueError: if there is not one value per point.
        """
        self._dots.emphasis = self._flags(mask)
        self.invalidate()

    def set_chosen(self, mask: NDArray[Any] | None) -> None:
        """Show the points of the mask (N,) as chosen and fade the others; None: none is chosen.

        Raises:
            ValueError: if there is not one value per point.
        """
        flags = self._flags(mask)
        self._dots.chosen = flags if flags is not None and flags.any() else None
        self.describe()
        self.invalidate()

    def _flags(self, mask: NDArray[Any] | None) -> Flags | None:
        if mask is not None and np.shape(mask) != (len(self._points),):
            raise ValueError(f"{len(self._points)} points need as many flags: {np.shape(mask)}")
        return None if mask is None else np.asarray(mask, np.bool_)

    def set_diameter(self, pixels: int) -> None:
        """Diameter of the dots; 0 goes by their number and the zoom."""
        self._diameter = pixels
        self.invalidate()

    def set_drawing(self, drawing: Drawing) -> None:
        """Draw dots or shade by density; "automatic" goes by how crowded the points are."""
        self._drawing = drawing
        if drawing != "automatic":
            self._draw_density(density=drawing == "density")
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is no point."""
        return not len(self._points)

    @property
    def camera(self) -> Camera:
        """Which part is looked at."""
        return self._camera

    @property
    def emphasis(self) -> Flags | None:
        """The mask of points that are not greyed out, if there is one."""
        return self._dots.emphasis

    @property
    def chosen(self) -> Flags | None:
        """The mask of chosen points, None if none is."""
        return self._dots.chosen

    @property
    def shades_density(self) -> bool:
        """Whether density is shaded at present, and no dots are drawn."""
        return self._density

    def place_of(self, index: int) -> QPointF:
        """Where a point stands on this widget."""
        x, y = self._camera.pixels(self._shown[index : index + 1])
        return QPointF(float(x[0]), float(y[0]))

    # Moving --------------------------------------------------------------------------------

    def fit(self) -> None:
        """Look at all points."""
        self._glide.stop()
        self._camera, self._fitted = self._fit(), True
        self._settle()

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
        width, height = float(self.width()), float(self.height())
        if self.is_empty():
            return Camera(width=width, height=height)
        return Camera.around(*self._bounds, width, height)

    def _moved(self) -> None:
        self.invalidate()
        self.moved.emit()

    def _settle(self) -> None:
        self._shown = self._points
        self._dots.set_places(self._shown)
        self._moved()
        self.settled.emit(self._points)

    def _glide_to(self, part: float) -> None:
        if part >= 1.0 or len(self._from) != len(self._points):
            self._camera = self._camera_to
            self._settle()
            return
        self._shown = self._from + (self._points - self._from) * part
        # A point that had no place before does not glide.
        unknown = ~np.isfinite(self._shown).all(axis=1)
        self._shown[unknown] = self._points[unknown]
        self._dots.set_places(self._shown)
        self._camera = self._camera_from.between(self._camera_to, part)
        self._moved()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted map stays fitted; another keeps its middle."""
        width, height = float(max(self.width(), 1)), float(max(self.height(), 1))
        if self._fitted:
            self._camera = self._fit()
        else:
            self._camera = self._camera.resized(width, height)
        self._camera_to = replace(self._camera_to, width=width, height=height)
        self._camera_to = self._fit() if self._fitted else self._camera_to
        super().resizeEvent(event)

    # Painting ------------------------------------------------------------------------------

    def diameter(self) -> int:
        """Of a dot in pixels: small where there are many, a little larger when zoomed in."""
        if self._diameter:
            return self._diameter
        count = len(self._points)
        base = 6 if count < 3000 else 5 if count < 20_000 else 4 if count < 100_000 else 3
        base = max(base, MARKED) if self._dots.marked else base
        closer = np.log2(max(self._camera.scale / max(self._fit().scale, 1e-300), 1.0)) / 2
        return int(min(base + closer, max(base, 8)))

    def paint_still(self, painter: QPainter) -> None:
        """All points, greyed ones below."""
        if self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        ratio = self.devicePixelRatioF()
        size = max(round(self.diameter() * ratio), 1)
        image, crowd = self._dots.picture(self._camera, ratio, size, density=self._density)
        if self._drawing == "automatic":
            wanted = crowd >= (CALM if self._density else CROWDED)
            if wanted != self._density:
                self._draw_density(density=wanted)
                image, _ = self._dots.picture(self._camera, ratio, size, density=wanted)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)

    def _draw_density(self, *, density: bool) -> None:
        if density != self._density:
            self._density = density
            self.drawing_changed.emit()
