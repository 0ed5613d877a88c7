"""Panels without content, for tests of the frame around them."""

from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.rail import Place


class PlainPanel(QWidget):
    title = "Plain"
    icon = "data"
    place = 1

    def __init__(self, workspace):
        super().__init__()
        self.workspace = workspace
        self.button = QPushButton("Do nothing")
        self.field = QLineEdit()
        layout = QVBoxLayout(self)
        layout.addWidget(self.button)
        layout.addWidget(self.field)
        layout.addStretch(1)
        self.keys = []

    def take_key(self, event):
        """It has a use for letters, like the map."""
        self.keys.append(event.key())
        return event.text().isalpha()


PLACES = tuple(
    Place(key, key.title(), key, "tests.app.plain", "PlainPanel")
    for key in ("data", "method", "views", "train", "explore")
)
