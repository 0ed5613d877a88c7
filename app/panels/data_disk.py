"""What caches and checkpoints take of the disk, with a button that frees the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QMessageBox, QPushButton, QWidget

from app import disk
from app.card import Card, label
from app.wording import count, size

if TYPE_CHECKING:
    from app.workspace import Workspace


class DiskCard(Card):
    """Two figures, measured whenever the card is shown and when a run has ended."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("On this disk", parent=parent)
        self._workspace = workspace
        self.cache = label("", wrap=True)
        self.checkpoints = label("", wrap=True)
        self.clear = QPushButton("Clear")
        self.clear.setAccessibleName("Clear the cache")
        self.clear.setToolTip("Delete decoded pixels, thumbnails and maps; they are made again")
        self.clear.clicked.connect(self._clear)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label("Cache", "muted"), 0, 0)
        grid.addWidget(self.cache, 0, 1)
        grid.addWidget(self.clear, 0, 2)
        grid.addWidget(label("Checkpoints", "muted"), 1, 0)
        grid.addWidget(self.checkpoints, 1, 1, 1, 2)
        self.body.addLayout(grid)
        workspace.training_ended.connect(self.refresh)

    def refresh(self) -> None:
        """Measure again, on a worker."""
        settings = self._workspace.settings
        self._workspace.tasks.start(
            "Measuring the disk",
            lambda _: disk.measure(settings),
            self._show,
            key="disk",
            quiet=True,
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever comes here sees how it is now."""
        super().showEvent(event)
        self.refresh()

    def _show(self, found: disk.Usage) -> None:
        self.cache.setText(size(found.cache))
        runs = f"{size(found.checkpoints)} in {count(found.runs, 'run')}"
        self.checkpoints.setText(f"{runs}; remove runs in Runs" if found.runs else "no runs")
        self.clear.setEnabled(found.cache > 0 and not self._workspace.running)

    def _clear(self) -> None:
        answer = QMessageBox.question(
            self,
            "Clear the cache",
            "Delete decoded pixels, thumbnails and computed maps? They are made again when needed; "
            "the maps of all epochs take minutes.",
        )
        if answer != QMessageBox.StandardButton.Yes:
            return
        settings = self._workspace.settings
        self.clear.setEnabled(False)
        self._workspace.tasks.start(
            "Clearing the cache",
            lambda _: disk.clear_cache(settings),
            lambda _: self.refresh(),
            key="clear",
        )
