"""The notice bar: what happened and what to do, above the main area, until it is closed."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.card import label
from app.icon import icon, pixmap

INFO_SECONDS = 8


class Notice(QFrame):
    """One message at a time, the newest; those that only inform go by themselves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.level = "info"
        self._mark = QLabel()
        self.message: QLabel = label("", wrap=True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.remedy: QLabel = label("", "muted", wrap=True)
        self.button = QToolButton()
        self.button.setProperty("role", "quiet")
        self.button.setAccessibleName("Close the message")
        self.button.setToolTip("Close")
        self.button.clicked.connect(self.hide)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.message)
        words.addWidget(self.remedy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(12)
        layout.addWidget(self._mark)
        layout.addLayout(words, 1)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        theme.current().changed.connect(self._tint)
        self._tint()
        self.hide()

    def tell(self, level: str, message: str, remedy: str) -> None:
        """Show a message of a level: "info", "warning" or "danger"."""
        self.level = level
        self.message.setText(message)
        self.remedy.setText(remedy)
        self.remedy.setVisible(bool(remedy))
        self.setAccessibleName(f"{level}: {message} {remedy}")
        self._tint()
        self.show()
        self._timer.stop()
        if level == "info":
            self._timer.start(INFO_SECONDS * 1000)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card, and an edge in the colour of the level."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), 10, 10)
        edge = QPainterPath()
        edge.addRect(QRectF(0, 0, 3, self.height()))
        painter.fillPath(whole.intersected(edge), QColor(self._colour()))
        painter.end()

    def _colour(self) -> str:
        tokens = theme.tokens()
        return {"danger": tokens.danger, "warning": tokens.warning}.get(self.level, tokens.accent)

    def _tint(self) -> None:
        name = "info" if self.level == "info" else "warning"
        self._mark.setPixmap(pixmap(name, self._colour()))
        self.button.setIcon(icon("close", theme.tokens().muted, 14))
        self.update()
