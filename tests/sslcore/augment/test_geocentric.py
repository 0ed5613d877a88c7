"""HHA of scenes whose floor, wall and gravity are known."""

import math

import numpy as np
import pytest
import torch

from sslcore.augment.geocentric import as_picture, gravity, hha, normals, points

FOCAL, CENTRE, SIZE = (60.0, 55.0), (31.5, 24.5), (48, 64)
HIGH, FAR = 1.4, 4.0
"""Metres from the camera down to the floor, and to the wall ahead."""


def room(tilt):
    """Depth, kind of surface (0 floor, 1 wall) and true heights, by casting a ray per pixel.

    The camera looks ``tilt`` degrees below the horizon, at a floor and an upright wall.
    """
    turn = math.radians(tilt)
    depth, wall, high = (np.zeros(SIZE) for _ in range(3))
    for row in range(SIZE[0]):
        for column in range(SIZE[1]):
            ray = (column - CENTRE[0]) / FOCAL[0], (row - CENTRE[1]) / FOCAL[1], 1.0
            sinks = ray[1] * math.cos(turn) + ray[2] * math.sin(turn)
            ahead = ray[2] * math.cos(turn) - ray[1] * math.sin(turn)
            to_wall = FAR / ahead
            to_floor = HIGH / sinks if sinks > 0 else math.inf
            depth[row, column] = min(to_wall, to_floor)
            wall[row, column] = to_wall < to_floor
            high[row, column] = HIGH - depth[row, column] * sinks
    return torch.from_numpy(depth)[None, None], wall.astype(bool), high


def inside(mask, reach=3):
    """Pixels whose whole surroundings are of the same surface."""
    padded = np.pad(mask, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * reach + 1,) * 2)
    return windows.all((-2, -1))


@pytest.mark.parametrize("tilt", [0.0, 12.0, 25.0])
def test_floors_lie_at_zero_and_walls_stand_whatever_the_tilt(tilt):
    depth, wall, high = room(tilt)
    disparity, height, angle = hha(depth, FOCAL, CENTRE)[0].numpy()
    np.testing.assert_allclose(disparity, 1 / depth[0, 0].numpy(), rtol=1e-9)
    np.testing.assert_allclose(height - height.min(), high - high.min(), atol=0.05)
    assert np.abs(angle[inside(~wall)]).max() < 1.0
    assert np.abs(angle[inside(wall)] - 90).max() < 1.0


@pytest.mark.parametrize("tilt", [0.0, 25.0])
def test_gravity_is_found(tilt):
    depth = room(tilt)[0]
    facing = normals(points(depth, FOCAL, CENTRE), depth > 0, 3)
    turn = math.radians(tilt)
    true = torch.tensor([0.0, math.cos(turn), math.sin(turn)], dtype=torch.float64)
    assert (gravity(facing)[0] @ true).item() > math.cos(math.radians(1.0))


def test_points_are_those_of_a_pinhole():
    depth = torch.full((1, 1, 2, 3), 2.0, dtype=torch.float64)
    found = points(depth, (4.0, 5.0), (1.0, 0.5))
    assert found[0, :, 1, 2].tolist() == pytest.approx([(2 - 1) / 4 * 2, (1 - 0.5) / 5 * 2, 2.0])


def test_normals_are_those_of_the_plane_and_look_at_the_camera():
    depth = room(0.0)[0]
    rows = torch.arange(SIZE[0], dtype=torch.float64)[:, None]
    slanted = (3.0 / (1.0 + 0.4 * (rows - CENTRE[1]) / FOCAL[1])).expand(*SIZE)[None, None]
    facing = normals(points(slanted, FOCAL, CENTRE), slanted > 0, 2)
    true = -torch.tensor([0.0, 0.4, 1.0], dtype=torch.float64) / math.hypot(0.4, 1.0)
    expected = true[:, None, None].expand(3, *SIZE)
    torch.testing.assert_close(facing[0], expected, atol=1e-5, rtol=0)
    everywhere = normals(points(depth, FOCAL, CENTRE), depth > 0, 2)
    assert (everywhere * points(depth, FOCAL, CENTRE)).sum(1).max() <= 0


def test_images_of_a_batch_do_not_meet_and_scale_changes_no_angle():
    level, tilted = room(0.0)[0], room(25.0)[0]
    both = hha(torch.cat((level, tilted)), FOCAL, CENTRE)
    torch.testing.assert_close(both[1:], hha(tilted, FOCAL, CENTRE))
    double = hha(2 * tilted, FOCAL, CENTRE)
    torch.testing.assert_close(double[:, 2], both[1:, 2], atol=1e-4, rtol=0)
    torch.testing.assert_close(double[:, 1], 2 * both[1:, 1])


def test_holes_are_zero_and_do_not_spoil_their_surroundings():
    depth, wall, _ = room(12.0)
    holed = depth.clone()
    holed[..., 20:23, 30:33] = 0.0
    holed[..., 40, 10] = torch.nan
    holed[..., 41, 11] = -1.0
    found = hha(holed, FOCAL, CENTRE)
    assert found.isfinite().all()
    hole = ~(holed.isfinite() & (holed > 0))[0, 0]
    assert (found[0, :, hole] == 0).all()
    same = inside(wall) & ~hole.numpy()
    assert np.abs(found[0, 2].numpy()[same] - 90).max() < 1.0
    nothing = hha(torch.zeros(2, 1, 8, 8), FOCAL, CENTRE)
    assert torch.equal(nothing, torch.zeros(2, 3, 8, 8, dtype=torch.float64))


def test_a_picture_is_scaled_as_the_authors_files_are():
    encoded = torch.tensor([[0.5, 1.2, 90.0], [4.0, 9.0, 0.0], [0.0, 0.0, 0.0]]).T[None, :, None]
    shown = as_picture(encoded)[0, :, 0].T * 255
    expected = torch.tensor([[155.0, 120.0, 128.0], [255.0, 255.0, 38.0], [0.0, 0.0, 0.0]])
    torch.testing.assert_close(shown, expected)


@pytest.mark.parametrize(
    ("depth", "focal", "message"),
    [
        (torch.ones(1, 3, 4, 4), FOCAL, r"\(B, 1, h, w\), got \(1, 3, 4, 4\)"),
        (torch.ones(1, 1, 4, 4), (0.0, 1.0), "must be positive"),
    ],
)
def test_what_cannot_be_is_refused(depth, focal, message):
    with pytest.raises(ValueError, match=message):
        hha(depth, focal, CENTRE)
