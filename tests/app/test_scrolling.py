from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.scrolling import LEAST, SnugArea, scrolled


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


def test_a_snug_area_is_as_tall_as_its_content_and_scrolls_without_room(qtbot):
    content, below = QWidget(), QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 0, 0)
    words = QLabel("many words that break into lines " * 12)
    words.setWordWrap(True)
    last = QLabel("the last")
    column.addWidget(words)
    column.addWidget(last)
    ground = QWidget()
    qtbot.addWidget(ground)
    outer = QVBoxLayout(ground)
    area = SnugArea(content)
    below.setMinimumHeight(100)
    outer.addWidget(area)
    outer.addWidget(below, 1)
    ground.resize(500, 800)
    ground.show()
    qtbot.waitExposed(ground)

    def whole():
        wanted = content.layout().totalHeightForWidth(area.viewport().width())
        return area.height() == content.height() == wanted

    qtbot.waitUntil(whole)
    before = area.height()
    ground.resize(300, 800)
    qtbot.waitUntil(lambda: area.height() > before and whole())
    assert not area.verticalScrollBar().isVisible()
    words.setText("few")
    qtbot.waitUntil(lambda: area.height() < before and whole())
    words.setText("many words that break into lines " * 60)
    ground.resize(300, 260)
    qtbot.waitUntil(area.verticalScrollBar().isVisible)
    assert LEAST <= area.height() < content.height()
    assert below.height() >= 100
    area.reveal(last)
    assert area.verticalScrollBar().value() == area.verticalScrollBar().maximum() > 0
