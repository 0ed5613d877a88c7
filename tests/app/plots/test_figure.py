import numpy as np
import pytest

from app import theme
from app.plots.figure import FigurePlot


@pytest.fixture
def plot(qtbot):
    made = FigurePlot("invariance", 1)
    qtbot.addWidget(made)
    made.resize(120, 36)
    made.show()
    return made


def test_a_line_gives_its_value_at_a_place(plot):
    x = np.arange(1, 101)
    plot.show_line(x, 100.0 / x)
    assert plot.value == pytest.approx(1.0)
    plot.show_line(x, 100.0 / x, at=20.0)
    assert plot.value == pytest.approx(5.0)
    assert plot.accessibleDescription() == "5.00"


@pytest.mark.parametrize("name", theme.NAMES)
def test_the_line_is_painted_in_both_themes(plot, name):
    theme.current().apply(name)
    plot.show_value(3.0)
    bare = plot.grab().toImage()
    plot.show_line(np.arange(50), np.sin(np.arange(50) / 5) + 3)
    plot.show_value(3.0)
    assert plot.grab().toImage() != bare
    theme.current().apply("dark")


@pytest.mark.parametrize(
    ("x", "y"), [([], []), ([1.0], [2.0]), ([1, 2, 3], [np.nan] * 3), ([1, 2, 3], [4, 4, 4])]
)
def test_any_line_can_be_painted(plot, x, y):
    plot.show_line(np.array(x), np.array(y, np.float64))
    assert plot.is_empty() == (not len(y) or np.isnan(y[-1]))
    for width in (64, 300):
        plot.resize(width, 36)
        plot.grab()


def test_a_number_alone(qtbot):
    plot = FigurePlot("rms")
    qtbot.addWidget(plot)
    assert plot.is_empty()
    plot.grab()
    plot.show_value(-0.25)
    assert plot.accessibleDescription() == "−0.250"
    plot.grab()
