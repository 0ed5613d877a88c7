import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from app.panels.explore_hover import APART, HoverCard


@pytest.fixture
def over(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.card = HoverCard(made)
    made.card.set_picture(None)
    made.show()
    return made


def test_it_stands_beside_the_point_and_within_the_map(over):
    card = over.card
    assert not card.isVisible()
    for x, y in ((50, 200), (590, 10), (300, 395), (5, 5)):
        point = QPoint(x, y)
        card.show_at(point, "cat/0001.png", "cat")
        assert over.rect().contains(card.geometry()), point
        assert not card.geometry().contains(point), "what is pointed at stays visible"
    card.show_at(QPoint(50, 200), "cat/0001.png", "cat")
    assert card.x() == 50 + APART
    card.show_at(QPoint(590, 200), "cat/0001.png", "cat")
    assert card.geometry().right() < 590


def test_it_grows_with_its_words_and_stays_within_the_map(over):
    card = over.card
    card.show_at(QPoint(300, 399), "cat/0001.png", "")
    assert not card.words.isVisible()
    low = card.height()
    card.say("cat\n3 of 5 neighbours agree")
    assert card.words.isVisible()
    assert card.height() > low
    assert card.geometry().bottom() < 400
    assert card.accessibleName() == "cat/0001.png"


def test_it_never_takes_the_mouse(over, qtbot):
    over.card.show_at(QPoint(100, 100), "cat", "")
    assert over.childAt(over.card.geometry().center()) is None
    assert over.card.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def test_it_goes_when_the_map_gets_another_size(over, qtbot):
    over.card.show_at(QPoint(50, 200), "cat/0001.png", "cat")
    assert over.card.isVisible()
    over.resize(600, 300)
    qtbot.waitUntil(lambda: not over.card.isVisible())
