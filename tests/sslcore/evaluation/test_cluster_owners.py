"""Whose cluster it is, against the three demands counted out one by one."""

from math import comb

import numpy as np
import pytest

from sslcore.evaluation.cluster_owners import LIFT, LUCK, owners


def owned(table):
    """Class that owns each cluster, -1 for none."""
    own = owners(np.asarray(table, np.int64))
    return np.where(own.any(0), own.argmax(0), -1).tolist()


def by_hand(table):
    """The same, with odds as fractions and the probability summed over all draws."""
    every, found = int(table.sum()), []
    for column in table.T:
        most, size = int(column.max()), int(column.sum())
        one = int(column.argmax())
        total = int(table[one].sum())
        inside = most / (size - most) if size > most else np.inf
        overall = total / (every - total) if every > total else np.inf
        as_many = sum(
            comb(total, count) * comb(every - total, size - count)
            for count in range(most, min(total, size) + 1)
        )
        luck = as_many / comb(every, size) * (table.sum(1) > 0).sum()
        alone = (column == most).sum() == 1
        found.append(one if alone and inside >= LIFT * overall and luck < LUCK else -1)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_every_demand_by_hand(seed):
    rng = np.random.default_rng(seed)
    table = rng.poisson(rng.choice([1, 4, 12], (6, 9)))
    assert owned(table) == by_hand(table)


def test_four_in_ten_of_a_class_of_ten_are_enough():
    table = np.full((10, 10), 4)
    np.fill_diagonal(table, 24)
    assert owned(table) == list(range(10))


def test_a_frequent_class_does_not_own_a_cluster_drawn_blindly():
    assert owned([[80, 82, 78], [20, 18, 22]]) == [-1, -1, -1]


def test_two_equal_classes_share():
    assert owned([[40, 0], [40, 0], [0, 40]]) == [-1, 2]


def test_a_handful_of_images_is_luck():
    assert owned([[2, 98], [0, 100]]) == [-1, -1]


def test_nothing_to_own():
    assert owners(np.zeros((3, 0), np.int64)).shape == (3, 0)
    assert not owners(np.array([[5, 0], [0, 0]])).any()  # a single class, and an empty cluster
