import numpy as np
import pytest

from sslcore.evaluation.ranking import ranked


def test_largest_first_and_equals_by_lower_row():
    found = ranked(np.array([0.2, 0.9, 0.2, np.inf, 0.9]))
    assert found.rows.tolist() == [3, 1, 4, 0, 2]
    assert found.scores.tolist() == [np.inf, 0.9, 0.9, 0.2, 0.2]
    assert found.rows.dtype == np.int64


def test_smallest_first_keeps_the_same_order_of_equals():
    found = ranked(np.array([2.0, 1.0, 2.0, 1.0]), 3, smallest=True)
    assert found.rows.tolist() == [1, 3, 0]
    assert len(found) == 3
    assert len(ranked(np.array([1.0, 2.0]), 9)) == 2


def test_refuses_what_has_no_order():
    with pytest.raises(ValueError, match="count must be at least 1"):
        ranked(np.ones(3), 0)
    with pytest.raises(ValueError, match="row 1 has no score"):
        ranked(np.array([1.0, np.nan]))
