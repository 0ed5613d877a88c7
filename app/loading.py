"""A place that shows its panel as soon as the library is loaded, and says "loading" until then."""

from __future__ import annotations

import importlib

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QProgressBar,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.rail import Place
from app.tasks import Task
from app.workspace import Workspace


class Loading(QWidget):
    """A word and a thin bar in the middle of a place.

    Args:
        words: what is being waited for.
        task: whose progress the bar shows; a bar without a task runs to and fro.
    """

    def __init__(self, words: str, task: Task | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = label(words, "muted")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(220)
        self.bar.setAccessibleName(words)
        self.bar.setRange(0, 0)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self.words, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(4)
        layout.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        if task is not None:
            task.progress.connect(self.set_progress)

    def set_progress(self, done: int, total: int) -> None:
        """Move the bar."""
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)


class Gate(QWidget):
    """Room of one place. Its panel is built when it is first seen and the library is loaded.

    Attributes:
        built: the panel, right after it was built.
    """

    built = Signal(object)

    def __init__(self, place: Place, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self.panel: QWidget | None = None
        self._workspace = workspace
        self._rooms = QStackedLayout(self)
        self._rooms.addWidget(Loading("Loading torch and the methods"))
        workspace.core_ready.connect(self._build_if_seen)

    def showEvent(self, event: QShowEvent) -> None:
        """Build the panel at the first look."""
        super().showEvent(event)
        self._build_if_seen()

    def _build_if_seen(self) -> None:
        if self.panel is not None or not self.isVisible() or not self._workspace.core_loaded:
            return
        module = importlib.import_module(self.place.module)
        panel: QWidget = getattr(module, self.place.panel)(self._workspace)
        # Space belongs to the timeline: a clicked button must not keep it.
        for button in panel.findChildren(QAbstractButton):
            if button.focusPolicy() == Qt.FocusPolicy.StrongFocus:
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # The window's main area has the margin; one that a panel brings would double it.
        if (layout := panel.layout()) is not None:
            layout.setContentsMargins(0, 0, 0, 0)
        self.panel = panel
        self._rooms.addWidget(panel)
        self._rooms.setCurrentWidget(panel)
        self.built.emit(panel)
