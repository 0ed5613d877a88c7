"""One step of a view as a row: switch, name and ranges, a slider, and all knobs on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.card import label
from app.forms.form import ConfigForm
from app.forms.slider import Slider
from app.forms.switch import Switch
from app.forms.travel import Travel
from app.icon import icon
from app.panels import view_plan
from app.panels.elided import Elided
from sslcore.config import ConfigError, Knob

if TYPE_CHECKING:
    from sslcore.augment.step import Step

STRUCTURAL = "The pretext task is about this step, so it cannot be switched off."


class StepRow(QWidget):
    """A step with its controls.

    Attributes:
        edited: (position, new step).

    Args:
        position: of the step in its view.
        step: as the plan has it.
        own: the same step in the method's own plan, where reset buttons lead.
        usable: "" or why it cannot be used on the open images.
    """

    edited = Signal(int, object)

    def __init__(
        self,
        position: int,
        step: Step,
        own: Step | None = None,
        usable: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.position = position
        self.step = step
        self._own = own
        self._usable = usable
        self._knob: Knob | None = view_plan.strength(step)
        self._form: ConfigForm | None = None
        self._travel = Travel.of(self._knob) if self._knob is not None else None
        self.switch = Switch()
        self.switch.setAccessibleName(f"{step.title} on")
        self.slider = Slider()
        if self._travel is not None:
            self.slider.setRange(0, self._travel.count)
            self.slider.setPageStep(max(self._travel.count // 10, 1))
        self.slider.setFixedWidth(100)
        self.value = QLabel()
        self.value.setFixedWidth(34)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.value.setProperty("role", "muted")
        self.more = QToolButton()
        self.more.setProperty("role", "quiet")
        self.more.setCheckable(True)
        self.more.setFixedSize(28, 24)
        self.more.setStyleSheet("QToolButton { padding: 0; min-height: 0; }")
        self.more.setAccessibleName(f"All knobs of {step.title}")
        self.more.setToolTip("All knobs of this step")
        self._name = Elided(step.title)
        self._caption = label("", "caption", wrap=True)
        self.problem = label("", "danger", wrap=True)
        self.problem.hide()
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.switch)
        line.addWidget(self._name, 1)
        line.addWidget(self.slider)
        line.addWidget(self.value)
        line.addWidget(self.more)
        self._below = QVBoxLayout()
        self._below.setContentsMargins(42, 4, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 6)
        layout.setSpacing(0)
        layout.addLayout(line)
        under = QHBoxLayout()
        under.setContentsMargins(42, 0, 28, 0)
        under.addWidget(self._caption)
        layout.addLayout(under)
        layout.addWidget(self.problem)
        layout.addLayout(self._below)
        self.switch.clicked.connect(self._toggle)
        self.slider.valueChanged.connect(self._slide)
        self.more.toggled.connect(self._open)
        theme.current().changed.connect(self._tint)
        self._dress()
        self._tint()
        self.show_step(step)

    def show_step(self, step: Step) -> None:
        """Show other values of the same kind of step."""
        self.step = step
        on = step.enabled or step.structural
        self.switch.setChecked(on)
        self._caption.setText(self._usable or view_plan.caption(step) or "no knobs")
        self._name.setEnabled(on)
        self.slider.setEnabled(on)
        self.value.setEnabled(on)
        if self._knob is not None and self._travel is not None:
            number = float(getattr(step, self._knob.name))
            self.value.setText(f"{number:.2f}")
            if not self.slider.isSliderDown():
                with QSignalBlocker(self.slider):
                    self.slider.setValue(self._travel.position(number))
        self.explain("")
        if self._form is not None:
            self._form.set_config(step)

    def set_narrow(self, narrow: bool) -> None:
        """Leave the room to the words."""
        self.slider.setFixedWidth(66 if narrow else 110)

    @property
    def form(self) -> ConfigForm | None:
        """All knobs, once they were opened."""
        return self._form

    def explain(self, words: str) -> None:
        """Say why a value cannot be used, below the row."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _dress(self) -> None:
        """Names and tips that do not change with the values."""
        if self.step.structural:
            self.switch.setEnabled(False)
            self.switch.setToolTip(STRUCTURAL)
        elif self._usable:
            self.switch.setEnabled(False)
            self.switch.setToolTip(self._usable)
        else:
            self.switch.setToolTip("Switch this step on or off; the others keep their numbers")
        knob = self._knob
        self.slider.setVisible(knob is not None)
        self.value.setVisible(knob is not None)
        self.more.setVisible(bool(view_plan.step_knobs(self.step)))
        if knob is not None:
            self.slider.setAccessibleName(f"{self.step.title}: {knob.title}")
            self.slider.setToolTip(f"{knob.title}. {knob.help}")

    def _toggle(self) -> None:
        self._emit({"enabled": self.switch.isChecked()})

    def _slide(self, position: int) -> None:
        if self._knob is None or self._travel is None:
            return
        value = float(self._travel.value(position))
        try:
            step = view_plan.with_knob(self.step, self._knob.name, value)
        except ConfigError as error:
            self.explain(str(error))
            return
        self.edited.emit(self.position, step)

    def _emit(self, values: dict[str, object]) -> None:
        self.edited.emit(self.position, self.step.changed(**values))

    def _open(self, opened: bool) -> None:
        if opened and self._form is None:
            self._form = ConfigForm(self.step, view_plan.HIDDEN, defaults=self._own)
            self._form.changed.connect(self._take_form)
            self._below.addWidget(self._form)
        if self._form is not None:
            self._form.setVisible(opened)
        self._tint()

    def _take_form(self, step: Step) -> None:
        self.edited.emit(self.position, step)

    def _tint(self) -> None:
        self.more.setIcon(icon("close" if self.more.isChecked() else "settings"))
