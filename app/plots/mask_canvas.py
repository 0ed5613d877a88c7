"""A picture on which a box or an ellipse is drawn, and over which a mask lies."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots.canvas import Canvas, ink
from app.plots.image_grid import paint_picture, rounded
from app.plots.raster import image_of

Outline = Literal["box", "ellipse"]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom in parts of the picture."""

STEP = 0.02
"""How far an arrow key moves the outline, in parts of the picture."""
SMALLEST = 0.02
"""Sides of an outline at least, in parts of the picture; a mere click draws none."""
FIRST: Box = (0.35, 0.35, 0.65, 0.65)
"""What a key draws where there is no outline yet."""
VEIL = 130
"""How much of a picture the colour of its mask hides, of 255."""


class MaskCanvas(Canvas):
    """Shows a frame; where that is allowed, an outline is dragged over it.

    Signals:
        drawn(): there is another outline, or none.
    """

    drawn = Signal()

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._picture: QImage | None = None
        self._mask: NDArray[np.bool_] | None = None
        self._outline: Outline = "box"
        self._box: Box | None = None
        self._from: QPointF | None = None
        self._before: Box | None = None
        self._can_draw = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 120)

    def sizeHint(self) -> QSize:
        """A calm default."""
        return QSize(420, 420)

    # What is shown --------------------------------------------------------------------------

    def show_frame(
        self, pixels: NDArray[np.uint8] | None, mask: NDArray[np.bool_] | None = None
    ) -> None:
        """Show another frame.

        Args:
            pixels: (h, w, 3), or None for none.
            mask: (h', w') what of it is marked, in its shape; None where nothing lies over it.
        """
        self._picture = None if pixels is None else image_of(pixels)
        self._mask = mask
        self.invalidate()

    def allow(self, drawing: bool) -> None:
        """Let an outline be drawn and show the one there is, or only look."""
        self._can_draw = drawing
        self.setCursor(Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor)
        self.update()

    @property
    def box(self) -> Box | None:
        """What was drawn, or None."""
        return self._box

    def set_box(self, box: Box | None) -> None:
        """Draw this outline, or none."""
        if box != self._box:
            self._box = box
            self.update()
            self.drawn.emit()

    def set_outline(self, outline: Outline) -> None:
        """Whether the box, or the ellipse in it, is meant."""
        if outline != self._outline:
            self._outline = outline
            self.update()
            if self._box is not None:
                self.drawn.emit()

    def marked(self, height: int, width: int) -> NDArray[np.bool_]:
        """(height, width) whether the middle of a pixel lies within the outline."""
        if self._box is None:
            return np.zeros((height, width), np.bool_)
        left, top, right, bottom = self._box
        x = ((np.arange(width) + 0.5) / width)[None, :]
        y = ((np.arange(height) + 0.5) / height)[:, None]
        if self._outline == "box":
            return (x >= left) & (x < right) & (y >= top) & (y < bottom)
        across = (2 * x - left - right) / (right - left)
        down = (2 * y - top - bottom) / (bottom - top)
        return across**2 + down**2 <= 1

    def is_empty(self) -> bool:
        """Whether there is no frame."""
        return self._picture is None

    def place(self) -> QRectF:
        """Where the frame stands: as large as there is room for, in the middle."""
        if self._picture is None:
            return QRectF(self.rect())
        wide, high = self._picture.width(), self._picture.height()
        scale = min((self.width() - 4) / wide, (self.height() - 4) / high)
        wide, high = wide * scale, high * scale
        return QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high)

    # Events ---------------------------------------------------------------------------------

    def _part(self, point: QPointF) -> QPointF:
        """A point in parts of the picture, held within it."""
        place = self.place()
        return QPointF(
            min(max((point.x() - place.left()) / place.width(), 0.0), 1.0),
            min(max((point.y() - place.top()) / place.height(), 0.0), 1.0),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """An outline begins here."""
        if self._can_draw and not self.is_empty() and event.button() == Qt.MouseButton.LeftButton:
            self._from, self._before = self._part(event.position()), self._box
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """It grows with the mouse."""
        if self._from is not None:
            here = self._part(event.position())
            xs, ys = sorted((self._from.x(), here.x())), sorted((self._from.y(), here.y()))
            self._box = (xs[0], ys[0], xs[1], ys[1])
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It is drawn, unless it is too small to be meant."""
        if self._from is not None:
            self._from, box = None, self._box
            small = box is None or min(box[2] - box[0], box[3] - box[1]) < SMALLEST
            self._box = self._before
            self.set_box(self._before if small else box)
            self.update()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the outline, with Shift its lower right end; Delete takes it away."""
        moves = {
            Qt.Key.Key_Left: (-STEP, 0.0),
            Qt.Key.Key_Right: (STEP, 0.0),
            Qt.Key.Key_Up: (0.0, -STEP),
            Qt.Key.Key_Down: (0.0, STEP),
        }
        key = Qt.Key(event.key())
        if not self._can_draw or self.is_empty() or key not in (*moves, Qt.Key.Key_Delete):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Delete:
            self.set_box(None)
        elif self._box is None:
            self.set_box(FIRST)
        else:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.set_box(_moved(self._box, *moves[key], only_end=shift))

    # Painting -------------------------------------------------------------------------------

    def paint_still(self, painter: QPainter) -> None:
        """The frame, and its mask over it."""
        if self._picture is None:
            self.paint_empty(painter, QRectF(self.rect()))
            return
        place = self.place()
        paint_picture(painter, place, self._picture)
        if self._mask is not None:
            painter.save()
            painter.setClipPath(rounded(place))
            painter.drawImage(place, veil(self._mask))
            painter.restore()

    def paint_live(self, painter: QPainter) -> None:
        """The outline that is drawn."""
        if self._box is None or not self._can_draw:
            return
        place = self.place()
        left, top, right, bottom = self._box
        box = QRectF(
            place.left() + left * place.width(),
            place.top() + top * place.height(),
            (right - left) * place.width(),
            (bottom - top) * place.height(),
        )
        for pen, fill in ((QPen(ink("surface"), 4.0), ink("accent", 50)),
                          (QPen(ink("accent"), 2.0), QColor(0, 0, 0, 0))):  # fmt: skip
            painter.setPen(pen)
            painter.setBrush(fill)
            if self._outline == "box":
                painter.drawRect(box)
            else:
                painter.drawEllipse(box)


def veil(mask: NDArray[np.bool_]) -> QImage:
    """A picture of a mask in the first colour of the series, clear where nothing is marked."""
    colour = QColor(theme.tokens().series[1])
    pixels = np.zeros((*mask.shape, 4), np.uint8)
    pixels[mask] = (colour.red(), colour.green(), colour.blue(), VEIL)
    height, width = mask.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _moved(box: Box, right: float, down: float, *, only_end: bool) -> Box:
    """A box pushed along, or made larger at its lower right, within the picture."""
    x0, y0, x1, y1 = box
    if only_end:
        return (
            x0,
            y0,
            min(max(x1 + right, x0 + SMALLEST), 1.0),
            min(max(y1 + down, y0 + SMALLEST), 1.0),
        )
    right = min(max(right, -x0), 1.0 - x1)
    down = min(max(down, -y0), 1.0 - y1)
    return x0 + right, y0 + down, x1 + right, y1 + down
