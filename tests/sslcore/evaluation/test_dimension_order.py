import numpy as np
import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation.dimension_order import redundancy_order

RNG = np.random.default_rng(0)


def noise(size, scale=0.05):
    made = RNG.normal(scale=scale, size=(size, size))
    np.fill_diagonal(made, 0.9)
    return made


def planted(groups, size, strengths):
    """A matrix in which some scattered groups of dimensions repeat each other."""
    matrix = noise(size, 0.02)
    for group, strength in zip(groups, strengths, strict=True):
        sign = np.where(np.arange(len(group)) % 2, -1.0, 1.0)
        matrix[np.ix_(group, group)] = strength * np.outer(sign, sign)
    np.fill_diagonal(matrix, 0.9)
    return matrix


@pytest.mark.parametrize("size", [1, 2, 3, 17, 200])
def test_every_dimension_comes_once(size):
    order = redundancy_order(noise(size))
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(size))


def test_planted_groups_become_blocks_and_the_tightest_comes_first():
    groups = [[3, 20, 11, 7], [1, 30, 14], [25, 5, 18, 22, 9]]
    order = redundancy_order(planted(groups, 32, [0.6, 0.9, 0.75]))
    place = np.argsort(order)
    for group in groups:
        places = sorted(place[group])
        assert places == list(range(places[0], places[0] + len(group)))
    assert set(order[:3]) == set(groups[1])


def test_other_numbers_for_the_same_dimensions_give_the_same_order():
    matrix = planted([[3, 20, 11, 7], [1, 30, 14]], 32, [0.6, 0.9]) + noise(32, 0.01)
    order = redundancy_order(matrix)
    for seed in range(5):
        names = np.random.default_rng(seed).permutation(32)
        renamed = matrix[np.ix_(names, names)]
        assert names[redundancy_order(renamed)].tolist() == order.tolist()


def slow_tree(distance):
    """Average linkage by its definition: the set of leaves of every merge, closest pair first."""
    groups = [frozenset([one]) for one in range(len(distance))]
    merges = []
    while len(groups) > 1:
        pairs = [(a, b) for n, a in enumerate(groups) for b in groups[n + 1 :]]
        apart = {p: np.mean([distance[x, y] for x in p[0] for y in p[1]]) for p in pairs}
        one, other = min(apart, key=apart.get)
        groups = [one | other] + [rest for rest in groups if rest not in (one, other)]
        merges.append((one | other, apart[one, other]))
    return merges


def test_signs_of_a_group_stand_apart():
    group = [3, 20, 11, 7, 28]
    matrix = planted([group], 32, [0.8])
    order = redundancy_order(matrix)[:5]
    assert set(order.tolist()) == set(group)
    inside = matrix[np.ix_(order, order)]
    np.fill_diagonal(inside, 0.8)
    assert int((np.diff(np.sign(inside[0])) != 0).sum()) == 1, "one field, then the other"


@pytest.mark.parametrize("scale", [0.2, 0.4])
def test_every_loose_merge_of_a_slow_clustering_is_a_block(scale):
    matrix = np.clip(noise(14, scale), -1, 1)
    strength = (np.abs(matrix) + np.abs(matrix).T) / 2
    place = np.argsort(redundancy_order(matrix))
    for merged, distance in slow_tree(1 - strength):
        if distance <= 0.5:  # within a group, signs come first
            continue
        places = sorted(place[list(merged)])
        assert places == list(range(places[0], places[0] + len(merged)))


def test_the_diagonal_and_what_is_not_finite_play_no_part():
    matrix = noise(12)
    order = redundancy_order(matrix)
    other = matrix.copy()
    np.fill_diagonal(other, RNG.normal(size=12))
    assert redundancy_order(other).tolist() == order.tolist()
    other[2, 5] = np.nan
    assert sorted(redundancy_order(other).tolist()) == list(range(12))


def test_refuses_what_has_no_order_and_can_be_called_off():
    with pytest.raises(ValueError, match="square matrix"):
        redundancy_order(np.zeros((3, 4)))
    with pytest.raises(ValueError, match="square matrix"):
        redundancy_order(np.zeros((0, 0)))
    with pytest.raises(Cancelled):
        redundancy_order(noise(8), lambda: True)
