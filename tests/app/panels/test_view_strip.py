import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage

from app import theme
from app.panels.view_strip import Strip


def flat(colour, side=16):
    made = QImage(side, side, QImage.Format.Format_RGB888)
    made.fill(QColor(colour))
    return made


WORDS = ["0", "0.17", "0.33", "0.5", "0.67", "0.83", "1"]


@pytest.fixture
def strip(qtbot):
    made = Strip()
    qtbot.addWidget(made)
    made.resize(856, 60)
    made.show()
    made.picks = []
    made.picked.connect(made.picks.append)
    return made


@pytest.fixture
def values(strip, qtbot):
    strip.show_pictures([flat("#00ff00")] * 7, WORDS, 3, pickable=True)
    qtbot.waitExposed(strip)
    return strip


def middle(strip, number):
    return strip.area(number).center().toPoint()


def edge(strip, number):
    """Colour of the frame around a picture."""
    area = strip.area(number)
    at = QPoint(round(area.left()), round(area.center().y()))
    return strip.grab().toImage().pixelColor(at).name()


def test_the_strip_is_as_tall_as_its_squares_and_words(strip):
    strip.show_pictures([flat("#00ff00")] * 8, ())
    assert strip.height() == 100
    image = strip.grab().toImage()
    assert [image.pixelColor(50 + 108 * n, 50).name() for n in range(8)] == ["#00ff00"] * 8
    strip.show_pictures([flat("#00ff00")] * 8, ["0", "1"])
    assert strip.height() > 100
    assert strip.accessibleDescription() == "0, 1"


def test_fewer_pictures_stand_wider_apart_and_keep_the_ends(strip):
    strip.show_pictures([flat("#00ff00")] * 8, ())
    eight = strip.area(0), strip.area(7)
    strip.show_pictures([flat("#00ff00")] * 7, WORDS)
    assert (strip.area(0), strip.area(6)) == eight
    strip.show_pictures([flat("#00ff00")], ["1"])
    assert strip.area(0) == eight[0]


def test_a_click_takes_a_value_and_a_gap_does_not(values, qtbot):
    for number in (0, 5, 6):
        qtbot.mouseClick(values, Qt.MouseButton.LeftButton, pos=middle(values, number))
    gap = QPoint(round((values.area(0).right() + values.area(1).left()) / 2), 50)
    qtbot.mouseClick(values, Qt.MouseButton.LeftButton, pos=gap)
    qtbot.mouseClick(values, Qt.MouseButton.RightButton, pos=middle(values, 2))
    assert values.picks == [0, 5, 6]


def test_arrows_walk_from_the_value_in_force_and_enter_takes(values, qtbot):
    assert values.focusPolicy() == Qt.FocusPolicy.TabFocus
    values.setFocus()
    assert values.accessibleDescription().startswith("0.5 of ")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_End, Qt.Key.Key_Right):
        qtbot.keyClick(values, key)
    qtbot.keyClick(values, Qt.Key.Key_Enter)
    qtbot.keyClick(values, Qt.Key.Key_Home)
    assert values.picks == [4, 6]
    assert values.accessibleDescription() == f"0 of {', '.join(WORDS)}; in force: 0.5"


def test_draws_cannot_be_taken(strip, qtbot):
    strip.show_pictures([flat("#00ff00")] * 8, ())
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=middle(strip, 2))
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert strip.picks == []
    assert strip.focusPolicy() == Qt.FocusPolicy.NoFocus
    assert strip.toolTip() == ""


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_value_in_force_has_a_frame_and_the_mouse_another(values, qtbot, name):
    theme.current().apply(name)
    plain = edge(values, 1)
    assert edge(values, 3) != plain
    qtbot.mouseMove(values, middle(values, 0))
    qtbot.mouseMove(values, middle(values, 1))
    assert edge(values, 1) not in (plain, edge(values, 3))
    assert values.cursor().shape() == Qt.CursorShape.PointingHandCursor
    gap = QPoint(round((values.area(0).right() + values.area(1).left()) / 2), 50)
    qtbot.mouseMove(values, gap)
    assert edge(values, 1) == plain
    assert values.cursor().shape() == Qt.CursorShape.ArrowCursor
