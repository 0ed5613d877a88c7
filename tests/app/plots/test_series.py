import numpy as np
import pytest

from app.plots.series import smoothed, thinned


def slowly_smoothed(values, keep):
    total = weight = 0.0
    out = []
    for value in values:
        there = np.isfinite(value)
        total = keep * total + (value if there else 0.0)
        weight = keep * weight + (1.0 if there else 0.0)
        out.append(total / weight if weight else np.nan)
    return np.array(out)


@pytest.mark.parametrize("keep", [0.01, 0.5, 0.9, 0.99])
def test_smoothing_equals_the_plain_recursion(keep):
    values = np.random.default_rng(0).normal(size=7001)
    values[[0, 5, 300]] = np.nan
    assert np.allclose(smoothed(values, keep), slowly_smoothed(values, keep), equal_nan=True)


def test_a_constant_stays_what_it_is_from_the_first_value_on():
    assert np.allclose(smoothed(np.full(500, 3.0), 0.99), 3.0)


def test_no_smoothing_gives_the_values_back():
    values = np.array([1.0, np.nan, 3.0])
    assert np.array_equal(smoothed(values, 0.0), values, equal_nan=True)


def test_a_smoothing_of_one_is_refused():
    with pytest.raises(ValueError, match=r"smoothing = 1\.0"):
        smoothed(np.zeros(3), 1.0)


def test_thinning_keeps_every_column_s_extremes():
    rng = np.random.default_rng(1)
    x = np.arange(100_000.0)
    y = rng.normal(size=len(x))
    columns = x / 250
    thin_x, thin_y = thinned(x, y, columns)
    assert len(thin_x) == 4 * 400
    assert (np.diff(thin_x) >= 0).all()
    for column in (0, 7, 399):
        own = y[np.floor(columns) == column]
        kept = thin_y[4 * column : 4 * column + 4]
        assert (kept.min(), kept.max()) == (own.min(), own.max())
        assert (kept[0], kept[-1]) == (own[0], own[-1])


def test_few_points_are_left_alone():
    x, y = np.arange(5.0), np.ones(5)
    assert thinned(x, y, x)[0] is x
    assert thinned(x[:0], y[:0], x[:0])[0].size == 0
