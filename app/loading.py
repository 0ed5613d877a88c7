"""A place that shows its panel as soon as the library is loaded, and says "loading" until then."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
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

QUIET = 400
"""Milliseconds between two places that are built before anybody looks."""


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


@runtime_checkable
class KeyTaker(Protocol):
    """A panel with keys of its own that work wherever the keyboard is, but in fields."""

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what the key stands for here; False if it stands for nothing."""
        ...


class Gate(QWidget):
    """Room of one place. Its panel is built at the first look, or before (see :class:`Builder`).

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

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether the panel has a use for a key that nothing else took."""
        return isinstance(self.panel, KeyTaker) and self.panel.take_key(event)

    def _build_if_seen(self) -> None:
        if self.isVisible():
            self.build()

    def build(self) -> None:
        """Build the panel, unless there is one or the library is not loaded."""
        if self.panel is not None or not self._workspace.core_loaded:
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


class Builder(QObject):
    """Builds places that nobody looked at yet, one by one, while nothing else happens.

    A first look in the middle of a training costs the window 100 ms and more, for panel and
    training share one interpreter; before the run it is a few dozen, and nobody waits for it.

    Args:
        gates: of the places, those that are wanted first at the end.
        workspace: tells when the library is loaded and whether there is other work.
        parent: the window.
    """

    def __init__(self, gates: Iterable[Gate], workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._workspace = workspace
        self._waiting = list(gates)
        self._timer = QTimer(self, interval=QUIET)
        self._timer.timeout.connect(self._look)
        workspace.core_ready.connect(self._timer.start)

    @property
    def idle(self) -> bool:
        """Whether it builds nothing (any more)."""
        return not self._timer.isActive()

    def _look(self) -> None:
        self._waiting = [gate for gate in self._waiting if gate.panel is None]
        if not self._waiting or self._workspace.running or not self._window.isVisible():
            self._timer.stop()  # what is left is built at its first look
        elif not self._workspace.tasks.running():
            gate = self._waiting[-1]
            self._workspace.tasks.start(
                f"Loading {gate.place.title}",
                lambda _: importlib.import_module(gate.place.module),
                lambda _: self._build(gate),
                key="place",
                quiet=True,
            )

    def _build(self, gate: Gate) -> None:
        if not self._workspace.running:
            gate.build()
