import pytest
import torch

from sslcore.augment.masks import GREY, BlockMask, PatchMask
from sslcore.config import ConfigError


def draw(step, count=50, size=(24, 16), seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, size)


@pytest.mark.parametrize("step", [PatchMask(patch=4, ratio=0.5), BlockMask(patch=4)])
def test_hidden_patches_are_grey_and_the_others_untouched(step):
    images = torch.rand(50, 3, 24, 16) * 0.4
    before = images.clone()
    params = draw(step)
    result = step.apply(images, params, 24)
    mask = step.truth(params)
    assert mask.shape == (50, 24)
    for row in range(0, 50, 7):
        for number, hidden in enumerate(mask[row].tolist()):
            down, across = divmod(number, 4)
            window = (row, slice(None), slice(4 * down, 4 * down + 4))
            patch = result[window][..., 4 * across : 4 * across + 4]
            original = images[window][..., 4 * across : 4 * across + 4]
            assert torch.equal(patch, torch.full_like(patch, GREY) if hidden else original)
    assert torch.equal(images, before)


def test_patch_mask_hides_the_same_number_everywhere_at_random_places():
    mask = draw(PatchMask(patch=2, ratio=0.75), 400, (8, 8))["mask"]
    assert (mask.sum(1) == 12).all()
    assert (mask.float().mean(0) - 0.75).abs().max() < 0.1
    assert PatchMask(patch=2).describe({"mask": mask}, 0) == "12 of 16 patches"


def test_one_block_is_one_rectangle_of_the_drawn_area():
    step = BlockMask(patch=1, blocks=1, area_low=0.1, area_high=0.2)
    masks = draw(step, 200, (40, 40))["mask"].reshape(200, 40, 40)
    rows, columns = masks.any(2), masks.any(1)
    assert torch.equal(masks, rows[:, :, None] & columns[:, None, :])
    assert (rows.long().diff(dim=1).abs().sum(1) <= 2).all()
    area = masks.float().mean((1, 2))
    assert 0.09 < area.min() < 0.12
    assert 0.18 < area.max() < 0.22
    shape = columns.sum(1) / rows.sum(1)
    assert 0.6 < shape.min() < 0.8 < 1.2 < shape.max() < 1.6


def test_more_blocks_hide_more():
    one = draw(BlockMask(patch=1, blocks=1))["mask"].float().mean()
    many = draw(BlockMask(patch=1, blocks=8))["mask"].float().mean()
    assert many > 2 * one


def test_patches_that_do_not_fill_the_view_are_refused():
    with pytest.raises(ValueError, match=r"patch_mask.patch = 5 px does not divide .* 24 x 16 px"):
        draw(PatchMask(patch=5))
    with pytest.raises(ConfigError, match=r"area_low = 0.5 is above area_high = 0.15"):
        BlockMask.parse({"area_low": 0.5})
