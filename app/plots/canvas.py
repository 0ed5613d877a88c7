"""What every plot shares: a still layer kept as a picture, a live layer over it, theme, emptiness.

Painting text and lines is slow beside copying a picture. So a plot paints its still part once
(:meth:`Canvas.paint_still`) and only the part under the mouse (:meth:`Canvas.paint_live`) anew
when the mouse moves.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app import theme


class Canvas(QWidget):
    """A painted widget in the colours of the theme; subclasses fill in the two layers.

    Args:
        title: name of the plot, painted in its head and given to screen readers.
        parent: Qt parent.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._still: QPixmap | None = None
        self._title = ""
        self._empty_text = "Nothing to show yet"
        self._keyboard_here = False
        self.set_title(title)
        theme.current().changed.connect(self.invalidate)

    @property
    def title(self) -> str:
        """Name of the plot."""
        return self._title

    def set_title(self, title: str) -> None:
        """Another name, in the head and for screen readers."""
        self._title = title
        self.setAccessibleName(title)
        self.invalidate()

    def set_empty_text(self, text: str) -> None:
        """What is said while there is nothing to show."""
        self._empty_text = text
        self.invalidate()

    def invalidate(self) -> None:
        """The still layer is out of date: paint all anew at the next frame."""
        self._still = None
        self.update()

    def is_empty(self) -> bool:
        """Whether there is nothing to paint but the empty text."""
        return True

    def paint_still(self, painter: QPainter) -> None:
        """Paint what stays while the mouse moves; here, that there is nothing yet."""
        self.paint_empty(painter, QRectF(self.rect()))

    def paint_live(self, painter: QPainter) -> None:
        """Paint what follows the mouse or the timeline; here, nothing follows."""

    def paint_empty(self, painter: QPainter, rect: QRectF) -> None:
        """The empty text in the middle of a place, wrapped where it is narrow."""
        painter.setFont(theme.font(12))
        painter.setPen(ink("muted"))
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(rect.adjusted(8, 0, -8, 0), flags, self._empty_text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the still layer, painting it first if need be, and put the live one over it."""
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        if self._still is None or self._still.size() != size:
            self._still = QPixmap(size)
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._still)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_still(painter)
            painter.end()
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        painter.drawPixmap(0, 0, self._still)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.is_empty():
            self.paint_live(painter)
        if self._keyboard_here:
            painter.setPen(QPen(ink("accent"), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is, if the keyboard brought it here."""
        self._keyboard_here = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        )
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard is elsewhere."""
        self._keyboard_here = False
        self.update()
        super().focusOutEvent(event)


def ink(name: str, alpha: int = 255) -> QColor:
    """A token of the theme in use (``"text"``, ``"border"``) as a colour to paint with."""
    colour = QColor(str(getattr(theme.tokens(), name)))
    colour.setAlpha(alpha)
    return colour
