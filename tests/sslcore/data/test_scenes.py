import numpy as np

from sslcore.data.scenes import COLOURS, FAR, FLOOR, SHAPES, render, scenes


def test_picture_depth_and_classes_agree_and_the_near_hides_the_far():
    drawn = scenes(24, 3, 0)
    assert (np.diff(drawn.depth, axis=1) <= 0).all()
    _, depth, classes = render(drawn, 40)
    for row in range(24):
        seen = set(np.unique(depth[row][classes[row] > 0]).tolist())
        depths = np.rint(drawn.depth[row] * 1000)
        assert seen <= set(depths.tolist())
        nearest = depth[row] == depths[-1]
        assert (classes[row][nearest] == drawn.shape[row, -1] + 1).all()
        area = np.pi * (drawn.radius[row, -1] * 40) ** 2
        assert abs(nearest.sum() - area) < 0.25 * area + 8 or nearest[[0, -1]].any()
    ground = depth[classes == 0]
    assert ground.min() >= FLOOR * 1000
    assert ground.max() <= FAR * 1000


def test_shapes_have_the_colour_they_are_said_to_have():
    drawn = scenes(30, 1, 1)
    pictures, _, classes = render(drawn, 32)
    palette = np.array(list(COLOURS.values())) * 255
    for row in range(30):
        mean = pictures[row][classes[row] > 0].mean(0)
        nearest = np.abs(palette - mean).sum(1).argmin()
        assert nearest == drawn.colour[row, 0]


def test_the_seed_decides_and_classes_are_equally_large():
    first, again, other = scenes(12, 2, 0), scenes(12, 2, 0), scenes(12, 2, 1)
    assert np.array_equal(render(first, 16)[0], render(again, 16)[0])
    assert not np.array_equal(render(first, 16)[0], render(other, 16)[0])
    assert np.bincount(first.shape[:, -1]).tolist() == [2] * len(SHAPES)
    assert np.array_equal(render(first.rows(slice(4, 6)), 16)[0], render(first, 16)[0][4:6])
