import numpy as np
import pytest

from app.plots.lasso import boxed, crossed, within


def plainly(polygon, x, y):
    """Point by point, edge by edge."""
    found = []
    for px, py in zip(x.tolist(), y.tolist(), strict=True):
        odd = False
        for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            if y0 > y1:
                x0, y0, x1, y1 = x1, y1, x0, y0
            if y0 <= py < y1 and px > x0 + (py - y0) * ((x1 - x0) / (y1 - y0)):
                odd = not odd
        found.append(odd)
    return np.array(found)


def circle(count, generator, centre, size):
    angle = np.sort(generator.uniform(0, 2 * np.pi, count))
    radius = size * generator.uniform(0.4, 1.0, count)
    return centre + np.stack([np.cos(angle), np.sin(angle)], -1) * radius[:, None]


@pytest.mark.parametrize("seed", range(8))
def test_random_polygons_that_cross_themselves(qapp, seed):
    generator = np.random.default_rng(seed)
    corners = int(generator.integers(3, 30))
    polygon = generator.normal(size=(corners, 2)) * [3, 0.5] + [100, -7]
    points = generator.normal(size=(2000, 2)) * [4, 0.7] + [100, -7]
    expected = plainly(polygon, *points.T)
    assert np.array_equal(within(polygon, *points.T), expected)
    assert 0 < expected.sum() < len(points)


def test_points_at_the_very_edge(qapp):
    generator = np.random.default_rng(1)
    polygon = circle(200, generator, np.array([5.0, 5.0]), 3.0)
    following = np.roll(polygon, -1, axis=0)
    part = generator.uniform(0, 1, (200, 10, 1))
    on = (polygon[:, None] * (1 - part) + following[:, None] * part).reshape(-1, 2)
    beside = on + generator.normal(scale=1e-9, size=on.shape)
    points = np.concatenate([polygon, on, beside])
    assert np.array_equal(within(polygon, *points.T), plainly(polygon, *points.T))


def test_far_from_zero_in_small_numbers_and_as_float32(qapp):
    generator = np.random.default_rng(2)
    polygon = circle(40, generator, np.array([1e5, -1e5]), 0.01)
    points = (generator.uniform(-0.012, 0.012, (3000, 2)) + np.array([1e5, -1e5])).astype(
        np.float32
    )
    expected = plainly(polygon, *points.astype(np.float64).T)
    assert np.array_equal(within(polygon, *points.T), expected)


def test_an_outline_without_room_holds_nothing(qapp):
    points = np.array([[0.0, 0.0], [1.0, 1.0], [np.nan, 0.0], [np.inf, 0.0]])
    for polygon in ([], [[0, 0]], [[0, 0], [1, 1]], [[0, 0], [1, 1], [2, 2]], [[1, 1]] * 3):
        corners = np.array(polygon, float).reshape(-1, 2)
        assert not within(corners, *points.T).any()
    square = np.array([[-1, -1], [2, -1], [2, 2], [-1, 2]])
    assert within(square, *points.T).tolist() == [True, True, False, False]


def test_a_hundred_thousand_points_without_the_picture(qapp):
    generator = np.random.default_rng(3)
    polygon = circle(200, generator, np.zeros(2), 1.0)
    points = generator.normal(size=(100_000, 2))
    assert np.array_equal(within(polygon, *points.T), crossed(polygon, *points.T))


def test_a_box_from_any_corner():
    x, y = np.array([0.0, 1.0, 2.0, np.nan]), np.array([0.0, 1.0, 5.0, 1.0])
    for first, last in (((0, 0), (1, 4)), ((1, 4), (0, 0)), ((1, 0), (0, 4))):
        assert boxed(first, last, x, y).tolist() == [True, True, False, False]
