"""The Train place: is it learning? Verdict, curves, and what the method shows of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.card import Card
from app.panels.empty import LOADING, Empty
from app.panels.train_controls import CurveControls
from app.panels.train_curves import CurvesColumn
from app.panels.train_diagnostics import DiagnosticsCard
from app.panels.train_health import HealthStrip

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.runs.record import RunRecord

NOTHING = (
    "No run yet",
    "Choose images and a method, then Start (Ctrl+R). Curves move within seconds; "
    "a run directory dropped on the window shows an old run.",
)
SHORTEST, LONGEST = 50, 1000
"""Milliseconds between two repaints: the more steps there are, the less one more of them shows."""


class TrainPanel(QWidget):
    """Watch the open run, live or replayed.

    Args:
        workspace: whose record is shown.
    """

    title = "Train"
    icon = "train"
    order = 4

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._record: RunRecord | None = None
        self._snapshot: int | None = None
        self._stale = True
        self.empty = Empty(*NOTHING, mark="train")
        self.health = HealthStrip()
        self.controls = CurveControls()
        self.curves = CurvesColumn(self.controls)
        self.diagnostics = DiagnosticsCard(workspace)
        blank = Card()
        blank.body.addWidget(self.empty)
        places = QWidget()
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.curves, 1)
        below.addWidget(self.diagnostics)
        column = QVBoxLayout(places)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.health)
        column.addWidget(self.controls)
        column.addLayout(below, 1)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(blank)
        self._rooms.addWidget(places)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._rooms)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.refresh)
        workspace.record_changed.connect(self._follow)
        for signal in (
            workspace.core_ready,
            workspace.run_changed,
            workspace.snapshot_selected,
            self.controls.changed,
        ):
            signal.connect(self._answer)
        self.curves.step_chosen.connect(self._go)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the place was hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The diagnostics take about a third."""
        super().resizeEvent(event)
        self.diagnostics.setFixedWidth(min(max(self.width() * 35 // 100, 404), 470))

    def refresh(self) -> None:
        """Show the record as it stands now."""
        self._stale = False
        workspace, record = self._workspace, self._workspace.record
        if record is None or record.started is None:
            self._say_waiting(record)
            self._rooms.setCurrentIndex(0)
            return
        self._rooms.setCurrentIndex(1)
        anew = record is not self._record
        self._record = record
        self.health.show_record(record)
        self.curves.show_record(record, workspace.snapshot_position)
        self.diagnostics.declare(record.started.diagnostics, anew=anew)
        self.diagnostics.show_record(record, workspace.snapshot_position)
        self._show_snapshot(record, anew=anew)

    def _show_snapshot(self, record: RunRecord, *, anew: bool) -> None:
        """Old snapshots are read from the disk: only when the position moved."""
        position = self._workspace.snapshot_position
        step = None if position is None else record.snapshot_at(position)
        if step is None and record.latest is not None:
            step = record.latest.step
        if step is None or (step == self._snapshot and not anew):
            return
        self._snapshot = step
        epoch = dict(record.snapshots).get(step, 0.0)
        self.diagnostics.show_diagnostics(self._workspace.diagnostics(), epoch)

    def _say_waiting(self, record: RunRecord | None) -> None:
        stage = record.stage if record is not None else None
        stopped = record.stopped if record is not None else None
        if not self._workspace.core_loaded:
            self.empty.say(*LOADING)
        elif stage is not None:
            done = f"{stage.done:,} of {stage.total:,}. " if stage.total else ""
            self.empty.say(stage.stage, f"{done}Curves begin when the images are ready.")
        elif stopped is not None and stopped.reason == "failed":
            self.empty.say("The run failed before its first step", stopped.error)
        elif self._workspace.running:
            self.empty.say("Starting", "The first curves come within seconds.")
        else:
            self.empty.say(*NOTHING)

    def _follow(self) -> None:
        """The run went on."""
        self._stale = True
        if self.isVisible() and not self._timer.isActive():
            steps = 0 if self._record is None else self._record.step
            self._timer.start(min(max(steps // 50, SHORTEST), LONGEST))

    def _answer(self) -> None:
        """A person did something, and waits."""
        self._stale = True
        if self.isVisible() and not 0 <= self._timer.remainingTime() <= SHORTEST:
            self._timer.start(SHORTEST)

    def _go(self, step: int) -> None:
        record = self._workspace.record
        newest = record is not None and bool(record.moments) and record.moments[-1][0] == step
        self._workspace.select_snapshot(None if newest else step)
