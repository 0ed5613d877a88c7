import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from app import theme
from app.plots.picture_strip import GAP, SIDE, PictureStrip, Thumbnail

LEFT = Qt.MouseButton.LeftButton
THUMBNAILS = [
    Thumbnail(row, f"{row / 10:.2f}", f"cat/{row}.png: {row / 10}") for row in range(9, 0, -1)
]


def red(_row):
    made = QPixmap(8, 8)
    made.fill(QColor("#ff0000"))
    return made


@pytest.fixture
def strip(qtbot):
    made = PictureStrip("largest z", red)
    qtbot.addWidget(made)
    made.resize(5 * SIDE + 4 * GAP, made.sizeHint().height())
    made.show()
    made.show_thumbnails(THUMBNAILS)
    return made


def centre(strip, number):
    return strip.place(number).center().toPoint()


def test_as_many_as_there_is_room_for(strip):
    assert strip.visible_rows == [9, 8, 7, 6, 5]
    assert strip.place(4).right() <= strip.width()
    image = strip.grab().toImage()
    assert image.pixelColor(centre(strip, 4)).name() == "#ff0000"
    strip.resize(2 * SIDE + GAP, strip.height())
    assert strip.visible_rows == [9, 8]
    strip.resize(10, strip.height())
    assert strip.visible_rows == [9]


def test_a_click_gives_the_image_and_the_keys(strip, qtbot):
    with qtbot.waitSignal(strip.clicked) as clicked:
        qtbot.mouseClick(strip, LEFT, Qt.KeyboardModifier.ShiftModifier, centre(strip, 2))
    assert clicked.args == [7, Qt.KeyboardModifier.ShiftModifier]
    with qtbot.assertNotEmitted(strip.clicked):
        qtbot.mouseClick(strip, LEFT, pos=QPoint(10, strip.height() - 2))


def test_keys_walk_and_choose(strip, qtbot):
    strip.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(strip, key)
    with qtbot.waitSignal(strip.clicked) as clicked:
        qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert clicked.args[0] == 8
    qtbot.keyClick(strip, Qt.Key.Key_End)
    with qtbot.waitSignal(strip.clicked) as clicked:
        qtbot.keyClick(strip, Qt.Key.Key_Enter)
    assert clicked.args[0] == 5
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert strip._at == 4


def test_hover_and_chosen_are_seen(strip, qtbot):
    plain = strip.grab().toImage()
    qtbot.mouseMove(strip, centre(strip, 1))
    assert strip.grab().toImage() != plain
    assert strip.toolTip() == "cat/8.png: 0.8"
    qtbot.mouseMove(strip, QPoint(10, strip.height() - 2))
    assert strip.grab().toImage() == plain
    strip.set_chosen(frozenset([8]))
    corner = strip.place(1).topLeft().toPoint() + QPoint(20, 0)
    assert strip.grab().toImage().pixelColor(corner).name() == theme.tokens().accent.lower()


def test_other_pictures_forget_the_place(strip, qtbot):
    qtbot.mouseMove(strip, centre(strip, 1))
    strip.show_thumbnails(THUMBNAILS)
    assert strip._at == 1
    strip.show_thumbnails(THUMBNAILS[:2])
    assert strip._at is None
    assert strip.accessibleDescription() == "cat/9.png: 0.9, cat/8.png: 0.8"
    assert strip.place(1).left() == SIDE + GAP
    with qtbot.assertNotEmitted(strip.clicked):
        qtbot.keyClick(strip, Qt.Key.Key_Return)


def test_a_picture_that_is_not_there_yet_is_a_tile(qtbot):
    strip = PictureStrip("largest z", lambda row: None)
    qtbot.addWidget(strip)
    strip.resize(300, 64)
    assert strip.is_empty()
    strip.grab()
    strip.show_thumbnails(THUMBNAILS)
    colour = strip.grab().toImage().pixelColor(centre(strip, 0)).name()
    assert colour == theme.tokens().raised.lower()


def test_a_wide_picture_is_cut_not_squeezed(qtbot):
    def wide(_row):
        made = QPixmap(60, 20)
        made.fill(QColor("#ff0000"))
        painter = QPainter(made)
        painter.fillRect(20, 0, 20, 20, QColor("#00ff00"))
        painter.end()
        return made

    made = PictureStrip("largest z", wide, hint="click chooses it")
    qtbot.addWidget(made)
    made.resize(200, made.sizeHint().height())
    made.show()
    made.show_thumbnails(THUMBNAILS)
    image = made.grab().toImage()
    places = [QPoint(x, SIDE // 2) for x in (3, SIDE // 2, SIDE - 3)]
    assert {image.pixelColor(one).name() for one in places} == {"#00ff00"}
    qtbot.mouseMove(made, centre(made, 0))
    assert made.toolTip() == "cat/9.png: 0.9\nclick chooses it"
