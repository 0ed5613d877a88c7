import pytest
import torch

from sslcore.augment.masks import GREY, BlockMask, BlockwiseMask, PatchMask, rectangles
from sslcore.config import ConfigError


def draw(step, count=50, size=(24, 16), seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, size)


@pytest.mark.parametrize(
    "step", [PatchMask(patch=4, ratio=0.5), BlockMask(patch=4), BlockwiseMask(patch=4)]
)
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
    with pytest.raises(ConfigError, match=r"area_low = 0.5 is above area_high = 0.2"):
        BlockwiseMask.parse({"area_low": 0.5})


@pytest.mark.parametrize("ratio", [0.05, 0.4, 0.95])
@pytest.mark.parametrize("size", [(8, 8), (24, 16), (4, 4)])
def test_blockwise_hides_the_same_number_everywhere(ratio, size):
    mask = draw(BlockwiseMask(patch=4, ratio=ratio), size=size)["mask"]
    patches = size[0] * size[1] // 16
    assert mask.shape == (50, patches)
    assert mask.sum(1).tolist() == [min(max(round(ratio * patches), 1), patches)] * 50


def test_blockwise_hides_whole_rectangles_and_a_cut_one():
    step = BlockwiseMask(patch=1, ratio=0.4, area_low=0.1, area_high=0.2)
    masks = draw(step, 40, (20, 20))["mask"].reshape(40, 20, 20)
    area = (step.area_low, step.area_high)
    covers = rectangles(torch.Generator().manual_seed(0), (40, 32), area, (20, 20), 0.3)
    for row, mask in enumerate(masks):
        hidden, number = torch.zeros(20, 20, dtype=torch.bool), 0
        while not (hidden | covers[row, number]).sum() > 160:
            hidden, number = hidden | covers[row, number], number + 1
        assert (hidden <= mask).all()  # the rectangles that fit, whole
        assert (mask <= (hidden | covers[row, number])).all()  # and a part of the next
        rest = (mask & ~hidden).flatten().nonzero()
        left = (covers[row, number] & ~hidden & ~mask).flatten().nonzero()
        assert not len(rest) or not len(left) or rest.max() < left.min()


def test_blockwise_leaves_more_to_guess_inside_than_single_patches():
    def alone(mask):
        """Share of hidden patches whose right neighbour is seen."""
        mask = mask.reshape(-1, 16, 16)
        return ((mask[:, :, :-1] & ~mask[:, :, 1:]).sum() / mask[:, :, :-1].sum()).item()

    blocks = draw(BlockwiseMask(patch=1), size=(16, 16))["mask"]
    single = draw(PatchMask(patch=1, ratio=0.4), size=(16, 16))["mask"]
    assert alone(blocks) < 0.5 * alone(single)


def test_rectangles_keep_their_area_and_shape():
    found = rectangles(torch.Generator().manual_seed(0), (100, 3), (0.1, 0.2), (60, 60), 0.5)
    assert found.shape == (100, 3, 60, 60)
    area = found.float().mean((2, 3))
    assert 0.09 < area.min() < 0.11 < 0.19 < area.max() < 0.21
    shape = found.any(3).sum(2) / found.any(2).sum(2)
    assert 0.45 < shape.min() < 0.6 < 1.7 < shape.max() < 2.2


def test_patches_that_a_method_asks_for_cannot_be_switched_off():
    assert PatchMask.structural
    assert BlockwiseMask.structural
