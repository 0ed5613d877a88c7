import numpy as np
import pytest

from sslcore.data.order import shuffled


def test_the_order_is_pinned_for_ever():
    # Written down once: runs are resumed by it, so it may never change.
    assert shuffled(8, 3, 1).tolist() == [0, 6, 2, 1, 3, 7, 4, 5]


def test_every_number_comes_once_and_seeds_matter():
    first = shuffled(1000, 0, 0)
    assert np.array_equal(np.sort(first), np.arange(1000))
    assert not np.array_equal(first, shuffled(1000, 0, 1))
    assert not np.array_equal(first, shuffled(1000, 1, 0))
    assert np.array_equal(first, shuffled(1000, 0, 0))


def test_every_place_is_equally_likely():
    first = [shuffled(4, seed)[0] for seed in range(2000)]
    assert np.bincount(first).min() > 420  # 500 expected, deviation 19


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="non-negative"):
        shuffled(4, -1)
