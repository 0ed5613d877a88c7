"""Standardised pictures: same mean, same spread, whatever the light."""

import pytest
import torch

from sslcore.augment.levels import Standardise


def run(step, images):
    params = step.draw(torch.Generator().manual_seed(0), len(images), (8, 8))
    return step.apply(images, params, 8)


def test_every_channel_of_every_picture_has_the_same_mean_and_spread():
    result = run(Standardise(spread=0.1), torch.rand(5, 3, 8, 8))
    assert result.mean((-2, -1)).flatten().tolist() == pytest.approx([0.5] * 15, abs=1e-5)
    spread = result.std((-2, -1), unbiased=False)
    assert spread.flatten().tolist() == pytest.approx([0.1] * 15, rel=1e-4)


def test_light_and_contrast_make_no_difference():
    images = torch.rand(5, 3, 8, 8)
    torch.testing.assert_close(run(Standardise(), 0.3 * images + 0.2), run(Standardise(), images))


def test_an_even_surface_becomes_grey_and_nothing_leaves_the_range():
    even = run(Standardise(), torch.full((1, 1, 8, 8), 0.9))
    assert even.flatten().tolist() == pytest.approx([0.5] * 64, abs=1e-4)
    one_dot = torch.zeros(1, 1, 8, 8)
    one_dot[0, 0, 3, 3] = 1.0
    result = run(Standardise(spread=0.5), one_dot)
    assert result.min() >= 0.0
    assert result.max() == 1.0
    assert Standardise().describe({}, 0) == "mean 0.5 and spread 0.20"
