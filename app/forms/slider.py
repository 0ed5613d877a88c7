"""A thin slider that jumps to where it is pressed and leaves the wheel to the page."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from app import theme

KNOB = 6.0
INSET = 9.0
"""Left and right of the knob's way, so that it and its focus ring are never cut."""
EDGE = 2.0
"""Left and right of the groove, so that it lines up with the words above it."""


class Slider(QSlider):
    """A lying :class:`QSlider` (keys, signals, accessibility) with its own face and mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(60)
        theme.current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As high as a switch."""
        return QSize(140, 22)

    def knob_x(self) -> float:
        """Pixel of the middle of the knob."""
        span = max(self.maximum() - self.minimum(), 1)
        part = (self.value() - self.minimum()) / span
        return INSET + part * (self.width() - 2 * INSET)

    def position_at(self, x: float) -> int:
        """The position under a pixel."""
        part = (x - INSET) / max(self.width() - 2 * INSET, 1.0)
        span = self.maximum() - self.minimum()
        return self.minimum() + round(min(max(part, 0.0), 1.0) * span)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Jump there and take hold."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        self.setSliderPosition(self.position_at(event.position().x()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse while held."""
        if self.isSliderDown():
            self.setSliderPosition(self.position_at(event.position().x()))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel turned to scroll a form must not change what lies under the mouse."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, the part up to the knob, the knob."""
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, x = self.height() / 2, self.knob_x()
        faded = theme.mixed(tokens.muted, tokens.surface, 0.5)
        track = QColor(theme.mixed(tokens.track, tokens.muted, 0.15))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(track)
        painter.drawRoundedRect(QRectF(EDGE, middle - 2, self.width() - 2 * EDGE, 4), 2, 2)
        painter.setBrush(QColor(tokens.accent if self.isEnabled() else faded))
        painter.drawRoundedRect(QRectF(EDGE, middle - 2, max(x - EDGE, 0.0), 4), 2, 2)
        painter.setBrush(QColor(tokens.handle if self.isEnabled() else faded))
        painter.drawEllipse(QPointF(x, middle), KNOB, KNOB)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, middle), KNOB + 2, KNOB + 2)
        painter.end()
