import numpy as np
import pytest

from sslcore.data.drawing import coverage
from sslcore.data.outlines import UPRIGHT

RADIUS = 40


def inside(name, side=200, radius=RADIUS):
    """(x, y) of every pixel and how much of it the outline covers; the distance too."""
    across = (np.arange(side, dtype=np.float32) + 0.5 - side / 2)[None]
    x = np.broadcast_to(across[:, None, :], (1, side, side))
    y = np.broadcast_to(across[:, :, None], (1, side, side))
    distance = UPRIGHT[name](x, y, np.full((1, 1, 1), radius, np.float32))
    return x[0], y[0], coverage(distance)[0], distance[0]


@pytest.mark.parametrize("name", UPRIGHT)
def test_every_shape_has_the_area_of_its_disc_around_its_centre(name):
    x, y, covered, _ = inside(name)
    assert covered.sum() == pytest.approx(np.pi * RADIUS**2, rel=0.01)
    assert abs((covered * x).sum() / covered.sum()) < 0.01 * RADIUS
    assert abs((covered * y).sum() / covered.sum()) < 0.1 * RADIUS


@pytest.mark.parametrize("name", UPRIGHT)
def test_distances_are_in_pixels(name):
    _, _, _, distance = inside(name)
    slope = np.hypot(*np.gradient(distance))[np.abs(distance) < 1]
    assert np.median(slope) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("name", ["arrow", "hammer", "heart", "house"])
def test_parts_of_a_shape_leave_no_seam(name):
    """Straight down the middle every pixel from the upper to the lower end is covered."""
    _, _, covered, _ = inside(name, side=32, radius=6)
    column = np.flatnonzero(covered[:, 16] > 0.99)
    assert len(column) > 8
    assert np.diff(column).max() == 1


@pytest.mark.parametrize("name", UPRIGHT)
def test_no_quarter_turn_looks_like_the_shape_itself(name):
    _, _, covered, _ = inside(name, side=96, radius=16)
    for quarters in (1, 2, 3):
        assert np.abs(covered - np.rot90(covered, quarters)).sum() > 0.2 * covered.sum()
    assert np.allclose(covered, covered[:, ::-1], atol=1e-4), "left is as right"


def test_shapes_differ():
    drawn = [inside(name, side=96, radius=16)[2] for name in UPRIGHT]
    for i, one in enumerate(drawn):
        for other in drawn[:i]:
            assert np.abs(one - other).sum() > 0.25 * one.sum()
