import numpy as np
import pytest
from PySide6.QtGui import QColor

from app import theme
from app.plots import colours
from app.plots.colour_space import contrast, to_lab


@pytest.fixture(params=theme.NAMES, autouse=True)
def each_theme(qapp, request):
    theme.current().apply(request.param)
    yield request.param
    theme.current().apply("dark")


def test_the_list_of_classes_only_grows():
    assert np.array_equal(colours.class_colours(40)[:9], colours.class_colours(9))
    assert colours.class_colours(0).shape == (0, 3)


def test_no_class_is_the_missing_grey():
    made = colours.by_class(np.array([0, -1, 3, -7]))
    assert np.array_equal(made[[0, 2]], colours.class_colours(4)[[0, 3]])
    assert np.array_equal(made[[1, 3]], np.repeat(colours.missing_colour()[None], 2, 0))


def test_numbers_rise_in_lightness_and_missing_ones_are_grey():
    made = colours.by_value(np.array([0.0, 0.5, 1.0, np.nan, np.inf]))
    lightness = to_lab(made)[:, 0]
    assert lightness[0] < lightness[1] < lightness[2]
    assert np.array_equal(made[3], colours.missing_colour())
    assert np.array_equal(made[4], colours.missing_colour())


def test_both_ends_of_numbers_are_seen_on_the_ground():
    ends = colours.by_value(np.array([0.0, 1.0]))
    assert contrast(ends, colours.bytes_of(theme.tokens().surface)).min() > 1.5


def test_all_values_equal_or_missing_is_no_error():
    assert colours.by_value(np.full(3, 2.0)).shape == (3, 3)
    assert np.array_equal(colours.by_value(np.array([np.nan]))[0], colours.missing_colour())


def test_the_sequential_scale_is_even_in_lightness():
    steps = np.diff(to_lab(colours.sequential())[:, 0])
    assert steps.min() > -0.5
    assert abs(steps.mean() - 75 / 255) < 0.02


def test_the_diverging_scale_has_the_ground_in_its_middle():
    table = colours.diverging().astype(int)
    ground = colours.bytes_of(theme.tokens().surface).astype(int)
    assert len(table) % 2 == 1
    assert table[len(table) // 2].tolist() == ground.tolist()
    assert table[0].tolist() == colours.bytes_of(theme.tokens().diverging[0]).tolist()
    assert table[-1].tolist() == colours.bytes_of(theme.tokens().diverging[2]).tolist()


def test_yellow_needs_an_outline_on_white_only(each_theme):
    assert colours.needs_outline(QColor("#F0E442")) == (each_theme == "light")
    assert not colours.needs_outline(QColor("#D55E00"))
