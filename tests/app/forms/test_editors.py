from typing import Literal

import pytest
from PySide6.QtCore import QPoint, Qt

from app.forms.choosing import editor_for
from sslcore.config import Config, knob, knobs


class Several(Config):
    weight: float = knob(0.5, low=0.0, high=1.0, help="")
    layers: int = knob(3, low=1, high=8, unit="layers", help="")
    seed: int = knob(0, low=0, help="")
    sharp: bool = knob(True, help="")
    decay: Literal["cosine", "step", "none"] = knob("cosine", help="")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = knob("auto", help="")
    name: str = knob("run", help="")
    milestones: tuple[float, ...] = knob((0.6, 0.8), help="")
    size: int | Literal["all"] = knob("all", help="")


@pytest.fixture
def editor(qtbot, request):
    known = {one.name: one for one in knobs(Several)}
    made = editor_for(known[request.param])
    qtbot.addWidget(made)
    made.resize(260, 30)
    made.show()
    made.said = []
    made.edited.connect(made.said.append)
    return made


def only(name):
    return pytest.mark.parametrize("editor", [name], indirect=True)


@pytest.mark.parametrize("editor", list(Several.model_fields), indirect=True)
def test_a_value_set_is_shown_and_not_said(editor):
    default = getattr(Several(), editor.knob.name)
    assert editor.value() == default
    editor.set_value(default)
    assert editor.said == []


@only("weight")
def test_dragging_the_slider_says_each_value(editor, qtbot):
    slider = editor.slider
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(int(slider.knob_x()), 11))
    qtbot.mouseMove(slider, QPoint(slider.width(), 11))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width(), 11))
    assert editor.said[-1] == 1.0
    assert editor.line.text() == "1"


@only("weight")
def test_typing_counts_at_enter_and_moves_the_slider(editor, qtbot):
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "0,25")
    assert editor.said == []
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.said == [0.25]
    assert editor.travel.value(editor.slider.value()) == pytest.approx(0.25)


@only("weight")
def test_typing_counts_after_a_pause(editor, qtbot):
    editor.line.selectAll()
    with qtbot.waitSignal(editor.edited, timeout=3000):
        qtbot.keyClicks(editor.line, "0.7")
    assert editor.said == [0.7]


@only("weight")
def test_what_is_no_number_is_handed_on(editor, qtbot):
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "much")
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.said == ["much"]


@only("weight")
def test_a_line_being_typed_in_is_not_rewritten(editor, qtbot, monkeypatch):
    monkeypatch.setattr(editor.line, "hasFocus", lambda: True)
    editor.line.setText("0.50")
    editor.set_value(0.5)
    assert editor.line.text() == "0.50"
    editor.set_value(0.9)
    assert editor.line.text() == "0.9"


@only("layers")
def test_up_and_down_step(editor, qtbot):
    qtbot.keyClick(editor.line, Qt.Key.Key_Up)
    qtbot.keyClick(editor.line, Qt.Key.Key_Up)
    qtbot.keyClick(editor.line, Qt.Key.Key_Down)
    assert editor.said == [4, 5, 4]
    qtbot.keyClick(editor.slider, Qt.Key.Key_Home)
    assert editor.said[-1] == 1


@only("seed")
def test_a_number_without_upper_bound_steps_by_one_down_to_its_lower(editor, qtbot):
    assert editor.slider is None
    qtbot.keyClick(editor.line, Qt.Key.Key_Up)
    qtbot.keyClick(editor.line, Qt.Key.Key_Down)
    qtbot.keyClick(editor.line, Qt.Key.Key_Down)
    assert editor.said == [1, 0]


@only("sharp")
def test_a_switch(editor, qtbot):
    qtbot.mouseClick(editor.switch, Qt.MouseButton.LeftButton)
    qtbot.keyClick(editor.switch, Qt.Key.Key_Space)
    assert editor.said == [False, True]


@only("decay")
def test_few_choices_are_buttons(editor, qtbot):
    assert editor.combo is None
    qtbot.mouseClick(editor.buttons.button(1), Qt.MouseButton.LeftButton)
    assert editor.said == ["step"]
    assert editor.value() == "step"
    editor.set_value("none")
    assert editor.value() == "none"
    assert editor.said == ["step"]


@only("decay")
def test_arrow_keys_move_between_buttons(editor, qtbot):
    editor.buttons.button(0).setFocus()
    qtbot.keyClick(editor.buttons.button(0), Qt.Key.Key_Right)
    assert editor.value() == "step"
    assert editor.said == ["step"]


@only("precision")
def test_more_choices_are_a_combo_box(editor, qtbot):
    qtbot.keyClick(editor.combo, Qt.Key.Key_Down)
    assert editor.said == ["float32"]
    editor.set_value("float16")
    assert editor.value() == "float16"
    assert editor.said == ["float32"]


@only("name")
def test_text(editor, qtbot):
    qtbot.keyClicks(editor.line, "-7")
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.said == ["run-7"]


@only("milestones")
def test_several_values(editor, qtbot):
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "0.5, 0.7, 0.9")
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.said == [(0.5, 0.7, 0.9)]


@only("size")
def test_a_value_of_two_kinds(editor, qtbot):
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "12")
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.said == [12]


@pytest.mark.parametrize("editor", ["weight", "decay", "sharp", "milestones"], indirect=True)
def test_parts_have_names_for_screen_readers(editor):
    editor.name_parts("A name", "What it does.")
    proxy = editor.focusProxy()
    assert proxy.accessibleName().startswith("A name")
    assert proxy.accessibleDescription() == "What it does."
