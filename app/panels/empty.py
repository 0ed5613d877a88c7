"""What a place shows while it has nothing to show: what is missing, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.card import label

LOADING = ("Loading", "torch and the methods are being loaded; this takes a few seconds.")


class Empty(QWidget):
    """Two calm lines in the middle of a surface.

    Args:
        title: what is missing.
        remedy: what to do.
    """

    def __init__(self, title: str = "", remedy: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label("", "title", wrap=True)
        self._remedy = label("", "muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        layout.addStretch(1)
        for one in (self._title, self._remedy):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(one)
        layout.addStretch(1)
        self.say(title, remedy)

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
