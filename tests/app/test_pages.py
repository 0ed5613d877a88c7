import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from app.pages import Pages


@pytest.fixture
def column(qtbot):
    made = Pages("What is shown")
    qtbot.addWidget(made)
    made.add_pages(
        (key, key.title(), f"about {key}", QLabel(key)) for key in ("near", "chosen", "find")
    )
    made.resize(320, 300)
    made.show()
    return made


def shown(column):
    return next(one.text() for one in column.findChildren(QLabel) if one.isVisible())


def test_a_click_on_a_tab_turns_the_page(column, qtbot):
    assert (column.page, shown(column)) == ("near", "near")
    place = column.tabs.tabRect(2).center()
    with qtbot.waitSignal(column.turned) as told:
        qtbot.mouseClick(column.tabs, Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert told.args == ["find"]
    assert (column.page, shown(column)) == ("find", "find")


def test_arrow_keys_turn_it_too(column, qtbot):
    column.tabs.setFocus()
    qtbot.keyClick(column.tabs, Qt.Key.Key_Right)
    assert (column.page, shown(column)) == ("chosen", "chosen")
    column.show_page("near")
    assert shown(column) == "near"


def test_words_on_a_tab_change_and_its_page_stays(column):
    column.say("chosen", "312 chosen")
    assert column.tabs.tabText(1) == "312 chosen"
    assert column.tabs.tabToolTip(1) == "about chosen"
    assert column.page == "near"


def test_a_page_can_be_taken_away_and_offered_again(column, qtbot):
    column.show_page("chosen")
    column.offer("chosen", wanted=False)
    assert (column.page, shown(column)) == ("near", "near")
    assert not column.tabs.isTabVisible(1)
    column.tabs.setFocus()
    qtbot.keyClick(column.tabs, Qt.Key.Key_Right)
    assert column.page == "find", "keys pass it by"
    column.offer("chosen", wanted=True)
    assert column.page == "find"
    column.show_page("chosen")
    assert shown(column) == "chosen"
