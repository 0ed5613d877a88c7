"""Context and targets of I-JEPA: sizes, places, what is taken away, what the picture shows."""

import pytest
import torch

from sslcore.augment.context_targets import TARGET_GREY, ContextTargets
from sslcore.augment.masks import GREY
from sslcore.config import ConfigError


def draw(step, count=60, size=(64, 64), seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, size)


def sides(mask):
    """Rows and columns of a mask that is a filled box (down, across)."""
    rows, columns = mask.any(1), mask.any(0)
    assert torch.equal(mask, rows[:, None] & columns)
    for line in (rows, columns):
        assert line.int().diff().abs().sum() <= 2
    return int(rows.sum()), int(columns.sum())


@pytest.mark.parametrize("seed", range(5))
def test_targets_are_boxes_of_one_size_at_places_of_their_own(seed):
    targets = draw(ContextTargets(patch=4), seed=seed)["targets"].unflatten(2, (16, 16))
    assert targets.shape == (60, 4, 16, 16)
    found = {sides(one) for image in targets for one in image}
    assert len(found) == 1
    tall, wide = found.pop()
    assert 0.12 <= tall * wide / 256 <= 0.23
    assert 0.65 < tall / wide < 1.7
    assert len(torch.unique(targets.flatten(2).flatten(0, 1), dim=0)) > 40


def test_sizes_differ_between_batches():
    found = {sides(draw(ContextTargets(patch=4), 1, seed=n)["targets"][0, 0].view(16, 16))
             for n in range(20)}  # fmt: skip
    assert len(found) > 3


@pytest.mark.parametrize("size", [(64, 64), (32, 32), (16, 16), (24, 16), (8, 8)])
def test_the_context_knows_no_target_and_is_as_large_in_every_image(size):
    for seed in range(20):
        params = draw(ContextTargets(patch=4), 40, size, seed)
        context, targets = params["context"], params["targets"]
        assert not (context[:, None] & targets).any()
        assert context.sum(1).unique().numel() == 1
        assert context.any()
        assert targets.sum(2).unique().numel() == 1


def test_contexts_are_large_before_they_are_cut():
    # In a batch of one nothing is cut: what is left of at least 85 % outside four targets.
    shares = [draw(ContextTargets(patch=4), 1, seed=n)["context"].float().mean() for n in range(50)]
    assert min(shares) >= 0.15
    assert 0.3 < sum(shares) / 50 < 0.7


def test_a_context_of_one_target_is_the_box_without_it():
    step = ContextTargets(patch=4, targets=1, context_low=1.0)
    params = draw(step, 1)
    assert torch.equal(params["context"][0], ~params["targets"][0, 0])


def test_which_patches_are_cut_has_no_preference():
    step = ContextTargets(patch=8, context_low=1.0)
    seen = torch.stack([draw(step, 64, seed=n)["context"].float().mean(0) for n in range(30)])
    rows = seen.mean(0).view(8, 8).mean(1)
    assert (rows[0] - rows[-1]).abs() < 0.05  # cutting in reading order would empty the bottom


def test_the_picture_shows_context_targets_and_the_rest():
    step = ContextTargets(patch=4)
    images = torch.rand(6, 3, 32, 32) * 0.4
    before = images.clone()
    params = draw(step, 6, (32, 32))
    shown = step.apply(images, params, 32)
    answer = step.truth(params)
    assert answer.shape == (6, 5, 64)
    for row in range(6):
        for number in range(64):
            top, left = 4 * (number // 8), 4 * (number % 8)
            patch = shown[row, :, top : top + 4, left : left + 4]
            original = images[row, :, top : top + 4, left : left + 4]
            if answer[row, 1:, number].any():
                original = torch.full_like(patch, TARGET_GREY)
            elif not answer[row, 0, number]:
                original = torch.full_like(patch, GREY)
            assert torch.equal(patch, original)
    assert torch.equal(images, before)
    context, target = int(answer[0, 0].sum()), int(answer[0, 1].sum())
    assert step.describe(params, 0) == f"{context} patches, 4 targets of {target}"


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="1 x 1 patches are too few for a context"):
        draw(ContextTargets(patch=64))
    with pytest.raises(ValueError, match=r"context_targets.patch = 5 px does not divide"):
        draw(ContextTargets(patch=5))
    for wrong, words in [
        ({"target_low": 0.3}, r"target_low = 0.3 is above target_high = 0.2"),
        ({"context_high": 0.5}, r"context_low = 0.85 is above context_high = 0.5"),
        ({"target_high": 0.9}, r"target_high = 0.9 is not below context_low = 0.85"),
    ]:
        with pytest.raises(ConfigError, match=words):
            ContextTargets.parse(wrong)
    assert ContextTargets.structural
