"""Pairs of patches: they lie where the answer says, all answers come, nothing leaves the image."""

import pytest
import torch

from sslcore.augment.neighbours import POSITIONS, Neighbours


def draw(step, count=400, size=(32, 32), seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, size)


def test_the_published_numbers_come_out_at_the_published_sizes():
    assert Neighbours(patch=0.25, gap=0.5, jitter=0.073).pixels((384, 384)) == (96, 48, 7)
    assert Neighbours().pixels((32, 32)) == (7, 3, 1)


def test_without_jitter_the_second_patch_lies_exactly_where_the_answer_says():
    step = Neighbours(jitter=0.0)
    params = draw(step)
    below = {"above": -1, "below": 1}
    right = {"left": -1, "right": 1}
    for row, position in enumerate(params["position"].tolist()):
        words = POSITIONS[position].split()
        down = sum(below.get(word, 0) for word in words) * 10
        across = sum(right.get(word, 0) for word in words) * 10
        assert params["top"][row, 1] - params["top"][row, 0] == down
        assert params["left"][row, 1] - params["left"][row, 0] == across


def test_patches_are_cut_there_and_targets_with_them():
    step = Neighbours()
    images = torch.rand(5, 3, 32, 32)
    params = draw(step, 5)
    patches = step.apply(images, params, 7).unflatten(0, (5, 2))
    targets = step.apply_target((images[:, :1] * 255).long(), params, 7).unflatten(0, (5, 2))
    for row in range(5):
        for patch in range(2):
            top, left = int(params["top"][row, patch]), int(params["left"][row, patch])
            cut = images[row, :, top : top + 7, left : left + 7]
            torch.testing.assert_close(patches[row, patch], cut)
            assert torch.equal(targets[row, patch], (cut[:1] * 255).long())
    assert step.fan_out == 2
    assert torch.equal(step.truth(params), params["position"])
    assert step.describe({"position": torch.tensor([2])}, 0) == "the second lies above right"


@pytest.mark.parametrize("size", [(32, 32), (29, 40), (384, 384)])
def test_all_places_come_equally_often_and_all_patches_lie_inside(size):
    step = Neighbours(jitter=0.2)
    params = draw(step, 8000, size)
    side = step.pixels(size)[0]
    share = torch.bincount(params["position"], minlength=8) / 8000
    assert share.tolist() == pytest.approx([1 / 8] * 8, abs=0.015)
    for axis, name in enumerate(("top", "left")):
        assert params[name].min() >= 0
        assert params[name].max() <= size[axis] - side


def test_the_place_of_the_first_patch_does_not_give_the_answer_away():
    params = draw(Neighbours(patch=0.15), 20_000)
    means = [params["top"][params["position"] == one, 0].float().mean() for one in range(8)]
    assert max(means) - min(means) < 0.4


def test_jitter_moves_both_patches_by_themselves():
    step = Neighbours(patch=0.15, gap=0.5, jitter=0.2)
    side, gap, jitter = step.pixels((32, 32))
    params = draw(step, 2000)
    lies_right = params["position"] == POSITIONS.index("right")
    apart = (params["left"][:, 1] - params["left"][:, 0])[lies_right]
    assert apart.min() == side + gap - 2 * jitter
    assert apart.max() == side + gap + 2 * jitter


def test_patches_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"patch = 0\.33, gap = 1\.0: three patches of 11 px"):
        draw(Neighbours(patch=0.33, gap=1.0))
