"""VICReg: the three terms against sums written out, and what each of them rules out."""

import math

import pytest
import torch

from sslcore.config import ConfigError
from sslcore.methods import vicreg
from tests.sslcore.methods.steps import clock, facts, make, make_batch


def views(count=7, length=5):
    torch.manual_seed(0)
    z = torch.randn(count, length, dtype=torch.float64) * torch.arange(1, length + 1) / 3
    return z, z + 0.3 * torch.randn_like(z)


def covariance_of(rows, i, j):
    means = [sum(row[k] for row in rows) / len(rows) for k in (i, j)]
    products = [(row[i] - means[0]) * (row[j] - means[1]) for row in rows]
    return sum(products) / (len(rows) - 1)


def written_out(z):
    rows, length = z.tolist(), z.shape[1]
    alive = sum(
        max(0.0, 1 - math.sqrt(covariance_of(rows, j, j) + 1e-4)) for j in range(length)
    ) / length  # fmt: skip
    apart = sum(
        covariance_of(rows, i, j) ** 2 for i in range(length) for j in range(length) if i != j
    )
    return alive, apart / length


def test_each_term_is_its_formula():
    z_a, z_b = views()
    pairs = zip(z_a.flatten().tolist(), z_b.flatten().tolist(), strict=True)
    squares = sum((x - y) ** 2 for x, y in pairs)
    assert vicreg.invariance(z_a, z_b).item() == pytest.approx(squares / 35, rel=1e-9)
    for z in (z_a, z_b):
        alive, apart = written_out(z)
        assert 0 < alive < 1
        assert vicreg.variance(z).item() == pytest.approx(alive, rel=1e-9)
        assert vicreg.covariance(z).item() == pytest.approx(apart, rel=1e-9)


def test_the_loss_weighs_them_and_takes_the_mean_variance_of_both_branches():
    method = make("vicreg", invariance_weight=3, variance_weight=5, covariance_weight=7)
    z_a, z_b = views()
    (alive_a, apart_a), (alive_b, apart_b) = written_out(z_a), written_out(z_b)
    alike = (z_a - z_b).square().sum().item() / 35
    given = {"z_a": z_a, "z_b": z_b}
    output = method.objective(given, make_batch(method, count=7), clock())
    expected = {
        "invariance": 3 * alike,
        "variance": 5 * (alive_a + alive_b) / 2,
        "covariance": 7 * (apart_a + apart_b),
    }
    for name, value in expected.items():
        assert output.terms[name].item() == pytest.approx(value, rel=1e-9), name
    assert output.loss.item() == pytest.approx(sum(expected.values()), rel=1e-9)


def test_moving_all_images_alike_changes_nothing():
    z_a, z_b = views()
    shift = torch.arange(5).double()
    torch.testing.assert_close(
        vicreg.invariance(z_a + shift, z_b + shift), vicreg.invariance(z_a, z_b)
    )
    torch.testing.assert_close(vicreg.variance(z_a + shift), vicreg.variance(z_a))
    torch.testing.assert_close(vicreg.covariance(z_a + shift), vicreg.covariance(z_a))


def test_only_the_hinge_below_one_counts():
    z, _ = views()
    assert vicreg.variance(100 * z).item() == 0.0
    assert vicreg.variance(torch.ones(4, 3)).item() == pytest.approx(0.99)


def test_a_dimension_said_twice_costs_and_independent_ones_do_not():
    one = torch.tensor([1.0, -1.0, 1.0, -1.0])
    other = torch.tensor([1.0, 1.0, -1.0, -1.0])
    assert vicreg.covariance(torch.stack([one, other], 1)).item() == pytest.approx(0.0, abs=1e-7)
    doubled = vicreg.covariance(torch.stack([one, one], 1)).item()
    assert doubled == pytest.approx((4 / 3) ** 2)


def test_the_constant_is_the_loss_of_one_point_for_all():
    method = make("vicreg", variance_weight=10)
    same = dict.fromkeys(("z_a", "z_b"), torch.ones(5, 16))
    loss = method.objective(same, make_batch(method, count=5), clock()).loss.item()
    assert loss == pytest.approx(method.constants()["0.99 μ (collapsed)"], rel=1e-6)


def test_the_slope_at_collapse_is_finite():
    z = torch.ones(5, 4, requires_grad=True)
    (vicreg.variance(z) + vicreg.covariance(z)).backward()
    assert z.grad.isfinite().all()


def test_descending_keeps_dimensions_alive_and_brings_views_together():
    method = make("vicreg")
    batch = make_batch(method)
    optimiser = torch.optim.SGD(method.parameters(), 0.02)
    outputs = []
    for _ in range(25):
        outputs.append(method.training_step(batch, clock()))
        optimiser.zero_grad()
        outputs[-1].loss.backward()
        optimiser.step()
    assert outputs[-1].loss < 0.8 * outputs[0].loss
    assert outputs[-1].terms["variance"] < outputs[0].terms["variance"]


def test_pictures_are_of_view_a():
    method = make("vicreg")
    output = method.training_step(make_batch(method), clock(snapshot=True))
    z = output.tensors["z_a"]
    rows = z.tolist()
    shown = output.diagnostics["covariance"].values
    assert shown[2, 5] == pytest.approx(covariance_of(rows, 2, 5), abs=1e-4)
    assert shown[3, 3] == pytest.approx(covariance_of(rows, 3, 3), abs=1e-4)
    line = output.diagnostics["deviation"].lines["standard deviation"].tolist()
    expected = sorted((math.sqrt(covariance_of(rows, j, j)) for j in range(16)), reverse=True)
    assert line == pytest.approx(expected, abs=1e-5)


def test_energy_is_the_mean_squared_difference():
    method = make("vicreg").eval()
    batch = make_batch(method)
    z = method.project(batch, clock())
    expected = [
        sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) / 16
        for a, b in zip(z["z_a"].tolist(), z["z_b"].tolist(), strict=True)
    ]
    assert method.energy(batch).tolist() == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_values_of_any_size_give_finite_terms(scale, dtype):
    z_a, z_b = (scale * one.clamp(-2, 2).to(dtype) for one in views())
    for term in (vicreg.invariance(z_a, z_b), vicreg.variance(z_a), vicreg.covariance(z_a)):
        assert term.isfinite()
        assert term.dtype == torch.float32


def test_single_images_are_refused():
    with pytest.raises(ValueError, match="at least 2 images"):
        vicreg.variance(torch.ones(1, 3))
    with pytest.raises(ValueError, match="at least 2 images"):
        vicreg.covariance(torch.ones(1, 3))
    with pytest.raises(ValueError, match="two views of the same images"):
        vicreg.invariance(torch.ones(2, 3), torch.ones(3, 3))
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1"):
        make("vicreg", known=facts(batch_size=1))
