import pytest
from PySide6.QtCore import QPoint, Qt

from app import theme
from app.panels.data_classes import SHOWN, ClassBars


@pytest.fixture
def bars(qtbot):
    made = ClassBars()
    qtbot.addWidget(made)
    made.show_counts(["ant", "bee", "fly"], [10, 5, 0])
    made.resize(300, made.sizeHint().height())
    made.show()
    made.told = []
    made.chosen.connect(made.told.append)
    return made


def filled(bars, line):
    """How many pixels of a line have the accent colour of a bar."""
    image, row = bars.grab().toImage(), bars.line(line).center().y()
    accent = theme.tokens().accent.lower()
    return sum(image.pixelColor(x, row).name() == accent for x in range(image.width()))


def test_bars_are_as_long_as_classes_are_large(bars):
    bars.clearFocus()
    long, half = filled(bars, 0), filled(bars, 1)
    assert long > 60
    assert half == pytest.approx(long / 2, abs=6)
    assert 0 < filled(bars, 2) <= 4, "a class without images has a stub to click at"


def test_a_click_chooses_and_another_lets_go(bars, qtbot):
    for line in (1, 1, 2, 0):
        where = bars.line(line).center()
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=where)
    assert bars.told == [1, -1, 2, 0]
    assert filled(bars, 0) > 60
    assert filled(bars, 1) == 0, "the others are dim"
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(5, bars.height() - 1))
    assert len(bars.told) == 5


def test_keys_walk_within_the_list(bars, qtbot):
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Down,
                Qt.Key.Key_Down, Qt.Key.Key_Space):  # fmt: skip
        qtbot.keyClick(bars, key)
    assert bars.told == [0, 2]


def test_of_many_classes_the_largest_are_listed(bars, qtbot):
    names = [f"class {number}" for number in range(SHOWN + 8)]
    bars.show_counts(names, range(SHOWN + 8))
    assert bars.accessibleDescription().startswith(f"class {SHOWN + 7} {SHOWN + 7}, ")
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.line(0).center())
    assert bars.told == [SHOWN + 7], "positions are those of the catalogue"
    bars.resize(300, bars.sizeHint().height())
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.line(SHOWN).center())
    assert len(bars.told) == 1, "the line of the rest is none"
    few = bars.sizeHint().height()
    bars.show_counts(names[:3], [1, 1, 1])
    assert bars.sizeHint().height() < few


def test_without_classes_there_is_nothing_to_see(bars):
    bars.show_counts([], [])
    assert not bars.isVisible()
