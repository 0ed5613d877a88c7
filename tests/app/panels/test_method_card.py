import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from app import theme
from app.panels.method_card import MethodCardButton

IDEA = "Pull two views of the same image together and push those of other images away."


@pytest.fixture
def cards(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    box.resize(300, 400)
    column = QVBoxLayout(box)
    group = QButtonGroup(box)
    made = []
    for key in ("simclr", "moco"):
        made.append(MethodCardButton(key, key.title(), 2020, IDEA))
        group.addButton(made[-1])
        column.addWidget(made[-1])
    box.show()
    qtbot.waitExposed(box)
    yield made
    box.close()


def test_one_of_the_cards_is_chosen_by_click_or_by_key(cards, qtbot):
    first, second = cards
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert (first.isChecked(), second.isChecked()) == (True, False)
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert second.hasFocus()
    assert (first.isChecked(), second.isChecked()) == (False, True)


def test_a_card_is_as_tall_as_its_words(cards):
    card = cards[0]
    wide = card.height()
    card.resize(180, card.height())
    assert card.height() > wide
    plain = card.height()
    card.set_reason("Needs captions: a text file or a CSV column per image.")
    assert card.height() > plain
    assert card.reason in card.accessibleDescription()
    assert card.toolTip() == card.reason
    assert card.isEnabled(), "it can be read about all the same"
    card.set_reason("")
    assert card.height() == plain
    assert card.accessibleDescription() == IDEA


def test_the_chosen_card_stands_out_and_the_reason_warns(cards):
    card = cards[0]
    for name in ("dark", "light"):
        theme.current().apply(name)
        card.setChecked(False)
        card.set_reason("")
        plain = card.grab().toImage()
        card.set_reason("Needs captions.")
        image = card.grab().toImage()
        tint = theme.QColor(theme.tokens().warning)
        near = sum(
            abs(image.pixelColor(x, y).red() - tint.red())
            + abs(image.pixelColor(x, y).green() - tint.green())
            + abs(image.pixelColor(x, y).blue() - tint.blue())
            < 60
            for x in range(image.width())
            for y in range(image.height())
        )
        assert near > 20, "words in the warning colour"
        card.set_reason("")
        group = card.group()
        group.setExclusive(False)
        card.setChecked(True)
        assert card.grab().toImage() != plain
        card.setChecked(False)
        group.setExclusive(True)
