"""Barlow Twins: correlations against loops and numpy, and the matrix that is shown."""

import numpy as np
import pytest
import torch

from sslcore.config import ConfigError
from sslcore.methods.barlow_twins import cross_correlation, invariance, redundancy
from tests.sslcore.methods.steps import clock, facts, make, make_batch


def pair(count=9, length=4):
    torch.manual_seed(0)
    z = torch.randn(count, length, dtype=torch.float64)
    return z, z + 0.5 * torch.randn_like(z)


def slow_correlation(z_a, z_b):
    count, length = z_a.shape
    columns = []
    for z in (z_a, z_b):
        standard = []
        for i in range(length):
            values = z[:, i].tolist()
            mean = sum(values) / count
            variance = sum((x - mean) ** 2 for x in values) / count
            standard.append([(x - mean) / (variance + 1e-5) ** 0.5 for x in values])
        columns.append(standard)
    return [
        [sum(x * y for x, y in zip(a, b, strict=True)) / count for b in columns[1]]
        for a in columns[0]
    ]


def test_the_matrix_equals_the_sums_written_out():
    z_a, z_b = pair()
    expected = np.array(slow_correlation(z_a, z_b))
    assert cross_correlation(z_a, z_b).numpy() == pytest.approx(expected, rel=1e-9)


def test_the_matrix_is_batch_norm_and_a_product():
    z_a, z_b = (one.float() for one in pair())
    norm = torch.nn.BatchNorm1d(4, affine=False)
    torch.testing.assert_close(cross_correlation(z_a, z_b), norm(z_a).T @ norm(z_b) / 9)


def test_both_terms_equal_the_sums_written_out():
    c = cross_correlation(*pair())
    entries = c.tolist()
    on = sum((1 - entries[i][i]) ** 2 for i in range(4))
    off = sum(entries[i][j] ** 2 for i in range(4) for j in range(4) if i != j)
    assert invariance(c).item() == pytest.approx(on, rel=1e-9)
    assert redundancy(c).item() == pytest.approx(off, rel=1e-9)


def test_the_terms_leave_the_matrix_as_it_is():
    c = cross_correlation(*pair())
    before = c.clone()
    invariance(c)
    redundancy(c)
    assert torch.equal(c, before)


def test_the_loss_is_invariance_plus_weighted_redundancy():
    method = make("barlow_twins", redundancy_weight=0.3, scale=0.1)
    z_a, z_b = pair()
    c = np.array(slow_correlation(z_a, z_b))
    on = ((1 - np.diag(c)) ** 2).sum()
    off = (c**2).sum() - (np.diag(c) ** 2).sum()
    output = method.objective({"z_a": z_a, "z_b": z_b}, make_batch(method, count=9), clock())
    assert output.loss.item() == pytest.approx(0.1 * (on + 0.3 * off), rel=1e-9)
    assert output.terms["invariance"].item() == pytest.approx(0.1 * on, rel=1e-9)
    assert output.terms["redundancy"].item() == pytest.approx(0.1 * 0.3 * off, rel=1e-9)


def test_scale_and_shift_of_a_dimension_do_not_matter():
    z_a, z_b = (1e3 * one for one in pair())
    moved = z_a * torch.tensor([1.0, 2.0, 5.0, 0.5]) + torch.tensor([0.0, 4e3, -7e3, 1.0])
    torch.testing.assert_close(
        cross_correlation(moved, z_b), cross_correlation(z_a, z_b), rtol=1e-8, atol=1e-8
    )


def test_exchanging_the_views_transposes_the_matrix():
    z_a, z_b = pair()
    torch.testing.assert_close(cross_correlation(z_b, z_a), cross_correlation(z_a, z_b).T)


def test_equal_views_have_a_diagonal_of_ones_and_opposite_ones_of_minus_one():
    z, _ = (1e3 * one for one in pair())
    torch.testing.assert_close(cross_correlation(z, z).diagonal(), torch.ones(4).double())
    torch.testing.assert_close(cross_correlation(z, -z).diagonal(), -torch.ones(4).double())
    assert invariance(cross_correlation(z, z)) < invariance(cross_correlation(z, -z))


def test_a_constant_embedding_costs_as_many_as_there_are_dimensions():
    z = torch.ones(6, 16, requires_grad=True)
    c = cross_correlation(z, z)
    loss = invariance(c) + redundancy(c)
    assert loss.item() == pytest.approx(make("barlow_twins").constants()["d (collapsed)"])
    loss.backward()
    assert z.grad.isfinite().all()


@pytest.mark.parametrize("value", [0.0, 1e-4, 1e4])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_half_precision_and_extreme_values_stay_finite(dtype, value):
    z_a, z_b = ((value * one).to(dtype) for one in pair())
    c = cross_correlation(z_a, z_b)
    assert c.dtype == torch.float32
    assert c.isfinite().all()
    if value == 1e4:
        expected = np.array(slow_correlation(z_a.double(), z_b.double()))
        assert c.numpy() == pytest.approx(expected, abs=1e-4)


def test_gradients_equal_finite_differences():
    z_a, z_b = (one.requires_grad_(True) for one in pair(5, 3))

    def loss(a, b):
        c = cross_correlation(a, b)
        return invariance(c) + 0.1 * redundancy(c)

    assert torch.autograd.gradcheck(loss, (z_a, z_b))


def test_a_batch_of_one_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match=r"at least 2 images.*raise schedule\.batch_size"):
        cross_correlation(torch.ones(1, 4), torch.ones(1, 4))


def test_views_of_unlike_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(3, 4\) and \(3, 5\)"):
        cross_correlation(torch.ones(3, 4), torch.ones(3, 5))


def test_the_matrix_shown_is_the_one_of_the_step_diagonal_and_all():
    method = make("barlow_twins")
    output = method.training_step(make_batch(method), clock(snapshot=True))
    output.loss.backward()
    expected = np.array(slow_correlation(output.tensors["z_a"], output.tensors["z_b"]))
    shown = output.diagnostics["cross_correlation"]
    assert shown.values == pytest.approx(expected, abs=1e-4)
    assert shown.diagonal == pytest.approx(np.diag(expected), abs=1e-4)
    assert shown.diverging
    assert (shown.low, shown.high) == (-1, 1)


def test_descending_lights_up_the_diagonal():
    method = make("barlow_twins")
    batch = make_batch(method, count=32)
    optimiser = torch.optim.SGD(method.parameters(), 0.02)
    losses = []
    for _ in range(15):
        output = method.training_step(batch, clock(snapshot=True))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        losses.append(output.loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert output.diagnostics["cross_correlation"].summary["diagonal mean"] > 0.5


def test_biases_and_norms_have_a_rate_of_their_own():
    method = make("barlow_twins", bias_rate=0.024)
    weights, biases = method.parameter_groups()
    assert all(one.dim() > 1 for one in weights.parameters)
    assert all(one.dim() <= 1 for one in biases.parameters)
    assert (weights.lr_scale, weights.decays) == (1.0, True)
    assert (biases.lr_scale, biases.decays) == (0.024, False)


def test_a_run_of_single_images_is_refused_before_it_starts():
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1: .*use at least 2"):
        make("barlow_twins", known=facts(batch_size=1))
