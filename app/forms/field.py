"""One row of a form: the name, the editor, a way back to the default, and what is wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app import icon, theme
from app.card import label
from app.forms import plain
from app.forms.choosing import editor_for
from app.forms.editors import BoolEditor
from sslcore.config import Knob

BESIDE_FROM = 460
"""Width in pixels from which name and editor stand side by side."""
NAME_WIDTH = 168


class Field(QWidget):
    """A knob's row.

    Args:
        knob: what is edited.
        default: where the reset button leads; the knob's own default if not given.
        explained: whether the knob's help stands under the field, not only in its tooltip.
        parent: Qt parent.

    Signals:
        edited(object): the new plain value, after a person's act.
    """

    edited = Signal(object)

    def __init__(
        self,
        knob: Knob,
        default: Any = None,
        *,
        explained: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.knob = knob
        self._default = knob.default if default is None else default
        self.editor = editor_for(knob)
        self.name = QLabel(knob.title)
        self.name.setBuddy(self.editor)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.name.setMinimumWidth(90)
        self.reset = QToolButton()
        self.reset.setFixedSize(22, 22)
        self.reset.setIconSize(QSize(14, 14))
        self.reset.setProperty("role", "quiet")
        self.reset.setStyleSheet("QToolButton { padding: 0; min-height: 0; }")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.help = label(knob.help if explained else "", "caption", wrap=True)
        self.help.setVisible(bool(self.help.text()))
        self.problem = QLabel()
        self.problem.setProperty("role", "danger")
        self.problem.setFont(theme.font(11))
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._beside: bool | None = None
        self._arrange(beside=False)
        description = described(knob, self._default)
        self.name.setToolTip(description)
        self.reset.setToolTip(f"Reset to {plain.text(self._default) or 'none'}")
        self.reset.setAccessibleName(f"Reset {knob.title}")
        self.editor.name_parts(knob.title, description)
        self.editor.edited.connect(self._edited)
        self.reset.clicked.connect(self._reset)
        theme.current().changed.connect(self._tint)
        self._tint()
        self._show_reset()

    def value(self) -> Any:
        """The plain value as it stands, whether it fits or not."""
        return self.editor.value()

    def set_value(self, value: Any) -> None:
        """Show a value, without ``edited``."""
        self.editor.set_value(value)
        self._show_reset()

    def set_problem(self, sentence: str) -> None:
        """Explain under the field what is wrong; "" when all is right."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.problem.setAccessibleName(f"{self.knob.title}: {sentence}" if sentence else "")
        self.editor.set_invalid(bool(sentence))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name beside or over the editor, as there is room."""
        super().resizeEvent(event)
        self._arrange(beside=event.size().width() >= BESIDE_FROM)

    def _arrange(self, *, beside: bool) -> None:
        if beside == self._beside:
            return
        self._beside = beside
        for widget in (self.name, self.editor, self.reset, self.help, self.problem):
            self._grid.removeWidget(widget)
        self._grid.setColumnStretch(0, 0 if beside else 1)
        self._grid.setColumnStretch(1, 1 if beside else 0)
        self._grid.setColumnMinimumWidth(0, NAME_WIDTH if beside else 0)
        self._grid.addWidget(self.name, 0, 0)
        self._grid.addWidget(self.reset, 0, 2)
        if beside:
            self._grid.addWidget(self.editor, 0, 1)
            self._grid.addWidget(self.help, 1, 1)
            self._grid.addWidget(self.problem, 2, 1, 1, 2)
            return
        if isinstance(self.editor, BoolEditor):  # a switch has room beside any name
            self._grid.addWidget(self.editor, 0, 1)
        else:
            self._grid.addWidget(self.editor, 1, 0, 1, 3)
        self._grid.addWidget(self.help, 2, 0, 1, 3)
        self._grid.addWidget(self.problem, 3, 0, 1, 3)

    def _edited(self, value: Any) -> None:
        self._show_reset()
        self.edited.emit(value)

    def _reset(self) -> None:
        # Focus goes first: a hidden button would hand it on to some other field.
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.set_value(self._default)
        self.edited.emit(self._default)

    def _show_reset(self) -> None:
        known = plain.is_flat(self._default)
        self.reset.setVisible(known and not plain.same(self.value(), self._default))

    def _tint(self) -> None:
        self.reset.setIcon(icon.icon("again", theme.tokens().muted, 14))


def described(knob: Knob, default: Any) -> str:
    """The help of a knob with its bounds, its default and what the paper calls it."""
    parts = [knob.help] if knob.help else []
    unit = f" {knob.unit}" if knob.unit else ""
    if knob.low is not None and knob.high is not None:
        parts.append(f"From {plain.text(knob.low)} to {plain.text(knob.high)}{unit}.")
    elif knob.low is not None:
        parts.append(f"At least {plain.text(knob.low)}{unit}.")
    elif knob.high is not None:
        parts.append(f"At most {plain.text(knob.high)}{unit}.")
    if plain.is_flat(default):
        parts.append(f"Default: {plain.text(default) or 'none'}{unit if default else ''}.")
    if knob.paper:
        parts.append(f"In the paper: {knob.paper}.")
    return "\n".join(parts)
