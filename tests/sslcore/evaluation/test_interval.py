"""The t interval is scipy's, covers as often as it says, and knows when it knows nothing."""

import math

import numpy as np
import pytest
from scipy import stats

from sslcore.evaluation.interval import interval


@pytest.mark.parametrize("count", [2, 3, 10])
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_it_is_scipys(count, level):
    values = np.random.default_rng(count).normal(size=count)
    found = interval(values.tolist(), level)
    low, high = stats.t.interval(level, count - 1, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.mean == pytest.approx(values.mean())
    assert found.half == pytest.approx((high - low) / 2)


def test_it_covers_the_true_mean_as_often_as_it_says():
    draws = np.random.default_rng(0).normal(0.4, 0.1, (2000, 3))
    found = [interval(one.tolist()) for one in draws]
    assert np.mean([one.low <= 0.4 <= one.high for one in found]) == pytest.approx(0.95, abs=0.015)


def test_one_value_or_none_has_no_interval():
    alone = interval([0.25])
    assert (alone.mean, alone.count) == (0.25, 1)
    assert math.isnan(alone.low)
    assert math.isnan(alone.half)
    assert math.isnan(interval([]).mean)
    same = interval([0.5, 0.5, 0.5])
    assert (same.low, same.high) == (0.5, 0.5)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_is_a_probability(level):
    with pytest.raises(ValueError, match="level"):
        interval([1.0, 2.0], level)
