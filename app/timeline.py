"""The timeline: one slider over the run's snapshots, with play; everything follows it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractSlider,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app import theme
from app.card import label
from app.icon import icon
from app.workspace import Workspace

PLAY_INTERVAL = 250
"""Milliseconds a snapshot stays while the timeline plays at its usual speed."""
SPEEDS = (0.5, 1.0, 2.0, 4.0)
INSET = 8
MOST_TICKS = 120


class SnapshotSlider(QAbstractSlider):
    """A groove as long as the run, a tick per snapshot; the value counts snapshots from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: Sequence[int] = ()
        self._total = 1
        self._marks: tuple[tuple[str, int], ...] = ()
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline of snapshots")
        self.setToolTip("Snapshots of the run: drag, or use the arrow keys; End follows the run")
        self.setPageStep(5)
        self.setRange(0, 0)
        theme.current().changed.connect(self.update)

    def set_snapshots(self, steps: Sequence[int], total: int) -> None:
        """Steps of the snapshots in order, and the length of the whole run."""
        self._steps, self._total = tuple(steps), max(total, 1)
        self.setRange(0, max(len(steps) - 1, 0))
        self.setEnabled(bool(steps))
        self.update()

    def set_marks(self, a: int | None, b: int | None) -> None:
        """Flags at two steps, or none where there is no mark."""
        self._marks = tuple((name, one) for name, one in (("A", a), ("B", b)) if one is not None)
        said = ", ".join(f"mark {name} at step {step}" for name, step in self._marks)
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room, as high as the handle."""
        return QSize(200, 24)

    def _place_of(self, step: int) -> float:
        return INSET + (self.width() - 2 * INSET) * min(step / self._total, 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, ticks, the part that is done, the handle."""
        del event
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.track))
        painter.drawRoundedRect(QRectF(INSET, middle - 2, self.width() - 2 * INSET, 4), 2, 2)
        if self._steps:
            self._paint_run(painter, tokens, middle)
        painter.end()

    def _paint_run(self, painter: QPainter, tokens: theme.Tokens, middle: float) -> None:
        here = self._place_of(self._steps[self.value()])
        last = self._place_of(self._steps[-1])
        painter.setBrush(QColor(theme.mixed(tokens.track, tokens.accent, 0.4)))
        painter.drawRoundedRect(QRectF(INSET, middle - 2, last - INSET, 4), 2, 2)
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(QRectF(INSET, middle - 2, here - INSET, 4), 2, 2)
        every = len(self._steps) // MOST_TICKS + 1
        painter.setPen(QPen(QColor(tokens.muted), 1))
        for step in self._steps[::every]:
            place = round(self._place_of(step)) + 0.5
            painter.drawLine(QPointF(place, middle + 5), QPointF(place, middle + 8))
        for name, step in self._marks:
            self._paint_mark(painter, tokens, name, self._place_of(step))
        painter.setPen(Qt.PenStyle.NoPen)
        if self.hasFocus():
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(QPointF(here, middle), 8.5, 8.5)
        painter.setBrush(QColor(tokens.handle))
        painter.drawEllipse(QPointF(here, middle), 6.5, 6.5)

    def _paint_mark(self, painter: QPainter, tokens: theme.Tokens, name: str, place: float) -> None:
        """A flag with its letter, standing on the groove."""
        flag = QRectF(place - 6, 0, 12, 11)
        painter.setPen(QPen(QColor(tokens.accent), 1.4))
        painter.drawLine(QPointF(place, flag.bottom()), QPointF(place, self.height() / 2 + 3))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(flag, 3, 3)
        painter.setPen(QColor(tokens.on_accent))
        painter.setFont(theme.font(9, bold=True))
        painter.drawText(flag, int(Qt.AlignmentFlag.AlignCenter), name)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to the nearest snapshot."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def _go(self, x: float) -> None:
        if self._steps:
            numbers = range(len(self._steps))
            nearest = min(numbers, key=lambda one: abs(self._place_of(self._steps[one]) - x))
            self.setValue(nearest)


