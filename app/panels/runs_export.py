"""Where the encoder of a run goes: the format, what it is good for, the target; then progress."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QWidget,
)

from app import theme
from app.card import label, tell
from app.job_dialog import lay_out, name_button
from app.taking import Taking

if TYPE_CHECKING:
    from app.workspace import Workspace

WIDTH = 640
ROW = 27
"""Height of a format in the list, in pixels."""
WORDS, REASON = 74, 38
"""Height of what a format is good for, and of why it does not suit: four lines and two."""


@dataclass(frozen=True)
class Offer:
    """One way to take a run away.

    Attributes:
        key: of the format.
        title: in the list.
        words: what it is good for.
        suffix: of a single file that it can be, or "" for a folder.
        reason: why it does not suit this run, or "".
        command: of ``sslcore``, which writes it; all but "export" write a single file.
        ending: of the name that is proposed; "" for the key.
    """

    key: str
    title: str
    words: str
    suffix: str = ""
    reason: str = ""
    command: str = "export"
    ending: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is always a single file."""
        return self.command != "export"


def offers(path: Path, only: str = "") -> list[Offer]:
    """Formats for the encoder of a run and which of them suit it (on a worker: it loads weights).

    Args:
        path: run directory.
        only: the one format that is asked for; "" for all that hold an encoder.

    Raises:
        ValueError: if there is no checkpoint yet, or it is damaged.
    """
    formats: Any = importlib.import_module("sslcore.export.format")
    source: Any = importlib.import_module("sslcore.export.source")
    directory: Any = importlib.import_module("sslcore.runs.directory")
    opened = source.Source.open(directory.RunDirectory.open(path))
    return [
        Offer(
            key,
            one.title,
            " ".join(formats.page(key).split()),
            Path(one.main).suffix if one.alone else "",
            formats.unfit(opened, key),
        )
        for key, one in formats.registry().items()
        if (key == only if only else one.outputs is not None)
    ]


WRITE_REPORT = Offer(
    "report",
    "Report",
    "One page of HTML with curves, matrix, map, neighbours, scores and recipe. It needs nothing "
    "else, so it can be mailed and kept.",
    ".html",
    command="report",
)
_ALL = "Features of every image of the run's folder under its newest checkpoint, "
EMBEDDINGS = [
    Offer(
        key,
        title,
        f"{_ALL}{words}",
        f".{key}",
        command="embed",
        ending="embeddings",
    )
    for key, title, words in (
        ("npz", "NumPy archive", "as arrays: features, paths, labels, classes. For numpy.load; "
         "exact, quick to write and to read."),
        ("parquet", "Parquet table", "a row an image: path, label, a column for each number of "
         "the feature. For pandas, Polars, DuckDB; exact and small."),
        ("csv", "CSV table", "a row an image: path, label, a column for each number of the "
         "feature. For anything that reads text; by far the largest."),
    )
]  # fmt: skip


