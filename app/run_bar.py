"""The run bar: Start, Pause, Resume, Stop, and where the run stands. Everything from the record."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from app import theme
from app.card import label
from app.wording import count, duration, size
from app.workspace import Workspace


class Figure(QWidget):
    """A muted word and a number that is worth reading: ``step 12,090 / 19,500``."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name: QLabel = label(name, "muted")
        self.value: QLabel = label("")
        self.value.setFont(theme.font())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(6)
        layout.addWidget(self.name)
        layout.addWidget(self.value)

    def show_value(self, text: str) -> None:
        """Another number; the figure hides while it has none."""
        if self.value.text() != text:
            self.value.setText(text)
        self.setVisible(bool(text))


class RunBar(QFrame):
    """The bottom bar: one primary button, Stop while a run lives, and the figures of the run."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._saved_at: tuple[int, float] | None = None
        self.setProperty("role", "bar")
        self.setFixedHeight(52)
        self.primary = _button("Start", "primary")
        self.primary.clicked.connect(self._press)
        self.stop_button = _button("Stop", "")
        self.stop_button.setToolTip("Save a checkpoint and end the run")
        self.stop_button.clicked.connect(self._stop)
        self.continue_button = _button("Continue run", "")
        self.continue_button.setToolTip("Go on with the open run from its last checkpoint")
        self.continue_button.clicked.connect(workspace.continue_run)
        self.stage: QLabel = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.bar.setAccessibleName("Progress of the preparation")
        self.figures = {name: Figure(name) for name in ("step", "epoch", "left", "speed", "device")}
        self.saved: QLabel = label("", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(12)
        for widget in (self.primary, self.stop_button, self.continue_button):
            layout.addWidget(widget)
        layout.addSpacing(8)
        for widget in (self.stage, self.bar, *self.figures.values()):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.saved)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._show_saved)
        self._clock.start()
        for signal in (
            workspace.core_ready,
            workspace.catalogue_changed,
            workspace.recipe_changed,
            workspace.record_changed,
        ):
            signal.connect(self.refresh)
        workspace.run_changed.connect(self._new_run)
        workspace.tasks.changed.connect(self._show_stage)
        self.refresh()

    def _new_run(self) -> None:
        self._saved_at = None
        self.refresh()

    def _press(self) -> None:
        workspace = self._workspace
        if not workspace.running:
            workspace.start()
        elif workspace.pausing:
            workspace.resume()
        else:
            workspace.pause()
        self.refresh()

    def _stop(self) -> None:
        self._workspace.stop()
        self.refresh()

    def refresh(self) -> None:
        """Read the record anew."""
        self._show_buttons()
        self._show_stage()
        self._show_figures()
        self._show_saved()

    def _show_buttons(self) -> None:
        workspace = self._workspace
        words = "Start"
        if workspace.running:
            words = "Resume" if workspace.pausing else "Pause"
        self.primary.setText(words)
        self.primary.setAccessibleName(f"{words} training")
        self.primary.setToolTip(f"{words} training ({'Ctrl+R' if words == 'Start' else 'Ctrl+P'})")
        able = workspace.can_start or (workspace.running and not workspace.stopping)
        self.primary.setEnabled(able)
        self.stop_button.setVisible(workspace.running)
        self.stop_button.setEnabled(not workspace.stopping)
        self.continue_button.setVisible(workspace.can_continue)

    def _show_stage(self) -> None:
        workspace, record = self._workspace, self._workspace.record
        stage = None if record is None or not workspace.running else record.stage
        self.bar.setVisible(stage is not None)
        words = ""
        if workspace.stopping:
            words = "saving and stopping"
        elif stage is not None:
            words = stage.stage
            if stage.total > 1:
                words += f"  {stage.done:,} / {stage.total:,}"
            self.bar.setRange(0, max(stage.total, 1))
            self.bar.setValue(stage.done)
        elif record is not None and record.stopped is not None and not workspace.running:
            words = {"completed": "finished", "stopped": "stopped", "failed": "failed"}[
                record.stopped.reason
            ]
        elif record is not None and record.started is not None and not workspace.running:
            words = "interrupted"
        elif workspace.running:
            words = {"paused": "paused", "running": ""}.get(workspace.state, "starting")
        elif record is None:
            words = self._forecast()
        self.stage.setText(words)
        self.stage.setVisible(bool(words))

    def _forecast(self) -> str:
        if not self._workspace.core_loaded:
            return "loading torch"
        facts = self._workspace.facts()
        if facts is None:
            reading = [one for one in self._workspace.tasks.running() if one.key == "scan"]
            words = reading[-1].title if reading else "open a folder to start"
            return words[:1].lower() + words[1:]
        return f"{count(facts.count, 'image')} to train on · {count(facts.total_steps, 'step')}"

    def _show_figures(self) -> None:
        record = self._workspace.record
        shown = dict.fromkeys(self.figures, "")
        if record is not None and record.started is not None:
            started = record.started
            shown["step"] = f"{record.step:,} / {started.total_steps:,}"
            shown["epoch"] = f"{record.epoch:.1f} of {started.epochs}"
            shown["device"] = started.device
            if record.last is not None:
                shown["speed"] = f"{record.last.images_per_second:,.0f} images/s"
                shown["device"] += f" · {size(record.last.memory)}"
                left = record.seconds_left
                if self._workspace.running and left is not None and record.state == "running":
                    shown["left"] = duration(left)
        for name, text in shown.items():
            self.figures[name].show_value(text)

    def _show_saved(self) -> None:
        record = self._workspace.record
        words = ""
        if record is not None and record.checkpoints:
            newest = record.checkpoints[-1].step
            if self._workspace.running and (self._saved_at or (-1, 0.0))[0] != newest:
                self._saved_at = (newest, time.monotonic())
            if self._saved_at is None:
                words = f"saved at step {newest:,}"
            else:
                words = f"saved {duration(time.monotonic() - self._saved_at[1])} ago"
        if self.saved.text() != words:
            self.saved.setText(words)


def _button(text: str, role: str) -> QPushButton:
    made = QPushButton(text)
    if role:
        made.setProperty("role", role)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAccessibleName(f"{text} training")
    return made
