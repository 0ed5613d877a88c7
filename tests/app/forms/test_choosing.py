from typing import Literal, get_args, get_type_hints

import pytest
from PySide6.QtCore import Qt

from app.forms.choosing import EDITORS, editor_for
from sslcore.config import Config, Knob, knob, knobs


class Optional(Config):
    clip: float | None = knob(None, low=0.5, high=10.0, help="")
    limit: int | None = knob(None, low=2, help="")
    factor: float | None = knob(0.3, low=0.0, high=1.0, help="")
    mode: Literal["a", "b"] | None = knob(None, help="")
    word: str | None = knob(None, help="")
    steps: tuple[int, ...] | None = knob(None, help="")


def test_every_kind_of_knob_has_an_editor():
    assert set(EDITORS) == set(get_args(get_type_hints(Knob)["kind"]))


@pytest.fixture
def editors(qtbot):
    made = {one.name: editor_for(one) for one in knobs(Optional)}
    for one in made.values():
        qtbot.addWidget(one)
    return made


def test_off_is_none_and_on_is_a_value_that_fits(editors, qtbot):
    for name, editor in editors.items():
        if name == "factor":
            continue
        assert editor.value() is None
        assert not editor.inner.isEnabled()
        with qtbot.waitSignal(editor.edited) as edited:
            qtbot.mouseClick(editor.switch, Qt.MouseButton.LeftButton)
        value = edited.args[0]
        assert value is not None
        assert editor.inner.isEnabled()
        if name != "steps":
            assert getattr(Optional.parse({name: value}), name) == value


def test_switching_off_and_on_keeps_the_value(editors, qtbot):
    editor = editors["factor"]
    said = []
    editor.edited.connect(said.append)
    assert editor.value() == 0.3
    editor.set_value(0.7)
    qtbot.mouseClick(editor.switch, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(editor.switch, Qt.MouseButton.LeftButton)
    assert said == [None, 0.7]


def test_the_inner_editor_is_heard(editors, qtbot):
    editor = editors["clip"]
    editor.set_value(1.0)
    said = []
    editor.edited.connect(said.append)
    editor.inner.line.setText("3")
    qtbot.keyClick(editor.inner.line, Qt.Key.Key_Return)
    assert said == [3.0]
