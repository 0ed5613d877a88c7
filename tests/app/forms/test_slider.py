import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.forms.slider import Slider


@pytest.fixture
def slider(qtbot):
    made = Slider()
    qtbot.addWidget(made)
    made.setRange(0, 100)
    made.resize(218, 22)  # 200 px of way for 100 positions
    made.show()
    return made


def test_a_press_jumps_there_and_a_drag_follows(slider, qtbot):
    said = []
    slider.valueChanged.connect(said.append)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(59, 11))
    assert slider.value() == 25
    qtbot.mouseMove(slider, QPoint(109, 11))
    assert slider.value() == 50
    qtbot.mouseMove(slider, QPoint(900, 11))
    assert slider.value() == 100
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(900, 11))
    qtbot.mouseMove(slider, QPoint(20, 11))
    assert said == [25, 50, 100]


def test_the_knob_is_where_the_mouse_put_it(slider):
    for value in (0, 13, 100):
        slider.setValue(value)
        assert slider.position_at(slider.knob_x()) == value


def test_keys(slider, qtbot):
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_Up)
    assert slider.value() == 2
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert slider.value() == 100


def test_the_wheel_is_for_the_page_unless_the_slider_has_the_keyboard(slider, qtbot, monkeypatch):
    def turn():
        event = QWheelEvent(QPointF(50, 10), QPointF(50, 10), QPoint(), QPoint(0, 120),
                            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                            Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
        QApplication.sendEvent(slider, event)

    monkeypatch.setattr(slider, "hasFocus", lambda: False)
    turn()
    assert slider.value() == 0
    monkeypatch.setattr(slider, "hasFocus", lambda: True)
    turn()
    assert slider.value() > 0


def test_it_is_painted_differently_when_it_cannot_be_moved(slider):
    slider.setValue(40)
    enabled = slider.grab().toImage()
    slider.setEnabled(False)
    assert slider.grab().toImage() != enabled
