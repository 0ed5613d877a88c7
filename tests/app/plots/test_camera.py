import numpy as np
import pytest

from app.plots.camera import Camera

POINTS = np.random.default_rng(0).normal(size=(50, 2)) * [3, 8] + [100, -20]


def test_fitted_points_are_all_seen():
    camera = Camera.fit(POINTS, 400, 300, margin=20)
    x, y = camera.pixels(POINTS)
    assert x.min() >= 20 - 1e-6
    assert x.max() <= 380 + 1e-6
    assert y.min() == pytest.approx(20)
    assert y.max() == pytest.approx(280)


def test_up_is_up():
    camera = Camera.fit(POINTS, 400, 300)
    _, y = camera.pixels(np.array([[100.0, -20.0], [100.0, -10.0]]))
    assert y[1] < y[0]


def test_a_pixel_leads_back_to_its_point():
    camera = Camera.fit(POINTS, 400, 300).zoomed(3.0, 10, 20).panned(5, -7)
    x, y = camera.pixels(POINTS)
    assert camera.point(x[3], y[3]) == pytest.approx(tuple(POINTS[3]))


def test_zoom_keeps_what_is_under_the_pixel():
    camera = Camera.fit(POINTS, 400, 300)
    before = camera.point(321, 45)
    assert camera.zoomed(7.3, 321, 45).point(321, 45) == pytest.approx(before)


def test_pan_moves_by_pixels():
    camera = Camera.fit(POINTS, 400, 300)
    x, y = camera.pixels(POINTS)
    moved_x, moved_y = camera.panned(13, -4).pixels(POINTS)
    assert np.allclose(moved_x - x, 13)
    assert np.allclose(moved_y - y, -4)


def test_half_way_between_two_looks():
    start, stop = Camera(0, 0, 1, 10, 10), Camera(4, 2, 4, 10, 10)
    assert start.between(stop, 0.5) == Camera(2, 1, 2, 10, 10)
    assert start.between(stop, 1.0) == stop


@pytest.mark.parametrize(
    "points", [np.zeros((0, 2)), np.full((4, 2), 3.0), np.full((3, 2), np.nan)]
)
def test_no_spread_is_no_error(points):
    camera = Camera.fit(points, 100, 100)
    assert np.isfinite([camera.x, camera.y, camera.scale]).all()
    assert camera.scale > 0
