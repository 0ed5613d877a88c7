"""Overlapping patches: the published sizes, each from its place."""

import pytest
import torch

from sslcore.augment.patch_grid import PatchGrid


def draw(step, count=2, size=(32, 32)):
    return step.draw(torch.Generator().manual_seed(0), count, size)


@pytest.mark.parametrize(("size", "side", "stride"), [(256, 64, 32), (32, 8, 4), (16, 4, 2)])
def test_the_published_numbers_come_out(size, side, stride):
    params = draw(PatchGrid(), size=(size, size))
    assert params["side"].tolist() == [[side, side]] * 2
    assert params["top"][0].reshape(7, 7)[:, 0].tolist() == list(range(0, 7 * stride, stride))
    assert params["left"][0].reshape(7, 7)[0].tolist() == list(range(0, 7 * stride, stride))


def test_patches_come_in_reading_order_and_targets_with_them():
    step = PatchGrid(grid=3)
    images = torch.rand(2, 3, 32, 24)
    params = draw(step, size=(32, 24))
    height, width = params["side"][0].tolist()
    assert (height, width) == (16, 12)
    targets = step.apply_target((images * 255).long(), params, 12).unflatten(0, (2, 9))
    for row in range(2):
        for patch in range(9):
            down, across = divmod(patch, 3)
            assert params["top"][row, patch] == 8 * down
            assert params["left"][row, patch] == 6 * across
            corner = images[row, :, 8 * down, 6 * across]
            assert torch.equal(targets[row, patch, :, 0, 0], (corner * 255).long())
    square = torch.rand(1, 1, 32, 32)
    patches = step.apply(square, draw(step, 1), 16)
    torch.testing.assert_close(patches[5], square[0, :, 8:24, 16:32])
    assert step.fan_out == 9
    assert step.describe(params, 0) == "3 x 3 of 16 px"


@pytest.mark.parametrize("overlap", [0.0, 0.5, 0.75])
def test_patches_reach_from_border_to_border(overlap):
    params = draw(PatchGrid(grid=5, overlap=overlap), size=(80, 80))
    side = int(params["side"][0, 0])
    assert params["top"].min() == 0
    assert params["top"].max() + side == 80
    shared = 1 - (params["top"][0, 5] - params["top"][0, 0]).item() / side
    assert shared == pytest.approx(overlap, abs=0.05)


def test_too_many_patches_are_refused():
    with pytest.raises(ValueError, match=r"patch_grid.grid = 16: an image of 8 x 8 px is too"):
        draw(PatchGrid(grid=16), size=(8, 8))
