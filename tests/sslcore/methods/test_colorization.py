"""Colourisation: what it sees, what it is scored on, how it paints."""

import math

import numpy as np
import pytest
import torch

from sslcore.augment.colour_space import lab, srgb
from sslcore.batch import Batch, Sample
from sslcore.config import ConfigError
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config

KEY = "colorization"


def true_colours(images, stride):
    """(N, 2, h, w) by hand: means of a and b over blocks."""
    ab = lab(images)[:, 1:]
    count, _, height, width = ab.shape
    blocks = ab.reshape(count, 2, height // stride, stride, width // stride, stride)
    return blocks.mean((3, 5))


def plain_error(logits, ab, bins, rarity):
    """The loss of one pixel."""
    distances = [math.dist(ab, one) for one in bins]
    nearest = sorted(range(len(bins)), key=distances.__getitem__)[:5]
    weights = [math.exp(-(distances[q] ** 2) / 50) for q in nearest]
    total = math.log(sum(math.exp(one) for one in logits))
    error = -sum(w * (logits[q] - total) for q, w in zip(nearest, weights, strict=True))
    return rarity[nearest[0]] * error / sum(weights)


@pytest.mark.parametrize("mixture", [0.5, 0.1])
def test_the_loss_is_that_of_the_paper(mixture):
    method = make(KEY, rebalance=mixture).double()
    batch = make_batch(method, count=2)
    batch = Batch(batch.index, {"whole": batch.views["whole"].double()})
    torch.manual_seed(0)
    logits = torch.randn(2, 1, 261, 4, 4, dtype=torch.float64)
    ab = true_colours(batch.view("whole"), 4)
    bins, rarity = method.palette.bins.tolist(), method.palette.rarity.tolist()
    assert len(set(rarity)) > 20  # learned
    expected = np.mean(
        [
            plain_error(logits[i, 0, :, r, c].tolist(), ab[i, :, r, c].tolist(), bins, rarity)
            for i in range(2)
            for r in range(4)
            for c in range(4)
        ]
    )
    loss = method.objective({"logits": logits}, batch, clock()).loss
    assert loss.item() == pytest.approx(expected, rel=1e-9)


def test_it_sees_lightness_only_in_training_and_when_kept():
    method = make(KEY).eval()
    batch = make_batch(method)
    images = 0.4 + 0.2 * batch.view("whole")
    colours = lab(images)
    colours[:, 1:] *= -0.5
    other = Batch(batch.index, {"whole": srgb(colours)[:, None]})
    same = Batch(batch.index, {"whole": images[:, None]})
    close = {"rtol": 1e-3, "atol": 1e-3}
    first, second = (method.project(one, clock())["logits"] for one in (same, other))
    torch.testing.assert_close(first, second, **close)
    kept = method.encoder()
    torch.testing.assert_close(kept(images), kept(other.view("whole")), **close)
    torch.testing.assert_close(method.embed(images), kept(images))


def test_prepare_learns_which_colours_are_common():
    method = make(KEY)
    grey = Sample(torch.arange(2), torch.full((2, 3, 16, 16), 0.5))
    method.prepare([grey])
    commonest = method.palette.bins[method.palette.prior.argmax()]
    assert commonest.tolist() == [0.0, 0.0]
    assert method.palette.prior.sum().item() == pytest.approx(1, rel=1e-5)
    assert "palette.prior" in method.state_dict()
    assert method.training_step(make_batch(method), clock()).loss.isfinite()


def test_guessing_costs_what_the_constant_says():
    method = make(KEY)
    batch = make_batch(method)
    method.prepare([Sample(batch.index, batch.view("whole"))])
    loss = method.objective({"logits": torch.zeros(8, 1, 261, 4, 4)}, batch, clock()).loss
    assert loss.item() == pytest.approx(method.constants()["ln Q (guessing)"], rel=1e-5)


def test_it_learns_to_paint():
    method = make(KEY)
    batch = make_batch(method)
    optimiser = torch.optim.Adam(method.parameters(), 1e-2)
    before = method.energy(batch).mean()
    for _ in range(25):
        output = method.training_step(batch, clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert method.energy(batch).mean() < before


def test_the_pictures_show_grey_painted_and_true():
    method = make(KEY)
    images = (0.5 * make_batch(method).view("whole")).reshape(8, 1, 3, 16, 16)
    batch = Batch(torch.arange(8), {"whole": images.mean((-2, -1), keepdim=True).expand_as(images)})
    true = lab(batch.view("whole"))[:, 1:, ::4, ::4]
    nearest = torch.cdist(true.movedim(1, -1).flatten(0, 2), method.palette.bins).argmin(1)
    sure = torch.full((8 * 16, 261), -50.0).scatter_(1, nearest[:, None], 50.0)
    logits = sure.reshape(8, 1, 4, 4, 261).movedim(-1, 2)
    shown = method.objective({"logits": logits}, batch, clock(snapshot=True)).diagnostics
    grid = shown["colours"]
    assert grid.rows == ("grey", "painted", "true")
    assert np.ptp(grid.images[0].astype(int), axis=-1).max() <= 1  # L in all three channels
    gap = np.abs(grid.images[1].astype(int) - grid.images[2]).mean()
    assert gap < 12  # a bin is 10 wide
    said = shown["bins"].lines["said by the network"]
    assert said.sum() == pytest.approx(1, abs=1e-4)
    assert (np.diff(shown["bins"].lines["in the folder"]) <= 0).all()


@pytest.mark.parametrize("stride", [1, 2, 3, 16])
def test_any_coarseness_works(stride):
    method = make(KEY, stride=stride)
    side = 16 // stride
    batch = make_batch(method)
    assert method.project(batch, clock())["logits"].shape == (8, 1, 261, side, side)
    assert method.training_step(batch, clock()).loss.isfinite()


def test_a_batch_of_one_and_identical_rows_can_be_painted():
    method = make(KEY)
    assert method.training_step(make_batch(method, count=1), clock()).loss.isfinite()
    batch = make_batch(method, count=1)
    twins = Batch(torch.tensor([1, 1]), {"whole": batch.views["whole"].expand(2, -1, -1, -1, -1)})
    assert method.training_step(twins, clock(snapshot=True)).loss.isfinite()


def test_grey_images_and_empty_folders_are_refused():
    with pytest.raises(ConfigError, match=r"needs colour images, these have 1 channel; choose den"):
        make(KEY, known=facts(channels=1))
    with pytest.raises(ConfigError, match=r"data\.folder"):
        make(KEY).prepare([])
    with pytest.raises(ConfigError, match=r"rebalance = 0\.0"):
        small_config(KEY, rebalance=0.0)
