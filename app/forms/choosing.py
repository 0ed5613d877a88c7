"""Which editor a knob gets; and the one for knobs that may have no value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from app.forms import plain
from app.forms.editors import (
    BoolEditor,
    ChoiceEditor,
    Editor,
    NumberEditor,
    TextEditor,
    ValuesEditor,
)
from app.forms.folder import FolderEditor
from app.forms.switch import Switch
from sslcore.config import Knob

EDITORS: dict[str, type[Editor]] = {
    "bool": BoolEditor,
    "int": NumberEditor,
    "float": NumberEditor,
    "choice": ChoiceEditor,
    "text": TextEditor,
    "other": ValuesEditor,
}


FOLDER = "folder"
"""A text of this name is the path of a folder."""


class OptionalEditor(Editor):
    """A switch that decides whether there is a value, before the editor of that value."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.switch = Switch()
        start = knob.default if knob.default is not None else _first_value(knob)
        self.inner = EDITORS[knob.kind](replace(knob, optional=False, default=start))
        self.inner.set_value(start)
        self.inner.setEnabled(False)
        self.row.addWidget(self.switch)
        self.row.addWidget(self.inner, 1)
        self.setFocusProxy(self.switch)
        self.switch.clicked.connect(self._switched)
        self.inner.edited.connect(self.edited)

    def value(self) -> Any:
        """None while switched off."""
        return self.inner.value() if self.switch.isChecked() else None

    def set_value(self, value: Any) -> None:
        """None switches off and keeps the last value at hand."""
        self.switch.setChecked(value is not None)
        self.inner.setEnabled(value is not None)
        if value is not None:
            self.inner.set_value(value)

    def _switched(self) -> None:
        self.inner.setEnabled(self.switch.isChecked())
        self.edited.emit(self.value())


def editor_for(knob: Knob) -> Editor:
    """The editor of a knob, showing its default where it has one."""
    if knob.optional:
        made: Editor = OptionalEditor(knob)
    elif knob.kind == "text" and knob.name == FOLDER:
        made = FolderEditor(knob)
    else:
        made = EDITORS[knob.kind](knob)
    if plain.is_flat(knob.default):
        made.set_value(knob.default)
    return made


def _first_value(knob: Knob) -> Any:
    """What stands in a field that was empty: the smallest that is allowed, or the plainest."""
    if knob.kind == "choice":
        return knob.choices[0]
    if knob.kind in ("int", "float"):
        start = max(knob.low, 0.0) if knob.low is not None else 1.0
        start = min(start or 1.0, knob.high) if knob.high is not None else (start or 1.0)
        return round(start) if knob.kind == "int" else start
    return False if knob.kind == "bool" else ""
