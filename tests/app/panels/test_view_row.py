from PySide6.QtCore import Qt

from app.panels.view_row import STRUCTURAL, StepRow
from sslcore.augment.corruption import GaussianNoise
from sslcore.augment.geometric import RandomResizedCrop
from sslcore.augment.patches import Rotations
from sslcore.augment.photometric import Grey
from tests.app.panels.reachable import unnamed


def row_of(qtbot, step, *rest, position=2):
    made = StepRow(position, step, *rest)
    qtbot.addWidget(made)
    made.resize(420, 60)
    made.show()
    qtbot.waitExposed(made)
    made.told = []
    made.edited.connect(lambda *words: made.told.append(words))
    return made


def test_switch_and_slider_tell_a_new_step(qtbot):
    row = row_of(qtbot, Grey())
    row.switch.setFocus()
    qtbot.keyClick(row.switch, Qt.Key.Key_Space)
    assert row.told == [(2, Grey(enabled=False))]
    row.slider.setFocus()
    qtbot.keyClick(row.slider, Qt.Key.Key_Home)
    assert row.told[-1] == (2, Grey(p=0.0))
    assert not unnamed(row)


def test_showing_a_step_is_no_edit(qtbot):
    row = row_of(qtbot, Grey())
    row.show_step(Grey(p=0.75, enabled=False))
    assert row.told == []
    assert row.value.text() == "0.75"
    assert not row.switch.isChecked()
    assert not row.slider.isEnabled()
    half = row.slider.value()
    row.show_step(Grey(p=1.0))
    assert row.slider.value() == row.slider.maximum() > half


def test_the_other_end_of_a_range_is_pushed_along(qtbot):
    row = row_of(qtbot, RandomResizedCrop(scale_low=0.2, scale_high=0.5))
    row.slider.setFocus()
    qtbot.keyClick(row.slider, Qt.Key.Key_End)
    _, step = row.told[-1]
    assert step.scale_low == step.scale_high == 1.0


def test_all_knobs_open_below_and_tell_a_new_step(qtbot):
    row = row_of(qtbot, GaussianNoise(), GaussianNoise(sd_high=0.5))
    assert row.form is None
    tall = row.sizeHint().height()
    qtbot.mouseClick(row.more, Qt.MouseButton.LeftButton)
    assert row.form.isVisible()
    assert row.sizeHint().height() > tall
    line = row.form.field("sd_high").editor.line
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "0.3")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert row.told[-1] == (2, GaussianNoise(sd_high=0.3))
    qtbot.mouseClick(row.more, Qt.MouseButton.LeftButton)
    assert not row.form.isVisible()
    assert not unnamed(row)


def test_what_the_task_is_about_cannot_be_switched_off(qtbot):
    row = row_of(qtbot, Rotations())
    assert row.switch.isChecked()
    assert not row.switch.isEnabled()
    assert row.switch.toolTip() == STRUCTURAL
    assert not row.slider.isVisible()
    assert not row.more.isVisible()


def test_a_reason_is_told_until_the_step_changes(qtbot):
    row = row_of(qtbot, Grey(), None, "These images have no colour.")
    assert row.switch.toolTip() == "These images have no colour."
    row.explain("p must be at most 1")
    assert row.problem.isVisible()
    row.show_step(Grey(p=0.5))
    assert not row.problem.isVisible()
