import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app import theme
from app.plots import colours
from app.plots.standing_bars import StandingBars

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bars(qtbot):
    made = StandingBars("What sets them apart")
    qtbot.addWidget(made)
    made.resize(360, made.sizeHint().height())
    made.show()
    made.show_bars([17, 3, 1024], np.array([2.0, -1.0, 0.5]), " σ")
    return made


def centre(bars, number):
    return bars.bar(number).center().toPoint()


def test_a_click_picks_and_one_more_lets_go(bars, qtbot):
    with qtbot.waitSignal(bars.picked) as picked:
        qtbot.mouseClick(bars, LEFT, pos=centre(bars, 1))
    assert picked.args == [3]
    with qtbot.waitSignal(bars.picked) as picked:
        qtbot.mouseClick(bars, LEFT, pos=centre(bars, 1))
    assert picked.args == [None]
    with qtbot.assertNotEmitted(bars.picked):
        qtbot.mouseClick(bars, LEFT, pos=QPoint(5, 3))


def test_keys_walk_and_pick(bars, qtbot):
    bars.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(bars, key)
    with qtbot.waitSignal(bars.picked) as picked:
        qtbot.keyClick(bars, Qt.Key.Key_Return)
    assert picked.args == [1024]
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    with qtbot.waitSignal(bars.picked) as picked:
        qtbot.keyClick(bars, Qt.Key.Key_Enter)
    assert picked.args == [3]


@pytest.mark.parametrize("name", theme.NAMES)
def test_up_and_down_in_the_diverging_colours(bars, name):
    theme.current().apply(name)
    image = bars.grab().toImage()
    x = [centre(bars, number).x() for number in range(3)]
    columns = [[image.pixelColor(one, y).getRgb()[:3] for y in range(image.height())] for one in x]
    table = colours.diverging()
    up, down = (tuple(table[end].tolist()) for end in (-1, 0))
    heights = [max(column.count(up), column.count(down)) for column in columns]
    assert up in columns[0]
    assert down in columns[1]
    assert down not in columns[0]
    assert heights[0] > heights[1] > heights[2] > 0
    theme.current().apply("dark")


def test_said_to_screen_readers_and_kept_while_there(bars, qtbot):
    assert bars.accessibleDescription() == "17: +2.00 σ, 3: −1.00 σ, 1024: +0.500 σ"
    qtbot.mouseClick(bars, LEFT, pos=centre(bars, 1))
    bars.show_bars([3, 17], np.array([-1.0, 0.9]), " σ")
    assert bars._picked == 3
    bars.show_bars([5], np.array([0.0]), "")
    assert bars._picked is None
    bars.grab()


def test_empty(bars, qtbot):
    bars.show_bars((), np.zeros(0), "")
    assert bars.is_empty()
    bars.grab()
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    with qtbot.assertNotEmitted(bars.picked):
        qtbot.keyClick(bars, Qt.Key.Key_Return)
