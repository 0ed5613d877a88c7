"""Several changes at once: each by its own coin, and the answer says which."""

import pytest
import torch

from sslcore.augment.transforms import NOT_CHOSEN, TRANSFORMS, Transforms
from sslcore.config import ConfigError


def draw(step, count=200, seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, (12, 12))


def test_the_answer_says_what_was_done_to_every_picture():
    step = Transforms(gaussian_blur=False)
    images = torch.rand(200, 3, 12, 12)
    params = draw(step)
    result = step.apply(images, params, 12)
    for row, (flip, upside, grey, solarize, blur) in enumerate(step.truth(params).tolist()):
        assert blur == NOT_CHOSEN
        expected = images[row]
        expected = expected.flip(-1) if flip else expected
        expected = expected.flip(-2) if upside else expected
        if grey:
            weights = torch.tensor([0.2989, 0.587, 0.114])[:, None, None]
            expected = (expected * weights).sum(0, keepdim=True).expand(3, -1, -1)
        if solarize:
            expected = torch.where(expected >= 0.5, 1 - expected, expected)
        torch.testing.assert_close(result[row], expected)


def test_every_transform_happens_to_about_half_of_the_pictures_by_itself():
    answer = draw(Transforms(), 4000).pop("answer").double()
    assert answer.mean(0).tolist() == pytest.approx([0.5] * 5, abs=0.04)
    together = torch.corrcoef(answer.T) - torch.eye(5)
    assert together.abs().max() < 0.08


def test_leaving_one_out_changes_nothing_for_the_others():
    full, fewer = draw(Transforms()), draw(Transforms(grey=False))
    kept = [0, 1, 3, 4]
    assert torch.equal(full["answer"][:, kept], fewer["answer"][:, kept])
    assert (fewer["answer"][:, 2] == NOT_CHOSEN).all()
    assert not any(name.startswith("grey/") for name in fewer)


def test_only_flips_move_a_target():
    step = Transforms()
    params = draw(step, 50)
    target = torch.arange(144).reshape(1, 1, 12, 12).repeat(50, 1, 1, 1)
    moved = step.apply_target(target, params, 12)
    for row, (flip, upside, *_) in enumerate(step.truth(params).tolist()):
        expected = target[row].flip(-1) if flip else target[row]
        assert torch.equal(moved[row], expected.flip(-2) if upside else expected)


def test_it_is_told_in_words():
    step = Transforms()
    answer = torch.tensor([[0, 1, 1, 0, 0], [0, 0, 0, 0, 0]])
    assert step.describe({"answer": answer}, 0) == "vertical flip + grey"
    assert step.describe({"answer": answer}, 1) == "nothing"


def test_grey_images_go_through_all_but_grey():
    images = torch.rand(20, 1, 12, 12)
    step = Transforms(grey=False)
    assert step.apply(images, draw(step, 20), 12).shape == images.shape
    with pytest.raises(ValueError, match="grey needs images with 3 channels, these have 1"):
        Transforms().apply(images, draw(Transforms(), 20), 12)


def test_nothing_chosen_is_refused():
    with pytest.raises(ConfigError, match="no transform is chosen; switch on one of horizontal"):
        Transforms.parse(dict.fromkeys(TRANSFORMS, False))
