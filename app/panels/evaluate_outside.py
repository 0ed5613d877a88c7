"""Encoders from outside: the list that a run is measured beside, in a dialog."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import label
from app.wording import sentence

if TYPE_CHECKING:
    from app.tasks import Task
    from app.workspace import Workspace

HELP = (
    "Networks measured beside the trained encoder, each a row of every table from the next "
    "measurement on."
)
FORMS = (
    "torchvision:resnet18 or timm:NAME (fresh weights), torchvision:resnet18@DEFAULT or "
    "timm:NAME@pretrained (published weights, downloaded once), FILE.safetensors@resnet18 (your "
    "own), an exported encoder.safetensors, or the folder of another run."
)


class OutsideDialog(QDialog):
    """Add encoders to the list of the open run, and take them off.

    An encoder is opened once before it joins the list, so that what cannot be had is said here.

    Args:
        workspace: whose run.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._task: Task | None = None
        self.setWindowTitle("Encoders from outside")
        self.resize(560, 420)
        self.list = QListWidget()
        self.list.setAccessibleName("Encoders from outside")
        self.remove = QPushButton("Remove")
        self.remove.setAccessibleName("Take the chosen encoder off the list")
        self.remove.clicked.connect(self._remove)
        self.line = QLineEdit()
        self.line.setPlaceholderText("torchvision:resnet18@DEFAULT")
        self.line.setAccessibleName("Name of an encoder")
        self.line.returnPressed.connect(self._add)
        self.run = QPushButton("Run…")
        self.run.setToolTip("Choose the folder of another run")
        self.run.setAccessibleName("Choose the folder of another run")
        self.run.clicked.connect(self._choose_run)
        self.add = QPushButton("Add")
        self.add.setProperty("role", "primary")
        self.add.setAccessibleName("Add this encoder")
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self._add)
        self.words = label("", "caption", wrap=True)
        entry = QHBoxLayout()
        entry.setSpacing(8)
        for widget, stretch in ((self.line, 1), (self.run, 0), (self.add, 0)):
            entry.addWidget(widget, stretch)
        close = QPushButton("Close")
        close.setAccessibleName("Close")
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self.remove)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(label(HELP, wrap=True))
        column.addWidget(self.list, 1)
        column.addLayout(entry)
        column.addWidget(label(FORMS, "caption", wrap=True))
        column.addWidget(self.words)
        column.addLayout(foot)
        for button in (self.run, self.remove, close):
            button.setAutoDefault(False)
        self.list.currentRowChanged.connect(self._turn)
        self.remove.setEnabled(False)
        self.line.setFocus()
        self._reload()

    @property
    def texts(self) -> list[str]:
        """Encoders on the list."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def _turn(self, row: int) -> None:
        self.remove.setEnabled(row >= 0)

    def _reload(self) -> None:
        directory = self._workspace.directory
        self.list.clear()
        if directory is None:
            self._say("There is no run to measure beside; open one first.", "danger")
            self.add.setEnabled(False)
            return
        try:
            self.list.addItems(list(_library().listed(directory)))
        except ValueError as error:
            self._say(sentence(error), "danger")

    def _choose_run(self) -> None:
        start = self._workspace.settings.runs_start
        chosen = QFileDialog.getExistingDirectory(self, "Choose a run", start)
        if chosen:
            self.line.setText(chosen)
            self._add()

    def _add(self) -> None:
        directory, text = self._workspace.directory, self.line.text().strip()
        recipe, catalogue = self._workspace.recipe, self._workspace.catalogue
        if directory is None or not text or self._task is not None:
            return
        texts = [*self.texts, text]
        try:
            _library().check(texts)
        except ValueError as error:
            self._say(sentence(error), "danger")
            return
        channels = 3 if catalogue is None else catalogue.channels
        size = 32 if recipe is None else recipe.data.image_size

        def work(_: Any) -> int:
            library = _library()
            encoder = library.Outside(text, channels, size).encoder
            library.keep(directory, texts)
            return int(encoder.dimensions)

        self._say(f"Opening {text} …")
        self.add.setEnabled(False)
        self._task = self._workspace.tasks.start(
            f"Opening {text}",
            work,
            lambda dimensions: self._take(text, dimensions),
            failed=self._fail,
            key="evaluate/outside",
        )
        self._task.ended.connect(self._end)

    def _take(self, text: str, dimensions: int) -> None:
        self.line.clear()
        self._reload()
        self._say(f"{text} is on the list; its features have {dimensions:,} numbers.")

    def _fail(self, error: Exception) -> None:
        self._say(sentence(error), "danger")

    def _end(self) -> None:
        self._task = None
        self.add.setEnabled(True)

    def done(self, result: int) -> None:
        """Closing calls off what is being opened."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)

    def _remove(self) -> None:
        directory, row = self._workspace.directory, self.list.currentRow()
        if directory is None or row < 0:
            return
        texts = self.texts
        gone = texts.pop(row)
        try:
            _library().keep(directory, texts)
        except (ValueError, RuntimeError) as error:  # a damaged list, a disk that refuses
            self._say(sentence(error), "danger")
            return
        self._reload()
        self._say(f"{gone} is off the list; findings that have it stay as they are.")

    def _say(self, words: str, role: str = "caption") -> None:
        self.words.setText(words)
        theme.set_role(self.words, role)


def _library() -> Any:
    return importlib.import_module("sslcore.assessment.outside")
