import numpy as np
import pytest

from sslcore.data.drawing import OUTLINES, TEXTURES, colour, coverage, draw, turned


def grid(side):
    across = (np.arange(side, dtype=np.float32) + 0.5 - side / 2)[None]
    return np.broadcast_to(across[:, None, :], (1, side, side)), np.broadcast_to(
        across[:, :, None], (1, side, side)
    )


@pytest.mark.parametrize("name", OUTLINES)
def test_every_shape_covers_the_area_of_its_disc(name):
    x, y = grid(200)
    radius = np.full((1, 1, 1), 40, np.float32)
    area = coverage(OUTLINES[name](x, y, radius)).sum()
    assert area == pytest.approx(np.pi * 40**2, rel=0.01)


@pytest.mark.parametrize("name", OUTLINES)
def test_distances_are_in_pixels(name):
    x, y = grid(200)
    distance = OUTLINES[name](x, y, np.full((1, 1, 1), 40, np.float32))[0]
    slope = np.hypot(*np.gradient(distance))[np.abs(distance) < 1]
    assert np.median(slope) == pytest.approx(1, abs=0.02)


def test_shapes_differ():
    x, y = grid(64)
    drawn = [coverage(f(x, y, np.full((1, 1, 1), 14, np.float32))) for f in OUTLINES.values()]
    for i, one in enumerate(drawn):
        for other in drawn[:i]:
            assert np.abs(one - other).sum() > 40


def test_the_star_has_five_points_and_a_tip_upwards():
    x, y = grid(200)
    inside = coverage(OUTLINES["star"](x, y, np.full((1, 1, 1), 40, np.float32)))[0] > 0.5
    assert np.argwhere(inside)[0].tolist() == pytest.approx(
        [100 - 40 * np.sqrt(np.pi / (5 * 0.42 * np.sin(np.pi / 5))), 100], abs=2
    )
    angles = np.deg2rad(np.arange(0, 360, 0.5))
    around = inside[
        (100 - 45 * np.cos(angles)).astype(int), (100 + 45 * np.sin(angles)).astype(int)
    ]
    assert np.count_nonzero(np.diff(around.astype(int), append=around[0]) == 1) == 5


@pytest.mark.parametrize("name", TEXTURES)
def test_textures_stay_in_range_and_tell_nothing_by_their_mean(name):
    x, y = grid(160)
    noise = np.random.default_rng(0).uniform(-1.6, 1.6, (1, 16, 16)).astype(np.float32)
    noise -= noise.mean()
    values = TEXTURES[name](x, y, np.full((1, 1, 1), 8, np.float32), noise)
    assert np.abs(values).max() <= 1
    assert abs(values.mean()) < 0.08
    assert (values.std() > 0.2) == (name != "plain")


def test_turning_keeps_lengths():
    x, y = grid(9)
    u, v = turned(x, y, np.float32(0.7))
    assert np.allclose(np.hypot(u, v), np.hypot(x, y), atol=1e-5)
    u, v = turned(x, y, np.float32(np.pi / 2))
    assert np.allclose(u, y, atol=1e-5)


def test_hue_does_not_change_the_mean():
    out = colour(np.full(3, 0.5, np.float32), np.array([0, 120, 240], np.float32), np.full(3, 0.2))
    assert np.allclose(out.mean(1), 0.5)
    assert out.argmax(1).tolist() == [0, 1, 2]


def test_pictures_are_drawn_kind_by_kind_and_stay_in_place():
    kinds = np.array([2, 0, 2, 1])
    drawn = draw(kinds, lambda rows, kind: np.full((len(rows), 2, 2), kind, np.float32))
    assert drawn[:, 0, 0].tolist() == [2, 0, 2, 1]
