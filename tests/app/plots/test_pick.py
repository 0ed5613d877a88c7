import numpy as np
import pytest

from app.plots.pick import grow, nearest


@pytest.fixture(scope="module")
def points():
    made = np.random.default_rng(0).normal(size=(3000, 2)) * [5, 1] + [20, -3]
    made[::50] = np.nan
    made[1] = [np.inf, 0]
    return made


def plainly(points, x, y, radius, among=None):
    best = (False, radius**2, -1)
    for index, (px, py) in enumerate(points.tolist()):
        square = (px - x) ** 2 + (py - y) ** 2
        if not square <= radius**2:
            continue
        preferred = among is not None and bool(among[index])
        if best[2] < 0 or (preferred, -square) > (best[0], -best[1]):
            best = (preferred, square, index)
    return best[2]


@pytest.mark.parametrize("with_tree", [False, True])
@pytest.mark.parametrize("radius", [0.1, 0.4, 10.0])
def test_the_nearest_of_all_and_of_those_that_go_first(points, radius, with_tree):
    tree = grow(points) if with_tree else None
    generator = np.random.default_rng(1)
    among = generator.random(len(points)) < 0.05
    found = set()
    for x, y in generator.normal(size=(30, 2)) * [6, 1.5] + [20, -3]:
        for first in (None, among):
            index = nearest(points, x, y, radius, first, tree)
            assert index == plainly(points, x, y, radius, first)
            found.add(index >= 0)
    assert any(found)


def test_a_tree_of_other_points_is_not_asked(points):
    tree = grow(points)
    moved = points + 100
    x, y = moved[7]
    assert nearest(moved, x, y, 0.1, tree=tree) == 7
    assert nearest(points, *points[7], 0.1, tree=tree) == 7


def test_at_the_very_reach():
    points = np.array([[3.0, 0.0]])
    assert nearest(points, 0.0, 0.0, 3.0) == 0
    assert nearest(points, 0.0, 0.0, 3.0, tree=grow(points)) == 0
    assert nearest(points, 0.0, 0.0, 2.99, tree=grow(points)) == -1


def test_nothing_to_find():
    nowhere = np.full((4, 2), np.nan)
    for points in (np.zeros((0, 2)), nowhere):
        assert nearest(points, 0.0, 0.0, 1.0) == -1
        assert nearest(points, 0.0, 0.0, 1.0, tree=grow(points)) == -1
