import numpy as np
import pytest
from PySide6.QtGui import QColor

from app import theme
from app.plots.line import Line, nearest


def test_only_what_has_a_place_is_painted():
    y = np.array([1.0, np.nan, -2.0, np.inf, 4.0])
    line = Line("loss", np.arange(5.0), y, None, 0)
    assert [one.tolist() for one in line.painted(0.0, log=False)] == [[0, 2, 4], [1, -2, 4]]
    assert [one.tolist() for one in line.painted(0.0, log=True)] == [[0, 4], [1, 4]]


def test_smoothed_values_stand_at_the_raw_positions():
    line = Line("loss", np.arange(50.0), np.resize([0.0, 2.0], 50), None, 0)
    x, y = line.painted(0.95, log=False)
    assert len(x) == 50
    assert abs(y[-1] - 1) < 0.1
    assert line.painted(0.0, log=False)[1].max() == 2.0


def test_its_own_colour_or_that_of_the_series(qapp):
    assert Line("a", [], [], QColor("#123456"), 3).tint.name() == "#123456"
    assert Line("a", [], [], None, 3).tint.name() == theme.tokens().series[3].lower()


def test_different_lengths_are_refused():
    with pytest.raises(ValueError, match="line 'a': 2 positions, 1 values"):
        Line("a", [1, 2], [1], None, 0)


def test_nearest_equals_the_plain_search():
    positions = np.sort(np.random.default_rng(0).random(40))
    for x in (-1.0, 0.0, 0.31, 0.5, 0.99, 7.0):
        assert nearest(positions, x) == int(np.abs(positions - x).argmin())
