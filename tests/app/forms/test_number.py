import pytest
from PySide6.QtCore import Qt

from app import theme
from app.forms.number import INDENT, DecimalBox, WholeBox
from tests.app.forms.wheel import turn


@pytest.mark.parametrize("kind", [WholeBox, DecimalBox])
def test_words_keep_their_distance_and_numbers_can_be_typed(qtbot, kind):
    theme.current().apply("light")
    box = kind()
    qtbot.addWidget(box)
    box.setRange(0, 99)
    box.resize(120, 32)
    box.show()
    inner = box.lineEdit()
    inner.home(False)
    assert box.mapFromGlobal(inner.mapToGlobal(inner.cursorRect().center())).x() >= INDENT
    box.selectAll()
    qtbot.keyClicks(inner, "42")
    qtbot.keyClick(inner, Qt.Key.Key_Up)
    assert box.value() == 43


@pytest.mark.parametrize("kind", [WholeBox, DecimalBox])
def test_the_wheel_is_for_the_page_unless_the_box_has_the_keyboard(qtbot, kind, monkeypatch):
    box = kind()
    qtbot.addWidget(box)
    box.setRange(0, 99)
    box.show()
    turn(box)
    assert box.value() == 0
    assert not box.hasFocus(), "a wheel does not give the keyboard either"
    monkeypatch.setattr(box, "hasFocus", lambda: True)
    turn(box)
    assert box.value() == 1
