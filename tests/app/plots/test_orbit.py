from math import cos, pi, radians, sin

import numpy as np
import pytest

from app.plots.orbit import DISTANCE, Ball, Orbit

POINTS = np.random.default_rng(0).normal(size=(40, 3)) * [3, 2, 1] + [10, -5, 2]
BALL = Ball.around(POINTS)


def slowly(point, orbit, ball):
    """Point by point with plain sines and cosines."""
    x, y, z = (one - middle for one, middle in zip(point, ball.middle, strict=True))
    x, z = x * cos(orbit.yaw) + z * sin(orbit.yaw), z * cos(orbit.yaw) - x * sin(orbit.yaw)
    y, z = y * cos(orbit.pitch) - z * sin(orbit.pitch), y * sin(orbit.pitch) + z * cos(orbit.pitch)
    closer = DISTANCE / (DISTANCE - z / ball.radius)
    near = (z / ball.radius + 1) / 2
    return x * closer + ball.middle[0], y * closer + ball.middle[1], near


@pytest.mark.parametrize("orbit", [Orbit(), Orbit(0.7, 0.3), Orbit(-2.5, -1.1)])
def test_points_are_seen_where_plain_trigonometry_puts_them(orbit):
    flat, near = orbit.flattened(POINTS, BALL)
    expected = np.array([slowly(point, orbit, BALL) for point in POINTS])
    np.testing.assert_allclose(flat, expected[:, :2])
    np.testing.assert_allclose(near, expected[:, 2])
    np.testing.assert_allclose(orbit.axes @ orbit.axes.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(orbit.unturn(orbit.turn(POINTS, BALL), BALL), POINTS)


def test_a_plane_looked_at_from_the_front_is_as_it_is():
    flat = np.column_stack([POINTS[:, :2], np.zeros(len(POINTS))])
    seen, near = Orbit().flattened(flat, Ball.around(flat))
    np.testing.assert_allclose(seen, flat[:, :2])
    np.testing.assert_allclose(near, 0.5)


def test_what_is_in_front_is_pushed_to_the_right_and_down():
    front = np.array([[0.0, 0.0, 1.0]])
    (right,), _ = Orbit().turned(0.2, 0.0).flattened(front, Ball())
    assert right[0] > 0.1
    assert right[1] == 0
    (down,), _ = Orbit().turned(0.0, 0.2).flattened(front, Ball())
    assert down[1] < -0.1


def test_one_walks_around_but_not_over_the_top():
    assert Orbit(0.0, 1.5).turned(0.0, 1.0).pitch == pytest.approx(pi / 2)
    assert Orbit(0.0, -1.5).turned(0.0, -1.0).pitch == pytest.approx(-pi / 2)
    assert Orbit(radians(170)).turned(radians(20), 0).yaw == pytest.approx(radians(-170))


def test_the_ball_holds_all_finite_points():
    holed = np.vstack([POINTS, [[np.nan, 0, 0], [np.inf, 1, 1]]])
    assert Ball.around(holed) == BALL
    assert np.linalg.norm(POINTS - BALL.middle, axis=1).max() == pytest.approx(BALL.radius)
    assert Ball.around(np.full((3, 3), 7.0)) == Ball((7.0, 7.0, 7.0), 1.0)
    assert Ball.around(np.zeros((0, 3))) == Ball()
    _, near = Orbit().flattened(holed, BALL)
    assert np.isnan(near[40])
