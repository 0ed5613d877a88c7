import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.panels.train_charts import FIRST, WORDS
from app.panels.train_controls import SMOOTHING, CurveControls
from tests.app.panels.reachable import unnamed


@pytest.fixture
def controls(qtbot):
    made = CurveControls()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.told = []
    made.changed.connect(lambda: made.told.append(True))
    return made


def test_what_is_shown_at_first(controls):
    assert {key for key in WORDS if controls.wants(key)} == set(FIRST)
    assert controls.smoothing == SMOOTHING / 100
    assert not controls.in_steps
    assert not controls.log.isChecked()
    assert not unnamed(controls)


def test_every_control_is_told_once(controls, qtbot):
    qtbot.mouseClick(controls.chips["rate"], Qt.MouseButton.LeftButton)
    assert controls.wants("rate")
    controls.slider.setFocus()
    qtbot.keyClick(controls.slider, Qt.Key.Key_End)
    assert controls.smoothing == 0.99
    qtbot.mouseClick(controls.log, Qt.MouseButton.LeftButton)
    assert controls.log.isChecked()
    controls.over.setFocus()
    qtbot.keyClick(controls.over, Qt.Key.Key_Down)
    assert controls.in_steps
    assert len(controls.told) == 4


def test_charts_that_do_not_exist_have_no_switch_and_keep_their_choice(controls):
    controls.offer({"loss"})
    assert [key for key, chip in controls.chips.items() if chip.isVisible()] == ["loss"]
    assert [key for key in WORDS if controls.wants(key)] == ["loss"]
    controls.offer(set(WORDS))
    assert {key for key in WORDS if controls.wants(key)} == set(FIRST)
    assert controls.told == []


def test_in_the_smallest_window_no_name_of_a_chart_is_cut(controls):
    controls.offer(WORDS)
    controls.setFixedWidth(915)  # what 1,024 pixels leave
    controls.layout().activate()
    QApplication.processEvents()
    for chip in controls.chips.values():
        assert chip.width() >= chip.sizeHint().width(), chip.text()
    assert not controls._word.isVisible()
    controls.setFixedWidth(1300)
    QApplication.processEvents()
    assert controls._word.isVisible()
    assert controls._value.isVisible()
