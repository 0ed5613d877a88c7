from typing import Literal

import pytest
from pydantic import model_validator
from PySide6.QtCore import QPoint, Qt

from app.forms.form import ConfigForm
from sslcore.config import Config, knob


class Inner(Config):
    depth: int = knob(1, help="")


class Method(Config):
    temperature: float = knob(0.1, low=0.01, high=1.0, help="Lower is sharper.")
    epochs: int = knob(50, low=1, high=400, unit="epochs", help="")
    low: float = knob(0.2, low=0.0, high=1.0, help="")
    high: float = knob(0.8, low=0.0, high=1.0, help="")
    sharp: bool = knob(False, help="")
    decay: Literal["cosine", "step"] = knob("cosine", help="")
    milestones: tuple[float, ...] = knob((0.6, 0.8), help="")
    inner: Inner = knob(Inner(), help="")

    @model_validator(mode="after")
    def _in_order(self):
        if self.low > self.high:
            raise ValueError("low must not be above high; lower it or raise high")
        return self


@pytest.fixture
def form(qtbot):
    made = ConfigForm(Method, exclude=("decay",))
    qtbot.addWidget(made)
    made.resize(320, 500)
    made.show()
    made.said = []
    made.changed.connect(made.said.append)
    return made


def type_into(qtbot, form, name, text):
    line = form.field(name).editor.line
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def test_knobs_have_fields_but_for_the_excluded_and_for_configs(form):
    assert form.names() == ["temperature", "epochs", "low", "high", "sharp", "milestones"]


def test_a_drag_gives_a_new_config(form, qtbot):
    before = form.config
    slider = form.field("temperature").editor.slider
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(int(slider.knob_x()), 11))
    qtbot.mouseMove(slider, QPoint(slider.width(), 11))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width(), 11))
    assert form.said[-1].temperature == 1.0
    assert form.config is form.said[-1]
    assert before.temperature == 0.1
    assert isinstance(form.config, Method)


def test_keys_give_a_new_config(form, qtbot):
    qtbot.keyClick(form.field("epochs").editor.slider, Qt.Key.Key_Right)
    assert form.said[-1].epochs == 51
    qtbot.keyClick(form.field("sharp").editor.switch, Qt.Key.Key_Space)
    assert form.said[-1].sharp is True
    assert form.said[-1].epochs == 51


def test_what_does_not_fit_is_explained_and_not_said(form, qtbot):
    with qtbot.waitSignal(form.validity_changed) as validity:
        type_into(qtbot, form, "epochs", "0")
    assert validity.args == [False]
    assert form.said == []
    assert form.config.epochs == 50
    assert form.problems().keys() == {"epochs"}
    told = "Epochs must lie between 1 and 400; you typed 0."
    assert form.problems()["epochs"] == told
    assert form.field("epochs").problem.text() == told
    type_into(qtbot, form, "temperature", "warm")
    told = 'Temperature must be a number between 0.01 and 1; you typed "warm".'
    assert form.problems()["temperature"] == told
    type_into(qtbot, form, "temperature", "0")
    told = "Temperature must lie between 0.01 and 1; you typed 0."
    assert form.problems()["temperature"] == told
    type_into(qtbot, form, "epochs", "2.5")
    assert form.problems()["epochs"].startswith("Epochs must be a whole number between 1 and 400")
    type_into(qtbot, form, "epochs", "")
    assert form.problems()["epochs"].endswith("; nothing was typed.")
    assert not form.is_valid()


def test_other_fields_go_on_while_one_does_not_fit(form, qtbot):
    type_into(qtbot, form, "epochs", "0")
    type_into(qtbot, form, "temperature", "0.5")
    assert [(one.temperature, one.epochs) for one in form.said] == [(0.5, 50)]
    type_into(qtbot, form, "epochs", "7")
    assert form.is_valid()
    assert form.said[-1].epochs == 7
    assert form.field("epochs").problem.isHidden()


def test_fields_that_must_fit_each_other(form, qtbot):
    type_into(qtbot, form, "low", "0.9")
    assert form.problems()["low"] == "Low must not be above high; lower it or raise high"
    assert form.said == []
    type_into(qtbot, form, "high", "1")
    assert form.is_valid()
    assert (form.config.low, form.config.high) == (0.9, 1.0)
    assert len(form.said) == 1


def test_reset_leads_back_also_from_what_does_not_fit(form, qtbot):
    type_into(qtbot, form, "epochs", "nonsense")
    field = form.field("epochs")
    qtbot.mouseClick(field.reset, Qt.MouseButton.LeftButton)
    assert form.is_valid()
    assert field.editor.line.text() == "50"
    assert form.said == []  # the config was 50 all the time


def test_another_config_is_shown_and_not_said(form, qtbot):
    type_into(qtbot, form, "epochs", "0")
    form.set_config(Method(temperature=0.3, epochs=9, milestones=(0.5,)))
    assert form.said == []
    assert form.is_valid()
    assert form.field("epochs").editor.line.text() == "9"
    assert form.field("milestones").value() == (0.5,)
    type_into(qtbot, form, "milestones", "")
    assert form.said[-1] == Method(temperature=0.3, epochs=9, milestones=())


def test_an_owner_may_show_the_config_it_was_told(form, qtbot):
    form.changed.connect(form.set_config)
    type_into(qtbot, form, "temperature", "wrong")
    type_into(qtbot, form, "epochs", "12")
    assert form.said[-1].epochs == 12
    assert form.field("temperature").value() == "wrong"  # still there to be mended
    assert not form.is_valid()


def test_defaults_may_be_those_of_a_preset(qtbot):
    form = ConfigForm(Method(epochs=10), defaults=Method(epochs=20))
    qtbot.addWidget(form)
    form.show()
    qtbot.mouseClick(form.field("epochs").reset, Qt.MouseButton.LeftButton)
    assert form.config.epochs == 20


def test_the_keyboard_walks_through_all_fields(form, qtbot):
    form.activateWindow()
    first = form.field("temperature").editor.slider
    first.setFocus()
    seen = []
    for _ in range(20):
        widget = form.window().focusWidget()
        seen.append(widget.accessibleName())
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    for title in ("Temperature", "Epochs", "Low", "High", "Sharp", "Milestones"):
        assert title in seen


def test_number_fields_share_one_width(qtbot):
    class Units(Config):
        plain: float = knob(0.5, low=0.0, high=1.0, help="")
        timed: float = knob(0.5, low=0.0, high=1.0, unit="epochs", help="")

    form = ConfigForm(Units)
    qtbot.addWidget(form)
    widths = {form.field(name).editor.line.width() for name in ("plain", "timed")}
    assert len(widths) == 1
    assert widths == {form.field("timed").editor.line.number_width()}
