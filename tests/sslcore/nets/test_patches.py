"""Patches: cut and put together, chosen by masks, asked for by views."""

import pytest
import torch

from sslcore.batch import Batch
from sslcore.config import ConfigError
from sslcore.nets.patches import masked, numbers, patchify, unpatchify


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_patches_are_pixels_in_reading_order(channels):
    images = torch.rand(2, channels, 6, 9, generator=torch.Generator().manual_seed(0))
    patches = patchify(images, 3)
    assert patches.shape == (2, 6, 9 * channels)
    for number in range(6):
        down, across = divmod(number, 3)
        plain = [
            images[1, channel, 3 * down + row, 3 * across + column]
            for row in range(3)
            for column in range(3)
            for channel in range(channels)
        ]
        assert torch.equal(patches[1, number], torch.stack(plain))
    assert torch.equal(unpatchify(patches, (2, 3), channels), images)


def test_a_mask_gives_the_numbers_of_its_patches():
    mask = torch.tensor([[0, 1, 1, 0, 1], [1, 0, 0, 1, 1]], dtype=torch.bool)
    assert numbers(mask).tolist() == [[1, 2, 4], [0, 3, 4]]
    assert numbers(~mask).tolist() == [[0, 3], [1, 2]]


@pytest.mark.parametrize("rows", [[[1, 1], [1, 0]], [[0, 0], [0, 0]]])
def test_every_image_needs_as_many_patches(rows):
    least, most = min(map(sum, rows)), max(map(sum, rows))
    with pytest.raises(ConfigError, match=f"between {least} and {most} patches are left"):
        numbers(torch.tensor(rows, dtype=torch.bool))


def test_sides_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="patches of 4 px do not fill images of 8 x 9 px"):
        patchify(torch.rand(1, 3, 8, 9), 4)
    for count, values in [(5, 12), (4, 11)]:
        with pytest.raises(ValueError, match=r"are no 2 x 2 grid of square"):
            unpatchify(torch.rand(1, count, values), (2, 2), 3)


def batch(mask):
    views = {"whole": torch.rand(2, 1, 3, 8, 8), "masked": torch.rand(2, mask.shape[1], 3, 8, 8)}
    return Batch(torch.arange(2), views, truth={"masked/patch_mask": mask})


def test_every_mask_comes_with_its_whole_image():
    mask = torch.rand(2, 3, 4) < 0.5
    made = batch(mask)
    images, answer = masked(made, "masked", "patch_mask", 4)
    assert torch.equal(answer, mask.flatten(0, 1))
    for row in range(6):
        assert torch.equal(images[row], made.view("whole")[row // 3])


def test_views_that_do_not_serve_are_told_apart():
    made = batch(torch.ones(2, 1, 4, dtype=torch.bool))
    with pytest.raises(ConfigError, match=r"view 'masked' has no step 'block_mask'; add it"):
        masked(made, "masked", "block_mask", 4)
    with pytest.raises(ConfigError, match=r"patch_mask.patch of view 'masked' must be 2 px"):
        masked(made, "masked", "patch_mask", 2)
