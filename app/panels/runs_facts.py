"""The card beside the table: what is known of the chosen run, tags and note, and what to do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.card import Card
from app.panels.elided import Elided
from app.panels.empty import Empty
from app.panels.runs_model import NONE, folder_name, percent, when
from app.panels.runs_shelf import Shelf
from app.wording import spoken

SETTLE = 700
"""Milliseconds after the last key until notes are written."""
ACTS = (
    ("open", "Open", "Open this run: its curves, map and images (Enter)"),
    ("export", "Export encoder…", "Write the encoder for other programs"),
    ("embeddings", "Embeddings of all images…", "Write the features of every image of its folder"),
    ("report", "Report…", "Write everything about this run on one page of HTML"),
    ("tensorboard", "TensorBoard…", "Write curves, images and embeddings for TensorBoard"),
    ("folder", "Open folder", "Show the run directory in the file manager"),
    ("rename", "Rename…", "Rename the run directory (F2)"),
    ("trash", "Move to trash", "Move the run directory to the trash (Delete)"),
)
"""Key, words and help of every button."""
PLACES = ((0, 0), (1, 0, 1, 2), (2, 0, 1, 2), (3, 0), (3, 1), (0, 1), (4, 0), (4, 1))
"""Row and column of every button, and how many it spans."""
NOTHING = ("No run chosen", "Choose one in the table.")


class RunFacts(Card):
    """One run.

    Attributes:
        asked: key of the act that is wanted.

    Args:
        shelf: whose runs, and who keeps notes.
    """

    asked = Signal(str)

    def __init__(self, shelf: Shelf, parent: QWidget | None = None) -> None:
        super().__init__("Run", parent=parent)
        self._shelf = shelf
        self._filling = False
        self._path: Path | None = None
        self._written: Path | None = None
        self.name = Elided("", "title")
        self.lines = [Elided("", "caption") for _ in range(3)]
        self.tags = QLineEdit()
        self.tags.setPlaceholderText("Tags, with commas between")
        self.tags.setAccessibleName("Tags of the run")
        self.note = QPlainTextEdit()
        self.note.setPlaceholderText("Note")
        self.note.setAccessibleName("Note on the run")
        self.note.setTabChangesFocus(True)
        self.note.setMinimumHeight(40)
        self.buttons: dict[str, QPushButton] = {}
        self._settle = QTimer(self, singleShot=True, interval=SETTLE)
        self._settle.timeout.connect(self.keep)
        self.tags.textEdited.connect(self._wait)
        self.note.textChanged.connect(self._wait)
        for field in (self.tags, self.note):
            field.installEventFilter(self)
        self._lay_out()
        shelf.listed.connect(self.refresh)
        shelf.chosen_changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        for number, (key, words, hint) in enumerate(ACTS):
            button = QPushButton(words)
            button.setToolTip(hint)
            button.setAccessibleName(words.rstrip("…"))
            button.clicked.connect(lambda _=False, key=key: self._ask(key))
            grid.addWidget(button, *PLACES[number])
            self.buttons[key] = button
        self.buttons["open"].setProperty("role", "primary")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.name)
        for line in self.lines:
            column.addWidget(line)
        column.addSpacing(4)
        column.addWidget(self.tags)
        column.addWidget(self.note, 1)
        column.addSpacing(4)
        column.addLayout(grid)
        self.empty = Empty(*NOTHING, mark="runs")
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(content)
        self.body.addWidget(self._rooms, 1)

    def show_run(self, path: Path | None) -> None:
        """Show another of the chosen runs."""
        self.keep()
        self._path = path
        self.refresh()

    @property
    def path(self) -> Path | None:
        """Directory of the run that is shown, or None."""
        chosen = self._shelf.chosen
        return self._path if self._path in chosen else (chosen[0] if chosen else None)

    def refresh(self) -> None:
        """Bring everything up to date; what is being written stays."""
        one = next((one for one in self._shelf.shown if one.path == self.path), None)
        self._rooms.setCurrentIndex(int(one is not None))
        if one is None:
            self.keep()
            return
        if self._written not in (None, one.path):  # another run was chosen meanwhile
            self.keep()
        self.name.say(one.name)
        self.lines[0].say(f"{one.title or NONE}, {spoken(one.backbone) or NONE}")
        self.lines[1].say(f"{one.images:,} images of {folder_name(one.folder)}" if one.images
                          else folder_name(one.folder))  # fmt: skip
        scores = f"kNN {percent(one.knn)}, linear {percent(one.linear)}"
        self.lines[2].say(f"{when(one.started)}, {scores}")
        for line, full in ((self.lines[1], one.folder), (self.lines[2], one.error)):
            if full:
                line.setToolTip(full)
        self.buttons["open"].setEnabled(one.path != self._shelf.open_path)
        is_open = one.path == self._shelf.open_path
        self.buttons["open"].setText("It is open" if is_open else "Open")
        if self._written is None:
            self._filling = True
            if self.tags.text() != ", ".join(one.notes.tags):
                self.tags.setText(", ".join(one.notes.tags))
            if self.note.toPlainText() != one.notes.note:
                self.note.setPlainText(one.notes.note)
            self._filling = False

    def _wait(self) -> None:
        if not self._filling:
            self._written = self.path
            self._settle.start()

    def keep(self) -> None:
        """Write tags and note, if they were changed, of the run they were written about."""
        self._settle.stop()
        path, self._written = self._written, None
        if path is not None:
            self._shelf.keep_notes(path, self.tags.text(), self.note.toPlainText())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leaving a field keeps what was written."""
        if event.type() == QEvent.Type.FocusOut:
            self.keep()
        return super().eventFilter(watched, event)

    def _ask(self, key: str) -> None:
        self.keep()
        self.asked.emit(key)
