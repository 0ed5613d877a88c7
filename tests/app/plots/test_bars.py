import numpy as np
import pytest
from PySide6.QtCore import QPoint

from app import theme
from app.plots.bars import BarsPlot
from sslcore.diagnostics import Bars


@pytest.fixture
def plot(qtbot):
    made = BarsPlot("Accuracy")
    qtbot.addWidget(made)
    made.resize(340, 170)
    values = np.array([0.2, 0.8, 0.4], np.float32)
    made.set_diagnostic(
        Bars(("a", "b", "a very long name that cannot fit here"), values, "share", 0.5)
    )
    made.show()
    return made


def lengths(plot):
    image = plot.grab().toImage()
    top, step = plot._rows()
    colour = theme.tokens().series[0].lower()
    rows = [int(top + (row + 0.5) * step) + 3 for row in range(3)]
    return [
        sum(image.pixelColor(x, y).name() == colour for x in range(image.width())) for y in rows
    ]


def test_bars_are_as_long_as_their_values(plot):
    short, long, middle = lengths(plot)
    assert long == pytest.approx(4 * short, abs=4)
    assert middle == pytest.approx(2 * short, abs=4)


def test_the_mouse_reads_a_bar_off(plot, qtbot):
    top, step = plot._rows()
    qtbot.mouseMove(plot, QPoint(200, int(top + 1.5 * step)))
    assert plot._head().rows[0][0].text == "b 0.800"
    qtbot.mouseMove(plot, QPoint(200, 165))
    assert plot._head().rows[0][0].text == "reference 0.500"


def test_negative_and_missing_values_are_painted(plot):
    values = np.array([-1, np.nan, 1], np.float32)
    plot.set_diagnostic(Bars(("a", "b", "c"), values, "", None))
    below, missing, above = lengths(plot)
    assert below == pytest.approx(above, abs=4)
    assert missing == 0


@pytest.mark.parametrize("count", [0, 1, 200])
def test_any_number_of_bars(plot, count):
    names = tuple(f"class {index}" for index in range(count))
    plot.set_diagnostic(Bars(names, np.ones(count, np.float32), "n", None))
    assert plot.is_empty() == (count == 0)
    plot.grab()


def test_shares_are_read_in_percent(plot, qtbot):
    values = np.array([0.625, 0.0009, 0.0], np.float32)
    plot.set_diagnostic(Bars(("a", "b", "c"), values, "share", 0.5, percent=True))
    assert plot.accessibleDescription() == "a 62.5 %, b 0.09 %, c 0.0 %"
    assert [one.value for row in plot._head().rows for one in row] == ["50.0 %"]
    plot.set_diagnostic(Bars(("a",), values[:1], "share", 0.5))
    assert plot.accessibleDescription() == "a 0.625"
