"""A row of small pictures with a word below each; where they are values, one can be taken."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from app.panels.view_montage import RADIUS, paint_picture

PLACES = 8
GAP = 8
BELOW = 18
"""Height of the words in pixels."""
KEYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Home: -PLACES,
    Qt.Key.Key_End: PLACES,
}


class Strip(QWidget):
    """Small pictures in a row; fewer than eight stand wider apart, so that the ends stay put.

    Attributes:
        picked: number of the picture a person clicked, or chose with arrows and Enter.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: Sequence[QImage] = ()
        self._words: Sequence[str] = ()
        self._chosen = -1
        self._pickable = False
        self._at = 0
        self._over = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("More draws")
        self.setMouseTracking(True)
        theme.current().changed.connect(self.update)

    def show_pictures(
        self,
        pictures: Sequence[QImage],
        words: Sequence[str],
        chosen: int = -1,
        *,
        pickable: bool = False,
    ) -> None:
        """Show other pictures.

        Args:
            pictures: at most eight.
            words: one below each, or none.
            chosen: number of the one that is in force, -1 for none.
            pickable: whether one can be taken.
        """
        moved = pickable and (chosen != self._chosen or not self._pickable)
        self._pictures, self._words = pictures, words
        self._chosen, self._pickable = chosen, pickable
        if moved:
            self._at = max(chosen, 0)
        self._at = min(self._at, max(len(pictures) - 1, 0))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if pickable else Qt.FocusPolicy.NoFocus)
        self.setToolTip("Click a value to take it" if pickable else "")
        self.setAccessibleName("Values to take" if pickable else "More draws")
        self._say()
        self._fit()
        self.update()

    def area(self, number: int) -> QRectF:
        """Where the n-th picture is."""
        side = self._side()
        count = len(self._pictures)
        step = (self.width() - side) / (count - 1) if 1 < count <= PLACES else side + GAP
        return QRectF(number * step, 0, side, side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Squares: the width says how tall."""
        super().resizeEvent(event)
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take what is below the mouse."""
        number = self._number_at(event.position().x())
        if self._pickable and number >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._at = number
            self.picked.emit(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that it can be clicked."""
        self._hover(self._number_at(event.position().x()) if self._pickable else -1)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is below the mouse any more."""
        super().leaveEvent(event)
        self._hover(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Enter takes."""
        key = Qt.Key(event.key())
        if not self._pickable:
            super().keyPressEvent(event)
        elif key in KEYS:
            self._at = min(max(self._at + KEYS[key], 0), len(self._pictures) - 1)
            self._say()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picked.emit(self._at)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring comes."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pictures, a frame around the value in force, a ring around the keyboard's."""
        del event
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, image in enumerate(self._pictures):
            area = self.area(number)
            paint_picture(painter, area, image)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if number == self._chosen:
                _frame(painter, area, QColor(tokens.accent), 2.0)
            elif number == self._over:
                _frame(painter, area, QColor(tokens.muted), 2.0)
            if number == self._at and self._pickable and self.hasFocus():
                _frame(painter, area.adjusted(4, 4, -4, -4), QColor(tokens.accent), 1.4)
            if number < len(self._words):
                here = number == self._chosen
                painter.setFont(theme.font(11, bold=here))
                painter.setPen(QColor(tokens.accent if here else tokens.muted))
                words = QRectF(area.left() - GAP, area.bottom() + 2, area.width() + 2 * GAP, 16)
                painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self._words[number])
        painter.end()

    def _hover(self, number: int) -> None:
        if number != self._over:
            self._over = number
            shape = Qt.CursorShape.PointingHandCursor if number >= 0 else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            self.update()

    def _number_at(self, x: float) -> int:
        for number in range(len(self._pictures)):
            area = self.area(number)
            if area.left() <= x <= area.right():
                return number
        return -1

    def _say(self) -> None:
        """Words for a screen reader."""
        words = ", ".join(self._words)
        if self._pickable and self._at < len(self._words):
            force = self._words[self._chosen] if self._chosen >= 0 else "none of them"
            words = f"{self._words[self._at]} of {words}; in force: {force}"
        self.setAccessibleDescription(words)

    def _side(self) -> int:
        return (self.width() - (PLACES - 1) * GAP) // PLACES

    def _fit(self) -> None:
        self.setFixedHeight(self._side() + (BELOW if self._words else 0))


def _frame(painter: QPainter, area: QRectF, colour: QColor, width: float) -> None:
    inset = width / 2
    painter.setPen(QPen(colour, width))
    painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
