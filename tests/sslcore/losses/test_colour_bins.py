"""Bins of the ab plane, soft encoding, rebalancing and decoding, against plain derivations."""

import math

import pytest
import torch

from sslcore.augment.colour_space import lab, linear_rgb
from sslcore.config import ConfigError
from sslcore.losses.colour_bins import (
    GRID,
    Palette,
    ab_bins,
    annealed_mean,
    coarse_lab,
    coarse_size,
    cross_entropy,
    rebalancing,
    smoothed,
    soft_encoding,
)


def colours(*shape, seed=0):
    """Random screen colours as (B, 2, h, w) of a and b, float64."""
    generator = torch.Generator().manual_seed(seed)
    return lab(torch.rand(*shape, generator=generator, dtype=torch.float64))[:, 1:]


def plain_encoding(ab, bins, neighbours, sigma):
    """All Q weights of one colour."""
    distances = [math.dist(ab, one) for one in bins]
    nearest = sorted(range(len(bins)), key=distances.__getitem__)[:neighbours]
    weights = {q: math.exp(-(distances[q] ** 2) / (2 * sigma**2)) for q in nearest}
    total = sum(weights.values())
    return [weights.get(q, 0.0) / total for q in range(len(bins))]


def test_bins_are_the_grid_points_that_screen_colours_fall_to():
    bins = ab_bins()
    assert bins.shape == (261, 2)
    assert torch.equal(bins, (bins / GRID).round() * GRID)
    assert len(bins.unique(dim=0)) == len(bins)
    # Every point of the grid that is itself a colour for some lightness is a bin.
    axis = torch.arange(-110.0, 111.0, GRID, dtype=torch.float64)
    points = torch.cartesian_prod(axis, axis)
    lightness = torch.linspace(0, 100, 201, dtype=torch.float64)
    shown = torch.zeros(len(points), dtype=torch.bool)
    for one in lightness:
        light = linear_rgb(torch.cat((one.expand(len(points), 1), points), 1)[:, :, None, None])
        shown |= ((light >= 0) & (light <= 1)).flatten(1).all(1)
    inside = {tuple(one) for one in points[shown].tolist()}
    assert 200 < len(inside) < len(bins)
    assert inside <= {tuple(one) for one in bins.tolist()}


def test_no_screen_colour_is_farther_from_a_bin_than_half_a_diagonal():
    ab = colours(2, 3, 40, 40).movedim(1, -1).reshape(-1, 2)
    distance = torch.cdist(ab, ab_bins().double()).amin(1)
    assert distance.max() <= GRID / math.sqrt(2) + 1e-9


def test_coarse_pixels_are_means_of_blocks():
    images = torch.rand(2, 3, 8, 12, dtype=torch.float64)
    expected = lab(images).reshape(2, 3, 2, 4, 3, 4).mean((3, 5))
    torch.testing.assert_close(coarse_lab(images, 4), expected)
    assert coarse_size(images, 4) == (2, 3)
    assert coarse_size(images, 16) == (1, 1)


def test_soft_encoding_and_cross_entropy_are_those_of_the_paper():
    ab, bins = colours(2, 3, 2, 3), ab_bins().double()
    logits = torch.randn(2, len(bins), 2, 3, dtype=torch.float64)
    indices, weights = soft_encoding(ab, bins, 5, 5.0)
    found = cross_entropy(logits, indices, weights)
    for image in range(2):
        for row in range(2):
            for column in range(3):
                z = plain_encoding(ab[image, :, row, column].tolist(), bins.tolist(), 5, 5.0)
                scores = logits[image, :, row, column].tolist()
                total = math.log(sum(math.exp(one) for one in scores))
                expected = -sum(one * (s - total) for one, s in zip(z, scores, strict=True))
                assert found[image, row, column].item() == pytest.approx(expected, rel=1e-9)


def test_the_weight_of_a_pixel_is_the_rarity_of_its_bin():
    palette = Palette(mixture=0.3).double()
    seen, ab = colours(2, 3, 8, 8, seed=1), colours(3, 3, 4, 4)
    palette.learn([seen])
    logits = torch.randn(3, len(palette), 4, 4, dtype=torch.float64)
    nearest = [
        min(range(len(palette)), key=lambda q: math.dist(one, palette.bins[q].tolist()))
        for one in seen.movedim(1, -1).reshape(-1, 2).tolist()
    ]
    raw = [1 / (0.7 * p + 0.3 / len(palette)) for p in palette.prior.tolist()]
    scale = sum(raw[q] for q in nearest) / len(nearest)
    indices, weights = soft_encoding(ab, palette.bins, 5, 5.0)
    rarity = torch.tensor(raw, dtype=torch.float64)[indices[:, 0]] / scale
    expected = rarity * cross_entropy(logits, indices, weights)
    torch.testing.assert_close(palette.error(logits, ab), expected, rtol=1e-9, atol=0)
    flat = palette.error(torch.zeros(2, len(palette), 8, 8, dtype=torch.float64), seen)
    assert flat.mean().item() == pytest.approx(math.log(261), rel=1e-9)