class Timeline(QFrame):
    """Play button, slider and where it stands; moves ``workspace.snapshot_position``."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._steps: list[int] = []
        self._telling = False
        self._drawn: tuple[bool, str] | None = None
        self.setProperty("role", "bar")
        self.setFixedHeight(40)
        self.play_button = QToolButton()
        self.play_button.setFixedSize(32, 26)
        self.play_button.setIconSize(QSize(14, 14))
        self.play_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play_button.setAccessibleName("Play the timeline")
        self.play_button.setToolTip("Play the run's snapshots (Space)")
        self.play_button.clicked.connect(self.toggle)
        self.slider = SnapshotSlider()
        self.slider.valueChanged.connect(self._moved)
        self._moments: list[tuple[int, float]] = []
        self._speed = 1.0
        self.speed = QToolButton()
        self.speed.setFixedSize(44, 26)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setToolTip("How fast the timeline plays")
        self.speed.clicked.connect(self._change_speed)
        self.words: QLabel = label("", "muted")
        self.words.setMinimumWidth(120)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(12)
        layout.addWidget(self.play_button)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.speed)
        layout.addWidget(self.words)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._advance)
        workspace.run_changed.connect(self.refresh)
        workspace.record_changed.connect(self.refresh)
        workspace.snapshot_selected.connect(self.refresh)
        workspace.marks.changed.connect(self._show_marks)
        theme.current().changed.connect(self._show_state)
        self._show_speed()
        self.refresh()

    @property
    def playing(self) -> bool:
        """Whether the handle moves by itself."""
        return self._timer.isActive()

    @property
    def interval(self) -> int:
        """Milliseconds a snapshot stays while the timeline plays."""
        return self._timer.interval()

    def toggle(self) -> None:
        """Play from the handle (from the start if it stands at the end), or halt."""
        if self.playing:
            self._timer.stop()
        elif len(self._steps) > 1:
            if self.slider.value() == self.slider.maximum():
                self.slider.setValue(0)
            self._timer.start()
        self._show_state()

    def mark(self, name: str) -> None:
        """Put mark ``"a"`` or ``"b"`` at the snapshot the handle stands at."""
        if self._steps:
            self._workspace.marks.put(**{name: self._steps[self.slider.value()]})

    def _show_marks(self) -> None:
        self.slider.set_marks(self._workspace.marks.a, self._workspace.marks.b)

    def _change_speed(self) -> None:
        self._speed = SPEEDS[(SPEEDS.index(self._speed) + 1) % len(SPEEDS)]
        self._show_speed()

    def _show_speed(self) -> None:
        words = f"{self._speed:g} \N{MULTIPLICATION SIGN}"
        self.speed.setText(words)
        self.speed.setAccessibleName(f"Speed of the timeline, {words}")
        self._timer.setInterval(round(PLAY_INTERVAL / self._speed))

    def refresh(self) -> None:
        """Read snapshots, evaluations and position from the workspace."""
        record = self._workspace.record
        self._moments = [] if record is None else record.moments
        steps = [step for step, _ in self._moments]
        total = 1
        if record is not None and record.started is not None:
            total = record.started.total_steps
        position = self._workspace.snapshot_position
        self._telling = True
        if steps != self._steps or not steps:
            self._steps = steps
            self.slider.set_snapshots(steps, total)
        if position is None:
            self.slider.setValue(self.slider.maximum())
        elif position in steps:
            self.slider.setValue(steps.index(position))
        self._telling = False
        self._show_state()

    def _moved(self, value: int) -> None:
        if self._telling or not self._steps:
            return
        live = value == len(self._steps) - 1
        self._workspace.select_snapshot(None if live else self._steps[value])

    def _advance(self) -> None:
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() >= self.slider.maximum():
            self._timer.stop()
            self._show_state()

    def _show_state(self) -> None:
        drawn = (self.playing, theme.current().name)
        if drawn != self._drawn:  # an icon costs a millisecond, and this runs at 30 Hz
            self._drawn = drawn
            self.play_button.setIcon(icon("pause" if self.playing else "play"))
        self.play_button.setEnabled(len(self._steps) > 1)
        record = self._workspace.record
        if record is None or record.started is None or not self._steps:
            self.words.setText("no snapshots yet")
            return
        epoch = self._moments[self.slider.value()][1]
        live = self._workspace.running and self._workspace.snapshot_position is None
        shown = f"{epoch:.1f}" if record.started.epochs < 20 else f"{epoch:.0f}"
        words = f"epoch {shown} of {record.started.epochs}"
        self.words.setText(f"live · {words}" if live else words)
