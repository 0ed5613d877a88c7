"""BYOL: the loss of the paper, where its gradients go, and what it says of collapse."""

import math

import pytest
import torch

from tests.sslcore.methods.steps import clock, make, make_batch, smallest_areas

NAMES = ("z_a", "z_b", "p_a", "p_b", "t_a", "t_b")


def projections(count=5, length=16, dtype=torch.float64):
    torch.manual_seed(0)
    return {name: torch.randn(count, length, dtype=dtype) for name in NAMES}


def unit(row):
    length = math.sqrt(sum(x * x for x in row))
    return [x / length for x in row]


def squared_distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(unit(a), unit(b), strict=True))


def test_the_loss_is_the_squared_distance_of_unit_vectors_in_both_directions():
    method = make("byol")
    given = projections()
    rows = {name: one.tolist() for name, one in given.items()}
    a_to_b = sum(map(squared_distance, rows["p_a"], rows["t_b"])) / 5  # equation 2
    b_to_a = sum(map(squared_distance, rows["p_b"], rows["t_a"])) / 5
    output = method.objective(given, make_batch(method, count=5), clock())
    assert output.loss.item() == pytest.approx(a_to_b + b_to_a, rel=1e-9)
    assert output.terms["a_to_b"].item() == pytest.approx(a_to_b, rel=1e-9)
    assert output.terms["b_to_a"].item() == pytest.approx(b_to_a, rel=1e-9)


def test_exchanging_the_views_changes_nothing():
    method = make("byol")
    batch = make_batch(method, count=5)
    given = projections()
    swapped = {f"{kind}_{side}": given[f"{kind}_{other}"] for kind in "zpt" for side, other in
               (("a", "b"), ("b", "a"))}  # fmt: skip
    loss = method.objective(given, batch, clock()).loss
    torch.testing.assert_close(method.objective(swapped, batch, clock()).loss, loss)


def test_targets_and_projections_get_no_gradient_from_the_loss():
    method = make("byol")
    given = {name: one.requires_grad_(True) for name, one in projections().items()}
    method.objective(given, make_batch(method, count=5), clock()).loss.backward()
    assert {name for name, one in given.items() if one.grad is not None} == {"p_a", "p_b"}


def test_the_constant_is_the_loss_of_one_answer_for_all():
    method = make("byol")
    same = dict.fromkeys(NAMES, torch.ones(5, 16))
    output = method.objective(same, make_batch(method, count=5), clock())
    constant = next(iter(method.constants().values()))
    assert output.loss.item() == pytest.approx(constant, abs=1e-6)
    assert output.terms["spread"].item() == pytest.approx(0.0, abs=1e-6)


def test_descending_meets_the_target():
    method = make("byol", momentum=1.0)
    batch = make_batch(method)
    optimiser = torch.optim.SGD(method.parameters(), 0.1)
    losses = []
    for _ in range(20):
        output = method.training_step(batch, clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        losses.append(output.loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_pictures_show_spread_against_its_aim():
    method = make("byol")
    output = method.training_step(make_batch(method), clock(snapshot=True))
    z = torch.nn.functional.normalize(output.tensors["z_a"], dim=1)
    shown = output.diagnostics["deviation"]
    expected = sorted(z.std(0).tolist(), reverse=True)
    assert shown.lines["standard deviation"].tolist() == pytest.approx(expected, abs=1e-6)
    assert shown.marks == {"1 / sqrt(d)": pytest.approx(0.25)}


@pytest.mark.parametrize("scale", [0.0, 1e-4, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_vectors_of_any_size_give_a_finite_loss(scale, dtype):
    method = make("byol")
    given = {name: scale * one for name, one in projections(dtype=dtype).items()}
    output = method.objective(given, make_batch(method, count=5), clock(snapshot=True))
    assert output.loss.isfinite()
    assert output.loss.dtype == torch.float32


def test_views_of_different_counts_are_refused():
    method = make("byol")
    given = {**projections(), "t_b": torch.zeros(4, 16)}
    with pytest.raises(ValueError, match="two views of the same images"):
        method.objective(given, make_batch(method, count=5), clock())


@pytest.mark.parametrize(("size", "area"), [(32, 0.2), (224, 0.08)])
def test_crops_of_large_images_keep_as_little_as_published(size, area):
    assert smallest_areas("byol", size) == [area, area]
