"""Dense probes: exact where the map holds the answer, and the same as doing it the slow way."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from sslcore.data.pool import Cancelled
from sslcore.evaluation import dense
from sslcore.evaluation.dense import DenseProbe, collect, constant, fit_classes, fit_depth
from tests.sslcore.evaluation.dense_world import Memory, coarse, world


def test_pixels_are_read_from_the_enlarged_map_where_the_target_says_something():
    images, depth, classes = world(6)
    bank = collect(coarse, images, depth, [4, 0, 5], categories=False, pixels=90, seed=1)
    wide = F.interpolate(coarse(images.images), (16, 16), mode="bilinear", align_corners=False)
    assert bank.images.unique().tolist() == [0, 1, 2]
    assert torch.bincount(bank.images).tolist() == [30, 30, 30]
    assert (bank.targets > 0).all()
    for place, row in enumerate([4, 0, 5]):
        own = bank.images == place
        flat = wide[row].flatten(1).T
        for feature, value in zip(bank.features[own], bank.targets[own], strict=True):
            # In the corners several pixels have the same features.
            spots = (flat - feature).abs().amax(1) < 1e-5
            assert bool(spots.any())
            assert value in depth.images[row, 0].flatten()[spots]
    again = collect(coarse, images, depth, [4, 0, 5], categories=False, pixels=90, seed=1)
    other = collect(coarse, images, depth, [4, 0, 5], categories=False, pixels=90, seed=2)
    assert torch.equal(bank.targets, again.targets)
    assert not torch.equal(bank.targets, other.targets)
    kinds = collect(coarse, images, classes, range(6), categories=True)
    assert kinds.targets.unique().tolist() == [3, 7]
    assert kinds.targets.dtype == torch.int64
    whole = collect(coarse, images, classes, range(6), categories=True, void=None)
    assert whole.targets.unique().tolist() == [3, 7, 255]


def test_depth_that_lies_in_the_map_is_read_to_the_last_digit():
    images, depth, _ = world(30)
    bank = collect(coarse, images, depth, range(24), categories=False)
    probe = fit_depth(bank)
    assert probe.penalty == min(dense.PENALTIES)
    assert probe.classes is None
    guess = probe.predict(coarse(images.images[24:]), (16, 16))
    known = depth.images[24:, 0] > 0
    truth = depth.images[24:, 0].clamp(float(bank.targets.min()), float(bank.targets.max()))
    assert float((guess - truth)[known].abs().max()) < 1e-3
    assert bank.targets.min() <= guess.min()
    assert guess.max() <= bank.targets.max()


def test_noise_asks_for_a_stronger_penalty():
    images, depth, _ = world(30)
    random = torch.Generator().manual_seed(3)
    noise = torch.randn(30, 40, 4, 4, generator=random)

    def noisy(pictures):
        return torch.cat([0.2 * coarse(pictures), noise[: len(pictures)]], 1)

    blurred = Memory(depth.images + torch.randn(depth.images.shape, generator=random).abs())
    bank = collect(noisy, images, blurred, range(24), categories=False, pixels=150)
    assert fit_depth(bank, seed=1).penalty > min(dense.PENALTIES)


def test_classes_keep_their_own_numbers():
    images, _, classes = world(40)
    bank = collect(coarse, images, classes, range(32), categories=True, pixels=4000)
    told = []
    probe = fit_classes(bank, progress=lambda *at: told.append(at))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    assert probe.classes is not None
    assert probe.classes.tolist() == [3, 7]
    guess = probe.predict(coarse(images.images[32:]), (16, 16))
    truth = classes.images[32:, 0]
    assert set(guess.unique().tolist()) == {3, 7}
    assert float((guess == truth)[truth != 255].float().mean()) > 0.97


def test_a_linear_layer_and_enlarging_can_be_swapped():
    maps = torch.rand(2, 5, 3, 3, generator=torch.Generator().manual_seed(4))
    weight, bias = torch.rand(4, 5), torch.rand(4)
    probe = DenseProbe(weight, bias, np.array([2, 4, 6, 9]), 0, 0, 1.0)
    wide = F.interpolate(maps, (10, 10), mode="bilinear", align_corners=False)
    scores = torch.einsum("kd,bdhw->bkhw", weight, wide) + bias[:, None, None]
    expected = torch.tensor([2, 4, 6, 9])[scores.argmax(1)]
    assert torch.equal(probe.predict(maps, (10, 10)), expected)


def test_the_constant_is_the_mean_or_the_most_frequent():
    images, depth, classes = world(10)
    bank = collect(coarse, images, depth, range(10), categories=False)
    flat = constant(bank, categories=False).predict(coarse(images.images[:2]), (16, 16))
    np.testing.assert_allclose(flat, float(bank.targets.mean()), rtol=1e-6)
    kinds = collect(coarse, images, classes, range(10), categories=True)
    most = constant(kinds, categories=True).predict(coarse(images.images[:2]), (16, 16))
    assert most.unique().tolist() == [int(torch.mode(kinds.targets).values)]


def test_images_kept_aside_are_whole_and_at_least_one_stays():
    images = torch.arange(10).repeat_interleave(7)
    aside = dense._aside(images, 0)
    assert aside.view(10, 7).all(1).sum() == aside.view(10, 7).any(1).sum() == 2
    assert int(dense._aside(torch.zeros(5, dtype=torch.int64), 0).sum()) == 0


def test_what_cannot_be_learned_from_is_refused():
    images, depth, classes = world(4)
    with pytest.raises(ValueError, match="no image of the bank has a target"):
        collect(coarse, images, depth, [], categories=False)
    with pytest.raises(ValueError, match="no target of the bank has a measured pixel"):
        collect(coarse, images, Memory(0 * depth.images), range(4), categories=False)
    with pytest.raises(ValueError, match=r"4 images became \(4, 768\)"):
        collect(lambda one: one.flatten(1), images, depth, range(4), categories=False)
    with pytest.raises(ValueError, match="features of the map hold NaN"):
        collect(lambda one: coarse(one) * torch.nan, images, depth, range(4), categories=False)
    same = Memory(torch.full_like(classes.images, 5.0))
    bank = collect(coarse, images, same, range(4), categories=True)
    with pytest.raises(ValueError, match="all pixels of the bank are of class 5"):
        fit_classes(bank)
    with pytest.raises(Cancelled):
        collect(coarse, images, depth, range(4), categories=False, cancelled=lambda: True)
    good = collect(coarse, images, depth, range(4), categories=False)
    with pytest.raises(Cancelled):
        fit_depth(good, cancelled=lambda: True)
