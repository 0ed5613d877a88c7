import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app import theme
from app.panels.tile import WORDS, Tile


@pytest.fixture
def tile(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    made = Tile(box)
    made.set_side(80)
    made.move(100, 60)
    made.setText("0.97 horse")
    box.resize(200, 200)
    box.show()
    qtbot.waitExposed(box)
    made.box = box
    return made


def picture(colour):
    made = QPixmap(16, 16)
    made.fill(QColor(colour))
    return made


def test_a_picture_fills_its_side_once_it_is_read(tile):
    assert (tile.width(), tile.height()) == (80, 80 + WORDS)
    assert tile.sizeHint() == tile.size()
    waiting = tile.grab().toImage().pixelColor(40, 40).name()
    assert waiting == theme.tokens().raised.lower()
    tile.set_picture(picture("#00ff00"))
    image = tile.grab().toImage()
    assert {image.pixelColor(x, 40).name() for x in (4, 40, 75)} == {"#00ff00"}
    assert image.pixelColor(40, 85).name() != "#00ff00"


def test_keys_and_mouse_click_it_and_the_keyboard_is_seen(tile, qtbot):
    clicks = []
    tile.clicked.connect(lambda: clicks.append(True))
    tile.set_picture(picture("#00ff00"))

    def edge():
        image = tile.grab().toImage()
        return [image.pixelColor(x, 40).name() for x in (1, 2)]

    tile.clearFocus()
    plain = edge()
    tile.setFocus(Qt.FocusReason.TabFocusReason)
    assert edge() != plain
    qtbot.keyClick(tile, Qt.Key.Key_Space)
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert clicks == [True, True]


def test_long_words_are_cut(tile):
    tile.setText("0.97 a horse with an exceedingly long name")
    wide = tile.grab().toImage()
    assert len({wide.pixelColor(79, y).name() for y in range(82, 98)}) == 1
    assert len({wide.pixelColor(x, 90).name() for x in range(60)}) > 1, "there are letters"


def test_keys_held_at_the_press_are_kept(tile, qtbot):
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, shift)
    assert tile.modifiers_held == shift
    clicks = []
    tile.clicked.connect(lambda: clicks.append(tile.modifiers_held))
    qtbot.keyClick(tile, Qt.Key.Key_Return)
    assert clicks == [Qt.KeyboardModifier.NoModifier]


def test_a_chosen_image_looks_as_in_the_gallery_and_shows_the_keyboard_too(tile):
    tile.set_picture(picture("#00ff00"))

    def colours():
        image = tile.grab().toImage()
        return [image.pixelColor(x, 40).name() for x in (1, 5, 40)]

    tile.clearFocus()
    plain = colours()
    tile.set_chosen(True)
    chosen = colours()
    assert chosen[0] == theme.tokens().accent.lower()
    assert chosen[2] != plain[2], "a veil over the picture"
    assert tile.accessibleDescription() == "chosen"
    tile.setFocus(Qt.FocusReason.TabFocusReason)
    assert colours()[1] != chosen[1]
    tile.clearFocus()
    tile.set_chosen(False)
    assert not tile.chosen
    assert colours() == plain


def test_the_menu_key_asks_at_the_picture_and_the_mouse_where_it_is(tile):
    told = []
    tile.menu_asked.connect(told.append)
    reason = QContextMenuEvent.Reason
    place = tile.mapToGlobal(QPoint(7, 9))
    QApplication.sendEvent(tile, QContextMenuEvent(reason.Mouse, QPoint(7, 9), place))
    QApplication.sendEvent(tile, QContextMenuEvent(reason.Keyboard, QPoint(0, 0), QPoint(0, 0)))
    assert told == [place, tile.mapToGlobal(tile.rect().center())]
