"""The card beside a hovered point: the image, its name, its class, whether its neighbours agree."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app import theme
from app.card import label
from app.panels.elided import Elided
from app.pictures import framed

SIDE = 132
APART = 14
"""Pixels between the point and the card."""


class HoverCard(QFrame):
    """A small popover over the map; it never takes the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._point = QPoint()
        self.setProperty("role", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.picture = label("")
        self.picture.setFixedSize(SIDE, SIDE)
        self.path = Elided("", "")
        self.path.setFont(theme.font(12, bold=True))
        self.words = label("", "caption", wrap=True)
        self.words.setFixedWidth(SIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 9, 9, 9)
        column.setSpacing(3)
        for widget in (self.picture, self.path, self.words):
            column.addWidget(widget)
        self.hide()
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A map of another size has its points elsewhere: the card would point at nothing."""
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self.hide()
        return super().eventFilter(watched, event)

    def show_at(self, place: QPoint, path: str, words: str) -> None:
        """Stand beside a point of the parent, on the side where there is room."""
        self._point = place
        self.path.say(path)
        self.setAccessibleName(path)
        self.say(words)
        self.show()
        self.raise_()

    def say(self, words: str) -> None:
        """Other words under the name; the card stays within the map when it grows."""
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.adjustSize()
        place, over = self._point, self._over
        right = place.x() + APART
        x = right if right + self.width() <= over.width() else place.x() - APART - self.width()
        y = min(place.y() - 24, over.height() - self.height() - 4)
        self.move(max(x, 4), max(y, 4))

    def set_picture(self, picture: QPixmap | None) -> None:
        """The image, or a plain tile until it is read."""
        ground = theme.tokens().raised
        self.picture.setPixmap(framed(picture, SIDE, ground, self.devicePixelRatioF()))