def test_learning_counts_and_smooths():
    palette = Palette()
    assert palette.prior.sum().item() == pytest.approx(1)
    grey, red = torch.zeros(3, 2, 2, 2), torch.tensor([60.0, 40.0]).view(1, 2, 1, 1)
    palette.learn([grey, red.expand(1, 2, 2, 2)])
    bins = palette.bins.tolist()
    share = {0: 12 / 16, 1: 4 / 16}
    expected = [0.0] * len(bins)
    for number, centre in enumerate(([0.0, 0.0], [60.0, 40.0])):
        kernel = [math.exp(-(math.dist(one, centre) ** 2) / 50) for one in bins]
        for q, one in enumerate(kernel):
            expected[q] += share[number] * one / sum(kernel)
    assert palette.prior.tolist() == pytest.approx(expected, abs=1e-6)
    assert palette.prior.sum().item() == pytest.approx(1)


def test_rebalancing_has_mean_one_and_knows_both_ends():
    prior = torch.tensor([0.7, 0.2, 0.1, 0.0], dtype=torch.float64)
    share = torch.tensor([0.9, 0.1, 0.0, 0.0], dtype=torch.float64)
    weights = rebalancing(prior, 0.5, share)
    assert (share * weights).sum().item() == pytest.approx(1)
    assert weights.diff().min() > 0
    torch.testing.assert_close(weights[3] / weights[0], (0.35 + 0.125) / share.new_tensor(0.125))
    torch.testing.assert_close(rebalancing(prior, 1.0, share), torch.ones_like(prior))


def test_smoothing_keeps_the_sum():
    bins = ab_bins().double()
    share = torch.rand(len(bins), dtype=torch.float64)
    assert smoothed(share, bins, 5.0).sum().item() == pytest.approx(share.sum().item(), rel=1e-9)


def test_decoding_goes_from_the_mean_to_the_likeliest():
    bins = ab_bins().double()
    logits = torch.randn(2, len(bins), 3, 3, dtype=torch.float64)
    plain = torch.softmax(logits, 1).movedim(1, -1) @ bins
    torch.testing.assert_close(annealed_mean(logits, bins, 1.0), plain.movedim(-1, 1))
    sharp = logits.exp() ** (1 / 0.38)
    sharp = (sharp / sharp.sum(1, keepdim=True)).movedim(1, -1) @ bins
    torch.testing.assert_close(
        annealed_mean(logits, bins, 0.38), sharp.movedim(-1, 1), rtol=1e-9, atol=1e-12
    )
    likeliest = bins[logits.argmax(1)].movedim(-1, 1)
    torch.testing.assert_close(annealed_mean(logits, bins, 1e-4), likeliest)


def test_encoding_and_decoding_give_the_colour_back():
    ab, bins = colours(2, 3, 5, 5), ab_bins().double()
    indices, weights = soft_encoding(ab, bins, 5, 5.0)
    z = torch.zeros(2, len(bins), 5, 5, dtype=torch.float64).scatter(1, indices, weights)
    decoded = annealed_mean(z.clamp(min=1e-300).log(), bins, 1.0)
    assert (decoded - ab).abs().mean() < 2.0  # at the rim there is no bin to pull outward


@pytest.mark.parametrize("value", [0.0, 1e4, -1e4])
def test_extreme_scores_and_half_precision_stay_finite(value):
    palette = Palette()
    logits = torch.full((1, len(palette), 2, 2), value, dtype=torch.float16)
    logits[:, 0] = 0
    error = palette.error(logits, torch.zeros(1, 2, 2, 2))
    assert error.dtype == torch.float32
    assert error.isfinite().all()
    assert annealed_mean(logits, palette.bins, 0.38).isfinite().all()


def test_guessing_costs_ln_q():
    palette = Palette()
    error = palette.error(torch.zeros(1, len(palette), 2, 2), torch.zeros(1, 2, 2, 2))
    assert error.mean().item() == pytest.approx(math.log(261), rel=1e-5)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="other pixels"):
        cross_entropy(
            torch.zeros(1, 3, 2, 2), torch.zeros(1, 1, 4, 4).long(), torch.ones(1, 1, 4, 4)
        )
    with pytest.raises(ConfigError, match=r"data\.folder: no image"):
        Palette().learn([])
