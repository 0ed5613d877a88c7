"""A series grows without copying itself, and what it gave out stays as it was."""

import numpy as np
import pytest

from sslcore.runs.series import Series


def test_a_series_grows_without_copying_itself_each_time() -> None:
    series = Series()
    count = 200_000
    for step in range(count):
        series.append(step, step / 2, step * 3.0)
        if step == 1000:
            early = series.values
    assert len(series) == count
    assert series.last == (count - 1) * 3.0
    np.testing.assert_array_equal(series.values, np.arange(count) * 3.0)
    np.testing.assert_array_equal(series.epochs, np.arange(count) / 2)
    # Arrays given out stay what they were.
    series.truncate(10)
    series.append(11, 0.0, -1.0)
    np.testing.assert_array_equal(early, np.arange(1001) * 3.0)
    assert series.values.tolist() == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, -1]


def test_arrays_of_a_series_cannot_be_written() -> None:
    series = Series()
    series.append(1, 0.1, 2.0)
    with pytest.raises(ValueError, match="read-only"):
        series.values[0] = 5.0
