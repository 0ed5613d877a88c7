"""Cosines against sums written out."""

import math

import pytest
import torch

from sslcore.losses.agreement import energy, l2, negative_cosine


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a)) / math.sqrt(sum(y * y for y in b))


def pairs(count=7, length=5):
    torch.manual_seed(0)
    return torch.randn(2, count, length, dtype=torch.float64).unbind(0)


def test_negative_cosine_equals_the_sum_written_out():
    a, b = pairs()
    expected = -sum(cosine(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)) / len(a)
    assert negative_cosine(a, b).item() == pytest.approx(expected, rel=1e-9)


def test_energy_equals_one_minus_cosine_per_row():
    a, b = pairs()
    expected = [1 - cosine(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    assert energy(a, b).tolist() == pytest.approx(expected, rel=1e-9)


def test_lengths_of_rows_do_not_matter():
    a, b = pairs()
    torch.testing.assert_close(
        negative_cosine(a * torch.rand(7, 1).double().add(0.1), 3 * b), negative_cosine(a, b)
    )


@pytest.mark.parametrize(("other", "expected"), [(2.0, -1.0), (-2.0, 1.0)])
def test_the_same_way_is_minus_one_and_opposite_is_one(other, expected):
    a, _ = pairs()
    assert negative_cosine(a, other * a).item() == pytest.approx(expected)


def test_descending_brings_the_rows_together():
    a, b = pairs()
    a.requires_grad_(True)
    before = negative_cosine(a, b)
    before.backward()
    assert negative_cosine(a.detach() - 0.1 * a.grad, b) < before


def test_a_zero_vector_stays_zero_and_gives_finite_gradients():
    z = torch.zeros(3, 4, requires_grad=True)
    loss = negative_cosine(z, torch.ones(3, 4))
    loss.backward()
    assert loss.item() == 0.0
    assert z.grad.isfinite().all()
    assert torch.equal(l2(torch.zeros(2, 3)), torch.zeros(2, 3))


@pytest.mark.parametrize("size", [1e-4, 1e4])
def test_sizes_far_from_one_change_nothing(size):
    a, b = (one.float() for one in pairs())
    torch.testing.assert_close(negative_cosine(size * a, size * b), negative_cosine(a, b))


def test_one_row_is_enough_but_none_is_not():
    assert negative_cosine(torch.ones(1, 3), torch.ones(1, 3)).item() == pytest.approx(-1.0)
    with pytest.raises(ValueError, match="at least 1 images in a batch, got 0"):
        negative_cosine(torch.ones(0, 3), torch.ones(0, 3))


@pytest.mark.parametrize("shape", [(4, 5), (3, 4), (12,), (3, 5, 1)])
def test_shapes_that_are_no_pairs_are_refused(shape):
    with pytest.raises(ValueError, match="two views of the same images"):
        negative_cosine(torch.ones(3, 5), torch.ones(shape))
