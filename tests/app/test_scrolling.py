from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.scrolling import scrolled


def test_what_takes_the_keyboard_is_scrolled_into_sight(qtbot):
    content = QWidget()
    column = QVBoxLayout(content)
    buttons = [QPushButton(f"Button {number}") for number in range(20)]
    for button in buttons:
        column.addWidget(button)
    area = scrolled(content)
    qtbot.addWidget(area)
    area.resize(160, 120)
    area.show()
    area.activateWindow()
    qtbot.waitUntil(area.isActiveWindow)
    assert area.focusPolicy() == Qt.FocusPolicy.NoFocus
    assert not area.horizontalScrollBar().isVisible()
    buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(12):
        qtbot.keyClick(area.window().focusWidget(), Qt.Key.Key_Tab)
    assert buttons[12].hasFocus()
    assert area.verticalScrollBar().value() > 0
    assert buttons[12].visibleRegion().boundingRect().height() == buttons[12].height()
