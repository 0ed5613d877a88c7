import pytest
from PySide6.QtCore import Qt

from app import theme
from app.forms.number import INDENT, DecimalBox, WholeBox


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
