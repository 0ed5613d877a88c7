"""A picture with a line of words under it, as a button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from app import theme
from app.panels.explore_pictures import framed

WORDS = 20
"""Height of the line of words."""


class Tile(QAbstractButton):
    """One neighbour: its picture, and words that are cut where room ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: QPixmap | None = None
        self.setProperty("elides", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_picture(self, picture: QPixmap | None) -> None:
        """The image, or None while it is being read."""
        if picture is not self._picture:
            self._picture = picture
            self.update()

    def set_side(self, side: int) -> None:
        """Width and height of the picture."""
        self.setFixedSize(side, side + WORDS)

    def sizeHint(self) -> QSize:
        """As it was set."""
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture, words, and a ring under the mouse or the keyboard."""
        del event
        tokens = theme.tokens()
        side = self.width()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(0, 0, framed(self._picture, side, tokens.raised, ratio))
        painter.setFont(theme.font(11))
        painter.setPen(QColor(tokens.muted))
        words = QFontMetricsF(painter.font()).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, side
        )
        painter.drawText(QRectF(0, side, side, WORDS), Qt.AlignmentFlag.AlignVCenter, words)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(1, 1, side - 2, side - 2), 4, 4)
        painter.end()
