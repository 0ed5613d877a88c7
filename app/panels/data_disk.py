"""What caches and checkpoints take of the disk, and how large the cache of a run may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app import disk
from app.cache_button import CacheButton
from app.card import Card, label
from app.forms.number import DecimalBox
from app.wording import count, size

if TYPE_CHECKING:
    from app.workspace import Workspace


class DiskCard(Card):
    """Two figures, measured whenever the card is shown and when a run begins or has ended."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("On this disk", parent=parent)
        self._workspace = workspace
        self.cache = label("", wrap=True)
        self.checkpoints = label("", wrap=True)
        self.budget = DecimalBox()
        self.budget.setRange(0.0, 1024.0)
        self.budget.setDecimals(1)
        self.budget.setSuffix(" GB")
        self.budget.setKeyboardTracking(False)
        self.budget.setAccessibleName("Cache of a run")
        self.budget.setToolTip(
            "Decoded pixels that a run may keep on the disk; a larger folder is decoded anew in "
            "every epoch, which is slower."
        )
        self.budget.valueChanged.connect(self._take_budget)
        self.clear = CacheButton(workspace)
        self.clear.done.connect(self.refresh)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label("Cache", "muted"), 0, 0)
        grid.addWidget(self.cache, 0, 1)
        grid.addWidget(self.clear, 0, 2)
        grid.addWidget(label("Checkpoints", "muted"), 1, 0)
        grid.addWidget(self.checkpoints, 1, 1, 1, 2)
        words = label("A run may cache", "muted")
        words.setBuddy(self.budget)
        grid.addWidget(words, 2, 0)
        grid.addWidget(self.budget, 2, 1, 1, 2)
        self.body.addLayout(grid)
        workspace.training_ended.connect(self.refresh)
        workspace.run_changed.connect(self.refresh)
        workspace.recipe_changed.connect(self._show_budget)
        self._show_budget()

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

    def _show_budget(self) -> None:
        recipe = self._workspace.recipe
        self.budget.setEnabled(recipe is not None)
        if recipe is not None:
            with QSignalBlocker(self.budget):
                self.budget.setValue(recipe.data.cache_gigabytes)

    def _take_budget(self, value: float) -> None:
        if (recipe := self._workspace.recipe) is not None:
            self._workspace.change_section("data", recipe.data.changed(cache_gigabytes=value))

    def _show(self, found: disk.Usage) -> None:
        self.cache.setText(size(found.cache))
        runs = f"{size(found.checkpoints)} in {count(found.runs, 'run')}"
        self.checkpoints.setText(f"{runs}; remove runs in Runs" if found.runs else "no runs")
        self.clear.offer(found.cache)
