"""Variances, their likelihood, mixtures and reliability, against plain sums."""

import math
import statistics

import pytest
import torch

from sslcore.losses.uncertainty import (
    GROUPS,
    LEAST,
    MOST,
    correlation,
    level,
    mixture_variance,
    reliability,
    variance,
    weighted_likelihood,
)


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_a_variance_stays_between_its_bounds_and_begins_in_their_middle():
    found = variance(torch.tensor([-1e4, 0.0, 1e4], dtype=torch.float64))
    assert found.tolist() == pytest.approx([LEAST, math.sqrt(LEAST * MOST), MOST])
    assert variance(numbers(50)).diff()[numbers(50).diff() > 0].gt(0).all(), "monotone"
    assert variance(torch.zeros(3, dtype=torch.float16)).dtype == torch.float32


def test_a_level_runs_from_the_least_variance_to_the_most():
    found = level(
        torch.tensor([0.0, LEAST, math.sqrt(LEAST * MOST), MOST, 40.0], dtype=torch.float64)
    )
    assert found.tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0])


def test_the_likelihood_is_that_of_gaussians_weighted_by_their_deviation():
    predicted, squared = numbers(4, 3).exp(), numbers(4, 3, seed=1).square()
    expected = statistics.fmean(
        -math.sqrt(v) * math.log(math.exp(-e / (2 * v)) / math.sqrt(v))
        for v, e in zip(predicted.flatten().tolist(), squared.flatten().tolist(), strict=True)
    )
    assert weighted_likelihood(predicted, squared).item() == pytest.approx(expected, rel=1e-12)


def test_the_gradient_is_that_of_the_likelihood_times_a_weight_and_0_at_the_mean():
    squared = numbers(1000).square() * 0.01
    for factor in (0.5, 1.0, 3.0):
        v = (factor * squared.mean()).requires_grad_()
        weighted_likelihood(v.expand_as(squared), squared).backward()
        plain = (1 / v.item() - squared.mean().item() / v.item() ** 2) / 2
        assert v.grad.item() == pytest.approx(math.sqrt(v.item()) * plain, abs=1e-9)


def test_no_gradient_reaches_the_errors():
    squared = numbers(5).square().requires_grad_()
    predicted = numbers(5, seed=1).exp().requires_grad_()
    weighted_likelihood(predicted, squared).backward()
    assert squared.grad is None
    assert predicted.grad.abs().min() > 0
    with pytest.raises(ValueError, match=r"variances \(2,\) and squared errors \(3,\) differ"):
        weighted_likelihood(torch.ones(2), torch.ones(3))


def test_the_variance_of_a_mixture_is_that_of_its_draws():
    scores, centres = numbers(3, 4), numbers(4, 6, seed=1)
    found = mixture_variance(scores, centres)
    for row in range(3):
        weights = [math.exp(one) for one in scores[row].tolist()]
        shares = [one / sum(weights) for one in weights]
        for column in range(6):
            values = centres[:, column].tolist()
            mean = sum(p * w for p, w in zip(shares, values, strict=True))
            square = sum(p * w * w for p, w in zip(shares, values, strict=True))
            assert found[row, column].item() == pytest.approx(square - mean**2, rel=1e-9)
    moved = mixture_variance(scores, centres + 1000.0)
    torch.testing.assert_close(moved, found)


def test_who_is_sure_of_a_word_has_no_variance():
    scores = torch.tensor([[100.0, 0.0, 0.0], [0.0, 0.0, -1e4]])
    found = mixture_variance(scores, torch.tensor([[0.3], [0.9], [0.5]]))
    assert found[0].item() == pytest.approx(0.0, abs=1e-12)
    assert found[1].item() == pytest.approx(0.09, rel=1e-5), "half .3, half .9"
    assert (mixture_variance(torch.zeros(1, 5), torch.full((5, 2), 0.7)) >= 0).all()


def test_correlation():
    a, b = numbers(40), numbers(40, seed=1)
    expected = statistics.correlation(a.tolist(), b.tolist())
    assert correlation(a.view(5, 8), b.view(5, 8)).item() == pytest.approx(expected, rel=1e-9)
    assert correlation(a, 3 * a + 2).item() == pytest.approx(1.0)
    assert correlation(a, -a).item() == pytest.approx(-1.0)
    assert correlation(a, torch.ones_like(a)).item() == 0.0


def test_reliability_is_of_groups_from_surest_to_least_sure():
    predicted, squared = numbers(2, 1, 4, 5).exp(), numbers(2, 1, 4, 5, seed=1).square()
    bars = reliability(predicted, squared)
    rows = sorted(zip(predicted.flatten().tolist(), squared.flatten().tolist(), strict=True))
    expected = []
    for start in range(0, 40, 10):
        for part in zip(*rows[start : start + 10], strict=True):
            expected.append(math.sqrt(statistics.fmean(part)))
    assert bars.values.tolist() == pytest.approx(expected, rel=1e-5)
    assert bars.labels[:2] == (f"{GROUPS[0]}, expected", f"{GROUPS[0]}, true")
    assert len(bars.labels) == 8
    few = reliability(torch.ones(2), torch.ones(2))
    assert few.values.tolist() == [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_full(dtype):
    scores, centres = numbers(3, 4).to(dtype), numbers(4, 2, seed=1).to(dtype)
    with torch.autocast("cpu", torch.bfloat16):
        found = mixture_variance(scores, centres)
        score = correlation(scores, scores)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, mixture_variance(scores.float(), centres.float()))
    assert score.item() == pytest.approx(1.0)
