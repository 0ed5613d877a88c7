"""Where images come from: drop zone, open folder or CSV, recent folders, the demo set, progress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import Card, label
from app.standard import open_standard_set, standard_sets

if TYPE_CHECKING:
    from app.tasks import Task
    from app.workspace import Workspace

CSV_FILTER = "Tables (*.csv);;All files (*)"


class DropZone(QFrame):
    """A dashed field that says what is open and where to drop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hot = False
        self.title = label("", "title")
        self.words = label("Drop a folder of images or a CSV file here", "muted", wrap=True)
        for one in (self.title, self.words):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(4)
        layout.addWidget(self.title)
        layout.addWidget(self.words)
        self.setAccessibleName("Drop a folder of images here")
        self.title.hide()

    def set_hot(self, hot: bool) -> None:
        """Whether something that can be opened hovers above it."""
        self._hot = hot
        self.update()

    def show_folder(self, folder: str) -> None:
        """Say what is open."""
        path = Path(folder)
        name = self.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, 260)
        self.title.setText(name)
        self.title.setVisible(bool(folder))
        self.words.setText(
            "Drop another folder or CSV file here"
            if folder
            else "Drop a folder of images or a CSV file here"
        )
        self.setToolTip(folder)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The dashed edge."""
        del event
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = tokens.accent if self._hot else theme.mixed(tokens.border, tokens.muted, 0.4)
        painter.setPen(QPen(QColor(colour), 1.2, Qt.PenStyle.DashLine))
        if self._hot:
            painter.setBrush(QColor(theme.mixed(tokens.surface, tokens.accent, 0.12)))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 7, 7)
        painter.end()


class SourceCard(Card):
    """Ways to open images, and how far the opening is."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("Images", parent=parent)
        self._workspace = workspace
        self.zone = DropZone()
        self.folder = QPushButton("Open folder…")
        self.table = QPushButton("Open CSV…")
        self.recent = QPushButton("Recent")
        self.demo = QPushButton("Demo set")
        self.standard = QPushButton("Standard sets")
        self._sets = QMenu(self.standard)
        self._sets.setToolTipsVisible(True)
        self._sets.aboutToShow.connect(self._fill_sets)
        self.standard.setMenu(self._sets)
        self._menu = QMenu(self.recent)
        self._menu.aboutToShow.connect(self._fill_recent)
        self.recent.setMenu(self._menu)
        tips = {
            self.folder: "A folder; its sub-folders become classes (Ctrl+O)",
            self.table: "A CSV file with a column 'path'; 'label', 'split' and 'group' are used",
            self.recent: "Folders opened before",
            self.demo: "Generated coloured shapes, to try everything without images of your own",
            self.standard: "CIFAR, MNIST, SVHN, STL-10: downloaded once, kept as a folder",
        }
        grid = QGridLayout()
        grid.setSpacing(8)
        for number, (button, tip) in enumerate(tips.items()):
            button.setToolTip(tip)
            button.setAccessibleName(button.text().rstrip("…"))
            alone = button is self.standard
            grid.addWidget(button, number // 2, number % 2, 1, 2 if alone else 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._progress = QWidget()
        row = QHBoxLayout(self._progress)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.step = label("", "caption")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of reading the folder")
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel reading the folder")
        self.cancel.clicked.connect(self._cancel)
        row.addWidget(self.step)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.body.addWidget(self.zone)
        self.body.addLayout(grid)
        self.body.addWidget(self._progress)
        self.folder.clicked.connect(self._ask_folder)
        self.table.clicked.connect(self._ask_table)
        self.demo.clicked.connect(workspace.open_demo)
        workspace.tasks.changed.connect(self.refresh)
        theme.current().changed.connect(self.zone.update)
        self.refresh()

    @property
    def scanning(self) -> bool:
        """Whether a folder is being read."""
        return self._task() is not None

    @property
    def stage(self) -> str:
        """What is being read or made, or ""."""
        task = self._task()
        return "" if task is None else task.title

    def refresh(self) -> None:
        """Show what is open and how far a scan is."""
        task = self._task()
        self._progress.setVisible(task is not None)
        recipe = self._workspace.recipe
        opened = self._workspace.catalogue is not None and recipe is not None
        self.zone.show_folder(recipe.data.folder if opened and recipe is not None else "")
        # With nothing open, this is what to do; with a run to start, Start is.
        role = "" if opened else "primary"
        if self.folder.property("role") != role:
            theme.set_role(self.folder, role)
        self.recent.setEnabled(bool(self._workspace.settings.recent_folders))
        if task is not None:
            self.bar.setRange(0, task.total)
            self.bar.setValue(task.done)
            known = f"{task.done:,} of {task.total:,}" if task.total else f"{task.done:,} found"
            self.step.setText(known if task.done else "Listing")

    def _task(self) -> Task | None:
        running = [one for one in self._workspace.tasks.running() if one.key == "scan"]
        return running[-1] if running else None

    def _cancel(self) -> None:
        task = self._task()
        if task is not None:
            task.cancel()
        self.refresh()

    def _ask_folder(self) -> None:
        start = self._workspace.settings.last_folder
        chosen = QFileDialog.getExistingDirectory(self, "Folder of images", start)
        if chosen:
            self._workspace.open_path(Path(chosen))

    def _ask_table(self) -> None:
        start = self._workspace.settings.last_folder
        chosen, _ = QFileDialog.getOpenFileName(self, "CSV with a column 'path'", start, CSV_FILTER)
        if chosen:
            self._workspace.open_folder(chosen)

    def _fill_sets(self) -> None:
        self._sets.clear()
        for key, known in standard_sets().items():
            action = self._sets.addAction(f"{known.title}: {known.words}")
            action.setToolTip(
                f"{known.images:,} images of {known.side} px, {known.megabytes:,} MB to download"
            )
            action.triggered.connect(
                lambda _checked=False, key=key: open_standard_set(self._workspace, key)
            )

    def _fill_recent(self) -> None:
        self._menu.clear()
        for folder in self._workspace.settings.recent_folders:
            action = self._menu.addAction(folder)
            action.triggered.connect(
                lambda _checked=False, path=folder: self._workspace.open_folder(path)
            )
