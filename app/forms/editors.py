"""One editor per kind of knob: each holds a plain value and says when a person changed it.

An editor never refuses: a text that is no number is handed on as text, and the config that is made
of it explains what would be right (see ``app.forms.form``).
"""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from app.forms import plain
from app.forms.slider import Slider
from app.forms.switch import Switch
from app.forms.travel import Travel
from app.forms.unit_line import UnitLine
from app.wording import spoken
from sslcore.config import Knob

TYPING_PAUSE = 500
"""Milliseconds after the last key until a typed value counts, if Enter or Tab does not come."""


class Editor(QWidget):
    """Base of all editors.

    Signals:
        edited(object): the new plain value, after a person's act only, never after ``set_value``.
    """

    edited = Signal(object)

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.knob = knob
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)

    def value(self) -> Any:
        """The plain value as it stands."""
        return self.knob.default

    def set_value(self, value: Any) -> None:
        """Show a value, without ``edited``."""

    def set_invalid(self, invalid: bool) -> None:
        """Mark or unmark the field as one that does not fit."""
        for line in self.findChildren(QLineEdit):
            if bool(line.property("invalid")) != invalid:
                line.setProperty("invalid", invalid)
                line.style().unpolish(line)
                line.style().polish(line)

    def name_parts(self, name: str, description: str) -> None:
        """Names for screen readers and tooltips for everything in it that takes the keyboard."""
        self.setToolTip(description)
        for part in self.findChildren(QWidget):
            if part.focusPolicy() != Qt.FocusPolicy.NoFocus:
                part.setAccessibleName(
                    f"{name}: {part.text()}" if isinstance(part, QPushButton) else name
                )
                part.setAccessibleDescription(description)


class BoolEditor(Editor):
    """A switch."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.switch = Switch()
        self.row.addWidget(self.switch)
        self.row.addStretch(1)
        self.setFocusProxy(self.switch)
        self.switch.clicked.connect(self._clicked)

    def value(self) -> bool:
        """On or off."""
        return self.switch.isChecked()

    def set_value(self, value: Any) -> None:
        """Show on or off."""
        self.switch.setChecked(bool(value))

    def _clicked(self) -> None:
        self.edited.emit(self.switch.isChecked())


class TypedEditor(Editor):
    """A line of text whose value counts on Enter, on leaving it, or after a pause in typing."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.line = UnitLine(knob.unit if knob.kind in ("int", "float") else "")
        self.line.setMinimumWidth(48)
        self._said: Any = None
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE)
        self._pause.timeout.connect(self.commit)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self.commit)
        self.setFocusProxy(self.line)

    def read(self, text: str) -> Any:
        """The plain value of a text."""
        return text

    def write(self, value: Any) -> str:
        """The text of a plain value."""
        return "" if value is None else str(value)

    def value(self) -> Any:
        """What the text says."""
        return self.read(self.line.text())

    def set_value(self, value: Any) -> None:
        """Show a value; a text that already says it is left alone, for somebody may be typing."""
        self._pause.stop()
        if not plain.same(self.value(), value) or not self.line.hasFocus():
            self._show(value)
        self._said = value

    def _show(self, value: Any) -> None:
        """The text of a value."""
        self.line.setText(self.write(value))

    def _typed(self) -> None:
        self._pause.start()

    def commit(self) -> None:
        """Say what was typed, if it is something new."""
        self._pause.stop()
        value = self.value()
        if not plain.same(value, self._said):
            self._said = value
            self.edited.emit(value)


class TextEditor(TypedEditor):
    """Free text."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.row.addWidget(self.line, 1)


class ValuesEditor(TypedEditor):
    """A value of no special kind, or several with commas between: ``0.6, 0.8``."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self._listed = isinstance(knob.default, (tuple, list))
        self.row.addWidget(self.line, 1)

    def read(self, text: str) -> Any:
        """Numbers where they are numbers, else words."""
        return plain.values(text) if self._listed else plain.value(text)

    def write(self, value: Any) -> str:
        """With commas."""
        return plain.text(value)

    def set_value(self, value: Any) -> None:
        """Whether there are several is seen from what comes."""
        self._listed = isinstance(value, (tuple, list))
        super().set_value(tuple(cast("tuple[Any, ...]", value)) if self._listed else value)


