"""An on/off switch, painted from the theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app import theme

WIDTH, HEIGHT = 28, 16
RING = 3
"""Room around the switch for the ring that shows the keyboard's place."""


class Switch(QAbstractButton):
    """Like a check box: ``toggled(bool)``, Space, accessible as a check box."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Fixed."""
        return QSize(WIDTH + 2 * RING, HEIGHT + 2 * RING)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A pill and its knob; accent when on."""
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = (self.width() - WIDTH) / 2
        top = (self.height() - HEIGHT) / 2
        pill = QRectF(left, top, WIDTH, HEIGHT)
        on = self.isChecked()
        ground = QColor(tokens.accent if on else theme.mixed(tokens.track, tokens.muted, 0.25))
        knob = QColor("#FFFFFF" if on or tokens.dark else tokens.surface)
        if not self.isEnabled():
            ground.setAlpha(110)
            knob.setAlpha(150)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(pill, HEIGHT / 2, HEIGHT / 2)
        painter.setBrush(knob)
        x = pill.right() - HEIGHT + 2.5 if on else pill.left() + 2.5
        painter.drawEllipse(QRectF(x, top + 2.5, HEIGHT - 5, HEIGHT - 5))
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = pill.adjusted(-2, -2, 2, 2)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.end()