class ExportRunDialog(QDialog):
    """Choose, write, and be told.

    Args:
        workspace: whose tasks and last export folder.
        run: run directory.
        choices: what is offered; with one, there is no list.
        title: of the window.
    """

    def __init__(
        self,
        workspace: Workspace,
        run: Path,
        choices: list[Offer],
        title: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setFixedWidth(WIDTH)
        self._workspace, self._run, self._choices = workspace, run, choices
        self._proposed = ""
        self.taking = Taking(workspace.tasks, self)
        self.list = QListWidget()
        self.list.setAccessibleName("Format")
        for one in choices:
            item = QListWidgetItem(one.title)
            item.setToolTip(one.reason or one.words)
            item.setSizeHint(QSize(0, ROW))
            if one.reason:
                item.setForeground(QColor(theme.tokens().muted))
            self.list.addItem(item)
        self.list.setFixedHeight(ROW * len(choices) + 2 * self.list.frameWidth() + 4)
        self.list.setVisible(len(choices) > 1)
        self.about = label("", "muted", wrap=True)
        self.about.setMinimumHeight(WORDS)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.reason = label("", "warning", wrap=True)
        self.reason.setMinimumHeight(REASON)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        # The dialog must not jump from format to format.
        keeps = self.reason.sizePolicy()
        keeps.setRetainSizeWhenHidden(len(choices) > 1)
        self.reason.setSizePolicy(keeps)
        self.target = QLineEdit()
        self.target.setAccessibleName("Where to")
        self.browse = QPushButton("Browse…")
        self.browse.setAccessibleName("Choose where to")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName("Progress of the export")
        self.told = label("", wrap=True)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.start = QPushButton("Write")
        self.start.setAccessibleName("Write")
        self.start.setProperty("role", "primary")
        self.start.setDefault(True)
        self.close_button = QPushButton()
        name_button(self.close_button, "Cancel")
        self._lay_out(title)
        self.list.currentRowChanged.connect(self._choose)
        self.target.textChanged.connect(self._check)
        self.browse.clicked.connect(self._browse)
        self.start.clicked.connect(self._start)
        self.close_button.clicked.connect(self.reject)
        self.taking.said.connect(self._tell)
        self.taking.ended.connect(self._end)
        first = next((n for n, one in enumerate(choices) if not one.reason), 0)
        self.list.setCurrentRow(first)
        self._choose()

    def _lay_out(self, title: str) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        if len(self._choices) > 1:
            grid.addWidget(label("Format", "muted"), 0, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.list, 0, 1, 1, 2)
        grid.addWidget(self.about, 1, 1, 1, 2)
        grid.addWidget(self.reason, 2, 1, 1, 2)
        grid.addWidget(label("To", "muted"), 3, 0)
        grid.addWidget(self.target, 3, 1)
        grid.addWidget(self.browse, 3, 2)
        lay_out(self, title, grid, self.told, self.bar, (self.close_button, self.start))

    @property
    def chosen(self) -> Offer:
        """What is chosen."""
        return self._choices[max(self.list.currentRow(), 0)]

    def reject(self) -> None:
        """Call off what is being written, or close."""
        if self.taking.running:
            self.taking.cancel()
        else:
            super().reject()

    def done(self, result: int, /) -> None:
        """Nothing goes on behind a closed dialog."""
        self.taking.cancel()
        super().done(result)

    def _choose(self, _row: int = 0) -> None:
        """Another format: what it is good for, and a name that is free."""
        one = self.chosen
        self.about.setText(one.words)
        self.reason.setText(one.reason)
        self.reason.setVisible(bool(one.reason))
        if self.target.text() == self._proposed:
            takeout: Any = importlib.import_module("sslcore.data.takeout")
            name = f"{self._run.name}-{one.ending or one.key}{one.suffix if one.is_file else ''}"
            self._proposed = str(takeout.free_name(self._folder() / name))
            self.target.setText(self._proposed)
        tell(self.told, "", "")
        self._check()

    def _folder(self) -> Path:
        """Where exports go unless somebody says otherwise."""
        kept = self._workspace.settings.export_folder
        return kept if kept is not None and kept.is_dir() else Path.home()

    def _check(self) -> None:
        possible = bool(self.target.text().strip()) and not self.chosen.reason
        self.start.setEnabled(possible and not self.taking.running)

    def _browse(self) -> None:
        start = self.target.text()
        if self.chosen.suffix:
            words = f"{self.chosen.title} (*{self.chosen.suffix})"
            words += "" if self.chosen.is_file else ";;A folder (*)"
            found, _ = QFileDialog.getSaveFileName(self, "Write to", start, words)
        else:
            within = QFileDialog.getExistingDirectory(
                self, "Make the new folder in", str(Path(start).parent)
            )
            found = str(Path(within) / Path(start).name) if within else ""
        if found:
            self.target.setText(found)

    def _start(self) -> None:
        target = Path(self.target.text().strip()).expanduser().absolute()
        one = self.chosen
        suffixes = (".html", ".htm") if one.suffix == ".html" else (one.suffix,)
        if one.is_file and target.suffix.lower() not in suffixes:
            target = target.with_name(f"{target.name}{one.suffix}")
            self.target.setText(str(target))
        if os.path.lexists(target):  # of the three commands one writes over what is there
            tell(self.told, f"{target}: is there already; choose another name", "danger")
            return
        words = [one.command, str(self._run)]
        if one.command == "export":
            words += ["--format", one.key]
        tell(self.told, "Embedding …" if one.command == "embed" else "Starting …", "muted")
        self.bar.show()
        name_button(self.close_button, "Cancel")
        self.list.setEnabled(False)
        self._target = target
        self.taking.start(f"Writing {target.name}", [*words, "--out", str(target)], target)
        self._check()

    def _tell(self, words: str) -> None:
        tell(self.told, f"{words} …", "muted")

    def _end(self, words: str, role: str) -> None:
        if role == "good":
            self._workspace.settings.export_folder = self._target.parent
            words = f"Done: {words}"
        self.bar.hide()
        self.list.setEnabled(True)
        name_button(self.close_button, "Close")
        tell(self.told, words, role)
        self._check()
