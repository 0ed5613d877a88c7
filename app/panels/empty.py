"""What a place shows while it has nothing to show: what is missing, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import theme
from app.card import label
from app.icon import pixmap

LOADING = ("Loading", "torch and the methods are being loaded; this takes a few seconds.")
WIDEST = 472
"""Width of the words at most: longer lines are hard to read."""
MARK = 28


class Empty(QWidget):
    """Two calm lines in the middle of a surface.

    Args:
        title: what is missing.
        remedy: what to do.
        mark: name of an icon above the words, "" for none.
    """

    def __init__(
        self, title: str = "", remedy: str = "", mark: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = mark
        self._mark = label("") if mark else None
        self._title = label("", "title", wrap=True)
        self._remedy = label("", "muted", wrap=True)
        words = QWidget()
        words.setMaximumWidth(WIDEST)
        layout = QVBoxLayout(words)
        layout.setContentsMargins(16, 24, 16, 24)
        layout.setSpacing(8)
        layout.addStretch(1)
        for one in filter(None, (self._mark, self._title, self._remedy)):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(one)
        self._rows = layout
        layout.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(words)  # in the middle, for it does not grow beyond its widest
        theme.current().changed.connect(self._tint)
        self._tint()
        self.say(title, remedy)

    def add_action(self, button: QWidget) -> None:
        """Put what can be done about it right below the words."""
        self._rows.insertSpacing(self._rows.count() - 1, 4)
        self._rows.insertWidget(self._rows.count() - 1, button, 0, Qt.AlignmentFlag.AlignHCenter)

    @property
    def text(self) -> str:
        """Both lines, for screen readers and tests."""
        return f"{self._title.text()}. {self._remedy.text()}"

    def say(self, title: str, remedy: str = "") -> None:
        """Other words."""
        self._title.setText(title)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self.setAccessibleName(title)
        self.setAccessibleDescription(remedy)

    def _tint(self) -> None:
        if self._mark is not None:
            self._mark.setPixmap(pixmap(self._name, theme.tokens().muted, MARK))
