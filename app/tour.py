"""Three cards that point at folder, views and Start at the first start; skippable for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app import theme
from app.card import label

GAP = 14
WIDTH = 320


@dataclass(frozen=True)
class Stop:
    """One card of the tour: what it points at, and its words."""

    target: QWidget
    title: str
    words: str


class Tour(QWidget):
    """A veil over the window with a hole around the target and a card beside it.

    Attributes:
        over: the tour was walked to its end or skipped.
    """

    over = Signal()

    def __init__(self, stops: Sequence[Stop], parent: QWidget) -> None:
        super().__init__(parent)
        self._stops = stops
        self._window = parent
        self.number = 0
        self.setAccessibleName("Tour")
        self.card = QFrame(self)
        self.card.setProperty("role", "popover")
        self._title = label("", "title")
        self._words = label("", "muted", wrap=True)
        self._count = label("", "caption")
        self.skip = QPushButton("Skip the tour")
        self.skip.setProperty("role", "quiet")
        self.skip.clicked.connect(self.end)
        self.next = QPushButton("Next")
        self.next.setProperty("role", "primary")
        self.next.clicked.connect(self.advance)
        row = QHBoxLayout()
        row.addWidget(self._count)
        row.addStretch(1)
        row.addWidget(self.skip)
        row.addWidget(self.next)
        layout = QVBoxLayout(self.card)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._words)
        layout.addSpacing(4)
        layout.addLayout(row)
        self.show_stop(0)

    def show_stop(self, number: int) -> None:
        """Point at one of the targets."""
        self.number = number
        stop = self._stops[number]
        self._title.setText(stop.title)
        self._words.setText(stop.words)
        self._count.setText(f"{number + 1} of {len(self._stops)}")
        self.next.setText("Done" if number + 1 == len(self._stops) else "Next")
        self.place()
        self.show()
        self.raise_()
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def advance(self) -> None:
        """The next card, or the end."""
        if self.number + 1 < len(self._stops):
            self.show_stop(self.number + 1)
        else:
            self.end()

    def end(self) -> None:
        """Take the veil away."""
        self.hide()
        self.over.emit()
        self.deleteLater()

    def place(self) -> None:
        """Lie over the whole window, the card beside the hole."""
        self.setGeometry(self._window.rect())
        self.card.setFixedWidth(WIDTH)
        self.card.adjustSize()
        hole = self._hole()
        x, y = hole.right() + GAP, hole.top()
        low = hole.top() > self.height() // 2
        most = QPoint(self.width() - WIDTH - GAP, self.height() - self.card.height() - GAP)
        if x > most.x() or (low and hole.width() > 60):
            x = hole.left()
            y = hole.top() - self.card.height() - GAP if low else hole.bottom() + GAP
        self.card.move(max(min(x, most.x()), GAP), max(min(y, most.y()), GAP))
        self.update()

    def _hole(self) -> QRect:
        target = self._stops[self.number].target
        corner = target.mapTo(self._window, QPoint(0, 0))
        return QRect(corner, target.size()).adjusted(-4, -4, 4, 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The veil, and a ring around the hole."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hole = self._hole()
        painter.setClipRegion(self.rect())
        veil = QColor(0, 0, 0, 130)
        for part in (
            QRect(0, 0, self.width(), hole.top()),
            QRect(0, hole.bottom() + 1, self.width(), self.height() - hole.bottom() - 1),
            QRect(0, hole.top(), hole.left(), hole.height()),
            QRect(hole.right() + 1, hole.top(), self.width() - hole.right() - 1, hole.height()),
        ):
            painter.fillRect(part, veil)
        painter.setPen(QPen(QColor(theme.tokens().accent), 2))
        painter.drawRoundedRect(hole, 7, 7)
        painter.end()
