import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app import theme
from app.plots.band import Band, BandPlot

PLACES = ("0.1", "0.5", "0.9")
MIDDLE = np.array([1.0, 2.0, 4.0])
BAND = Band("damaged", MIDDLE, MIDDLE - 0.5, MIDDLE + 0.5)


@pytest.fixture
def plot(qtbot):
    made = BandPlot("Noise")
    qtbot.addWidget(made)
    made.resize(300, 180)
    made.show_bands(PLACES, [BAND], "strength (part)", reference=("clean", 0.5))
    made.show()
    return made


def pixels(widget):
    image = widget.grab().toImage()
    return np.array(
        [[image.pixel(x, y) for x in range(0, image.width(), 2)] for y in range(image.height())]
    )


def test_it_says_what_it_shows(plot):
    assert plot.accessibleName() == "Noise"
    assert plot.accessibleDescription() == "damaged: 1.00, 2.00, 4.00"
    assert plot.places == PLACES
    assert not plot.is_empty()


def test_the_mouse_reads_off_the_nearest_place(plot, qtbot):
    before = pixels(plot)
    qtbot.mouseMove(plot, QPoint(290, 80))
    assert plot.at == 2
    assert (pixels(plot) != before).any()
    qtbot.mouseMove(plot, QPoint(60, 80))
    assert plot.at == 0
    qtbot.mouseMove(plot, QPoint(2, 80))
    assert plot.at is None


def test_the_keyboard_reads_off_and_lets_go(plot, qtbot):
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert plot.at == 2
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert plot.at == 1
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.at == 2
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.at is None


def test_clicks_and_enter_look_into_it(plot, qtbot):
    with qtbot.waitSignal(plot.clicked):
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(100, 90))
    with qtbot.waitSignal(plot.clicked):
        qtbot.keyClick(plot, Qt.Key.Key_Return)
    before = pixels(plot)
    plot.set_chosen(True)
    assert (pixels(plot) != before).any()


def test_the_band_lies_around_the_line(plot):
    plot.show_bands(PLACES, [Band("line", MIDDLE)], "strength")
    without = pixels(plot)
    plot.show_bands(PLACES, [Band("line", MIDDLE, MIDDLE - 0.001, MIDDLE + 0.001)], "strength")
    thin = pixels(plot)
    plot.show_bands(PLACES, [Band("line", MIDDLE, MIDDLE * 0 + 1, MIDDLE * 0 + 4)], "strength")
    wide = pixels(plot)
    assert (without != wide).sum() > 4 * (without != thin).sum()


def test_values_that_are_none_leave_gaps(plot):
    holes = np.array([1.0, np.nan, 3.0])
    plot.show_bands(PLACES, [Band("holes", holes)], "strength")
    assert "–" in plot.accessibleDescription()
    assert not plot.grab().isNull()
    plot.show_bands(PLACES, [Band("nothing", holes * np.nan)], "strength")
    assert plot.is_empty()
    assert not plot.grab().isNull()


@pytest.mark.parametrize("name", theme.NAMES)
def test_logarithms_percent_references_and_one_place(plot, name):
    theme.current().apply(name)
    plot.show_bands(PLACES, [Band("line", 10.0**MIDDLE)], "x", log=True, summary="AUROC 0.9")
    assert not plot.grab().isNull()
    zero = Band("zero", np.array([0.0, 1.0, 100.0]), np.zeros(3), np.full(3, 100.0))
    plot.show_bands(PLACES, [zero], "x", log=True)
    assert not plot.grab().isNull()
    shares = [Band("a", MIDDLE / 4), Band("b", MIDDLE / 8, series=None)]
    plot.show_bands(PLACES, shares, "x", percent=True, reference=("half", 0.5))
    assert plot.accessibleDescription().startswith("a: 25.0 %, 50.0 %, 100.0 %; b: 12.5 %")
    assert not plot.grab().isNull()
    plot.show_bands(("30",), [Band("one", np.array([2.0]))], "negatives")
    assert not plot.grab().isNull()


def test_many_places_are_named_in_part(plot):
    places = [f"{10 * n:,}" for n in range(1, 60)]
    plot.show_bands(places, [Band("long", np.arange(59.0))], "negatives")
    assert not plot.grab().isNull()
