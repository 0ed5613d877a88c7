"""The editor of a folder: a line for its path, and a button that opens the system's chooser."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget

from app.forms.editors import TextEditor
from sslcore.config import Knob


class FolderEditor(TextEditor):
    """A path that can be typed or picked."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.line.setPlaceholderText("none")
        self.pick = QToolButton()
        self.pick.setText("…")
        self.pick.setToolTip("Choose a folder")
        self.pick.setAccessibleName(f"{knob.title}: choose a folder")
        self.pick.clicked.connect(self._choose)
        self.row.addWidget(self.pick)

    def set_value(self, value: object) -> None:
        """Show a path; all of it as a tip, where the line is too short for it."""
        super().set_value(value)
        self.line.setToolTip(str(value or ""))
        self.line.setCursorPosition(len(self.line.text()))

    def _choose(self) -> None:
        start = self.line.text().strip() or str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder", start)
        if chosen:
            self.line.setText(chosen)
            self.commit()
