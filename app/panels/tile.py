"""A picture with a line of words under it, as a button."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from app import theme
from app.gallery_tiles import paint_chosen
from app.pictures import framed

WORDS = 20
"""Height of the line of words."""


class Tile(QAbstractButton):
    """One image: its picture, and words that are cut where room ends.

    Attributes:
        modifiers_held: keys that were down at the last press of mouse or key.
        menu_asked: where a menu is wanted, in global pixels.
    """

    menu_asked = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: QPixmap | None = None
        self._chosen = False
        self.modifiers_held = Qt.KeyboardModifier.NoModifier
        self.setProperty("elides", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def chosen(self) -> bool:
        """Whether it is marked as one of the chosen images."""
        return self._chosen

    def set_chosen(self, chosen: bool) -> None:
        """Mark it as one of the chosen images, or not."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.setAccessibleDescription("chosen" if chosen else "")
            self.update()

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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep what was held down."""
        self.modifiers_held = event.modifiers()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space click."""
        self.modifiers_held = event.modifiers()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the right mouse button or the menu key."""
        keyed = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.menu_asked.emit(self.mapToGlobal(self.rect().center()) if keyed else event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture, words, a mark where chosen, and a ring under the mouse or the keyboard."""
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
        if self._chosen:
            paint_chosen(painter, QRect(0, 0, side, side))
        if self.underMouse() or self.hasFocus():
            # Within the frame of a chosen one, so that both are seen.
            inner = 5 if self._chosen else 1
            painter.setPen(QPen(QColor(tokens.accent), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(inner, inner, side - 2 * inner, side - 2 * inner), 4, 4)
        painter.end()
