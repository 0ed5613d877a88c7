"""A config as a form. Configs are frozen: every valid change gives a new one, told by a signal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.forms import plain
from app.forms.editors import NumberEditor
from app.forms.field import Field
from sslcore.config import Config, ConfigError, Knob, knobs


class ConfigForm(QWidget):
    """One field per knob of a config, in order.

    Knobs that hold other configs have no field here: they get a form of their own.

    Args:
        config: what to show, or a class whose defaults to show.
        exclude: names of knobs without a field.
        defaults: where reset buttons lead; the class's own defaults if not given.
        explained: whether every field has its help below it, not only in a tooltip.
        parent: Qt parent.

    Signals:
        changed(object): a new config of the same class, only ever a valid one.
        validity_changed(bool): whether all that stands in the fields is part of the config.
    """

    changed = Signal(object)
    validity_changed = Signal(bool)

    def __init__(
        self,
        config: Config | type[Config],
        exclude: Iterable[str] = (),
        *,
        defaults: Config | None = None,
        explained: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._config = config() if isinstance(config, type) else config
        self._pending: dict[str, Any] = {}
        self._fields: dict[str, Field] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        left_out = set(exclude)
        for knob in knobs(type(self._config)):
            if knob.name not in left_out and self._has_field(knob):
                start = getattr(defaults, knob.name) if defaults is not None else None
                field = Field(knob, start, explained=explained)
                field.edited.connect(partial(self._edited, knob.name))
                column.addWidget(field)
                self._fields[knob.name] = field
        column.addStretch(1)
        lines = [one.line for one in self.findChildren(NumberEditor)]
        for line in lines:  # fields of one width, so that sliders end at one edge
            line.setFixedWidth(max(one.number_width() for one in lines))
        self.set_config(self._config)

    @property
    def config(self) -> Config:
        """The last valid config."""
        return self._config

    def names(self) -> list[str]:
        """Names of the knobs that have a field."""
        return list(self._fields)

    def field(self, name: str) -> Field:
        """The field of a knob (KeyError if it has none)."""
        return self._fields[name]

    def is_valid(self) -> bool:
        """Whether all that stands in the fields is part of the config."""
        return not self._pending

    def problems(self) -> dict[str, str]:
        """What is wrong, by the name of the knob."""
        return {name: self._fields[name].problem.text() for name in self._pending}

    def set_config(self, config: Config) -> None:
        """Show another config of the same class; nothing is emitted but ``validity_changed``.

        A field in which something invalid stands is cleared of it only if its value changes.
        """
        before = self._config
        self._config = config
        was_valid = self.is_valid()
        for name, field in self._fields.items():
            value = getattr(config, name)
            kept = name in self._pending and plain.same(value, getattr(before, name))
            if not kept:
                self._pending.pop(name, None)
                field.set_problem("")
                field.set_value(value)
        self._tell_validity(was_valid)

    def _edited(self, name: str, value: Any) -> None:
        was_valid = self.is_valid()
        before = self._config
        # Newest first; then what did not fit before, which may fit now.
        waiting = {name: value, **{k: v for k, v in self._pending.items() if k != name}}
        self._pending = {}
        for one, wanted in waiting.items():
            self._try(one, wanted)
        self._tell_validity(was_valid)
        if self._config != before:
            self.changed.emit(self._config)

    def _try(self, name: str, value: Any) -> None:
        field = self._fields[name]
        try:
            self._config = self._config.changed(**{name: value})
        except ConfigError as error:
            self._pending[name] = value
            field.set_problem(sentence(error, type(self._config)))
        else:
            field.set_problem("")

    def _tell_validity(self, was_valid: bool) -> None:
        if self.is_valid() != was_valid:
            self.validity_changed.emit(self.is_valid())

    def _has_field(self, knob: Knob) -> bool:
        return plain.is_flat(getattr(self._config, knob.name))


def sentence(error: ConfigError, config: type[Config] = Config) -> str:
    """An error as it stands under a field: titles instead of paths, and what was typed.

    Args:
        error: of a config.
        config: its class, which knows the titles.
    """
    if error.refusals:
        return " ".join(f"{one.title} {one.rule}; {typed(one.value)}." for one in error.refusals)
    words = str(error).strip().removeprefix(": ")
    for knob in knobs(config):
        words = re.sub(rf"(?<![\w.]){knob.name}(?=\s*(?:=|is |must ))", knob.title, words)
    return words


def typed(value: Any) -> str:
    """``you typed 0``, ``you typed "warm"``, ``nothing was typed``."""
    if value is None or value == "":
        return "nothing was typed"
    words = f'"{value}"' if isinstance(value, str) else plain.text(value)
    return f"you typed {words}"
