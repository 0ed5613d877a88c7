import numpy as np
import pytest

from app import theme
from app.plots import colours
from app.plots.dots import Dots


@pytest.fixture(params=theme.NAMES, autouse=True)
def each_theme(qapp, request):
    theme.current().apply(request.param)
    yield request.param
    theme.current().apply("dark")


def colour_at(dots, x, y):
    where = np.array([10.0, 30.0])
    return dots.picture(where, np.array([10.0, 10.0]), 6, 40, 20).pixelColor(x, y).name()


def test_dots_in_their_colours_on_the_ground():
    dots = Dots(np.array([[255, 0, 0], [0, 128, 0]], np.uint8))
    assert colour_at(dots, 10, 10) == "#ff0000"
    assert colour_at(dots, 30, 10) == "#008000"
    assert colour_at(dots, 20, 10) == theme.tokens().surface.lower()


def test_all_but_the_emphasised_are_greyed_and_none_hidden():
    dots = Dots(np.array([[255, 0, 0], [0, 128, 0]], np.uint8))
    dots.emphasis = np.array([False, True])
    assert colour_at(dots, 10, 10) not in ("#ff0000", theme.tokens().surface.lower())
    assert colour_at(dots, 30, 10) == "#008000"


def test_pale_dots_get_an_edge_on_white(each_theme):
    dots = Dots(np.array([[240, 228, 66], [0, 128, 0]], np.uint8))
    edge = colour_at(dots, 6, 10)  # one pixel left of the dot
    assert (edge == theme.tokens().surface.lower()) == (each_theme == "dark")
    assert colour_at(dots, 26, 10) == theme.tokens().surface.lower()


def test_before_colours_come_all_are_missing():
    dots = Dots.missing(2)
    missing = colours.missing_colour()
    assert colour_at(dots, 10, 10) == "#{:02x}{:02x}{:02x}".format(*missing)
