import pytest
from PySide6.QtCore import Qt

from app import theme
from app.forms.switch import RING, Switch


@pytest.fixture
def switch(qtbot):
    made = Switch()
    qtbot.addWidget(made)
    made.show()
    return made


def test_mouse_and_space_turn_it(switch, qtbot):
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert switch.isChecked()
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert not switch.isChecked()


def test_on_is_the_accent_in_both_themes(switch):
    for name in theme.NAMES:
        theme.current().apply(name)
        accent = theme.tokens().accent.lower()
        switch.setChecked(True)
        on = switch.grab().toImage()
        switch.setChecked(False)
        off = switch.grab().toImage()
        middle = (RING + 8, off.height() // 2)  # the knob stands right of it when on
        assert on.pixelColor(*middle).name() == accent
        assert off.pixelColor(*middle).name() == "#ffffff"