class NumberEditor(TypedEditor):
    """A slider where there are bounds, a field to type into, and the unit behind.

    Up and Down in the field move by one step of the slider, or by one.
    """

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.travel = Travel.of(knob)
        self.slider: Slider | None = None
        if self.travel is not None:
            self.slider = Slider()
            self.slider.setRange(0, self.travel.count)
            self.slider.setPageStep(max(self.travel.count // 10, 1))
            self.slider.valueChanged.connect(self._slid)
            self.row.addWidget(self.slider, 1)
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.line.setFixedWidth(self.line.number_width())
        self.line.installEventFilter(self)
        self.row.addWidget(self.line)
        if self.slider is None:
            self.row.addStretch(1)

    def read(self, text: str) -> Any:
        """A number, or the text where it is none."""
        return plain.number(text, whole=self.knob.kind == "int")

    def write(self, value: Any) -> str:
        """As a person would write it."""
        return plain.text(value)

    def _show(self, value: Any) -> None:
        """The text of a number, from its first digit on where the field is too narrow."""
        super()._show(value)
        self.line.setCursorPosition(0)

    def set_value(self, value: Any) -> None:
        """Show a number in the field and on the slider."""
        super().set_value(value)
        self._show_on_slider(value)

    def commit(self) -> None:
        """Say what was typed, and let the slider follow."""
        self._show_on_slider(self.value())
        super().commit()

    def step(self, steps: int) -> None:
        """Move by steps of the slider, or by one where there is none."""
        value = self.value()
        if not isinstance(value, (int, float)):
            return
        if self.slider is not None:
            self.slider.setValue(self.slider.value() + steps)
        else:
            moved = value + steps
            low, high = self.knob.low, self.knob.high
            moved = max(moved, low) if low is not None else moved
            moved = min(moved, high) if high is not None else moved
            self._show(round(moved) if self.knob.kind == "int" else moved)
            self.commit()

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Up and Down of the field."""
        if watched is self.line and isinstance(event, QKeyEvent):
            pressed = event.type() == QKeyEvent.Type.KeyPress
            if pressed and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self.step(1 if event.key() == Qt.Key.Key_Up else -1)
                return True
        return super().eventFilter(watched, event)

    def _slid(self, position: int) -> None:
        if self.travel is not None:
            self._show(self.travel.value(position))
            self.commit()

    def _show_on_slider(self, value: Any) -> None:
        if self.slider is None or self.travel is None or not isinstance(value, (int, float)):
            return
        if self.travel.value(self.slider.value()) != value:
            blocked = self.slider.blockSignals(True)
            self.slider.setValue(self.travel.position(float(value)))
            self.slider.blockSignals(blocked)
            self.slider.update()


class Combo(QComboBox):
    """A combo box that leaves the wheel to the page unless it has the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # without: the wheel gives the keyboard

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel turned to scroll a form must not change what lies under the mouse."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def minimumSizeHint(self) -> QSize:
        """Narrow, if it must be."""
        return QSize(80, super().minimumSizeHint().height())


class ChoiceEditor(Editor):
    """Buttons side by side where choices are few and short, else a combo box."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        texts = [spoken(choice) for choice in knob.choices]
        self.combo: Combo | None = None
        self.buttons = QButtonGroup(self)
        if len(texts) <= 4 and sum(len(text) for text in texts) <= 20:
            self.row.setSpacing(4)
            for index, text in enumerate(texts):
                button = QPushButton(text)
                button.setCheckable(True)
                button.setProperty("role", "chip")
                self.buttons.addButton(button, index)
                self.row.addWidget(button)
            self.row.addStretch(1)
            self.buttons.idClicked.connect(self._chose)
            if texts:
                self.setFocusProxy(self.buttons.button(0))
        else:
            self.combo = Combo()
            self.combo.addItems(texts)
            self.combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.combo.activated.connect(self._chose)
            self.row.addWidget(self.combo, 1)
            self.setFocusProxy(self.combo)

    def value(self) -> Any:
        """The chosen one, or None before one was chosen."""
        index = self.combo.currentIndex() if self.combo is not None else self.buttons.checkedId()
        return self.knob.choices[index] if index >= 0 else None

    def set_value(self, value: Any) -> None:
        """Choose one of the choices; another value chooses none."""
        index = self.knob.choices.index(value) if value in self.knob.choices else -1
        if self.combo is not None:
            self.combo.setCurrentIndex(index)
        elif index >= 0:
            self.buttons.button(index).setChecked(True)

    def _chose(self, index: int) -> None:
        self.edited.emit(self.knob.choices[index])
