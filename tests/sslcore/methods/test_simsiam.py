"""SimSiam: the loss of the paper, where gradients stop, and collapse when they do not."""

import math
from itertools import product

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn

from sslcore.config import ConfigError
from sslcore.engine.propagation import Propagation
from tests.sslcore.methods.steps import (
    clock,
    facts,
    make,
    make_batch,
    small_config,
    smallest_areas,
)

NAMES = ("z_a", "z_b", "p_a", "p_b")


def projections(count=5, length=16, dtype=torch.float64):
    torch.manual_seed(0)
    return {name: torch.randn(count, length, dtype=dtype) for name in NAMES}


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a)) / math.sqrt(sum(y * y for y in b))


@pytest.mark.parametrize("stop_gradient", [True, False])
def test_the_loss_is_the_mean_negative_cosine_of_both_directions(stop_gradient):
    method = make("simsiam", stop_gradient=stop_gradient)
    given = projections()
    rows = {name: one.tolist() for name, one in given.items()}
    a_to_b = -sum(map(cosine, rows["p_a"], rows["z_b"])) / 5
    b_to_a = -sum(map(cosine, rows["p_b"], rows["z_a"])) / 5
    output = method.objective(given, make_batch(method, count=5), clock())
    assert output.loss.item() == pytest.approx(a_to_b / 2 + b_to_a / 2, rel=1e-9)
    assert output.terms["a_to_b"].item() == pytest.approx(a_to_b / 2, rel=1e-9)
    assert output.terms["b_to_a"].item() == pytest.approx(b_to_a / 2, rel=1e-9)


def test_exchanging_the_views_changes_nothing():
    method = make("simsiam")
    batch = make_batch(method, count=5)
    given = projections()
    swapped = {f"{k}_{x}": given[f"{k}_{y}"] for k in "zp" for x, y in (("a", "b"), ("b", "a"))}
    loss = method.objective(given, batch, clock()).loss
    torch.testing.assert_close(method.objective(swapped, batch, clock()).loss, loss)


@pytest.mark.parametrize(("stop_gradient", "reached"), [(True, "p_a p_b"), (False, "*")])
def test_projections_get_a_gradient_only_without_stop_gradient(stop_gradient, reached):
    method = make("simsiam", stop_gradient=stop_gradient)
    given = {name: one.requires_grad_(True) for name, one in projections().items()}
    method.objective(given, make_batch(method, count=5), clock()).loss.backward()
    expected = set(NAMES) if reached == "*" else set(reached.split())
    assert {name for name, one in given.items() if one.grad is not None} == expected


def test_the_head_ends_in_a_norm_that_learns_nothing_and_the_predictor_in_none():
    method = make("simsiam", predictor_hidden=8)
    norms = [one.affine for one in method.head if isinstance(one, nn.BatchNorm1d)]
    assert norms == [True, False]
    assert isinstance(method.head[-1], nn.BatchNorm1d)
    kinds = [type(one) for one in method.predictor]
    assert kinds == [nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Linear]
    assert method.predictor[0].out_features == 8


def test_the_predictor_keeps_its_rate():
    method = make("simsiam")
    groups = {group.name: group for group in method.parameter_groups()}
    assert groups["predictor"].schedule == "fixed"
    inside = {id(one) for one in method.predictor.parameters()}
    assert {id(one) for one in groups["predictor"].parameters} == inside
    assert groups["encoder and head"].schedule == "decay"
    alone = make("simsiam", predictor=False)
    assert [group.name for group in alone.parameter_groups()] == ["encoder and head"]


def test_without_a_predictor_projections_are_compared_as_they_are():
    method = make("simsiam", predictor=False)
    projected = method.project(make_batch(method), clock())
    assert torch.equal(projected["p_a"], projected["z_a"])
    assert torch.equal(projected["p_b"], projected["z_b"])


@pytest.mark.parametrize(("stop_gradient", "predictor"), list(product([True, False], repeat=2)))
def test_micro_batches_give_the_gradients_of_the_whole_batch(stop_gradient, predictor):
    found = []
    for parts in (1, 3):
        method = make("simsiam", stop_gradient=stop_gradient, predictor=predictor).eval()
        propagation = Propagation(method, Fabric(accelerator="cpu", devices=1), parts, seed=0)
        propagation.run(make_batch(method), clock())
        found.append({n: p.grad for n, p in method.named_parameters() if p.requires_grad})
    for name, gradient in found[0].items():
        torch.testing.assert_close(found[1][name], gradient, rtol=1e-4, atol=1e-6)


def trained(stop_gradient):
    """Loss, and the share of all variance that the widest direction of z carries."""
    method = make("simsiam", stop_gradient=stop_gradient, known=facts(batch_size=16))
    groups = method.parameter_groups()
    optimiser = torch.optim.SGD([p for one in groups for p in one.parameters], 0.05, momentum=0.9)
    for step in range(60):
        output = method.training_step(make_batch(method, seed=step % 4, count=16), clock(step))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    z = output.tensors["z_a"]
    widths = torch.linalg.svdvals(z - z.mean(0)).square()
    return output.loss.item(), float(widths[0] / widths.sum())


def test_training_collapses_to_one_direction_without_stop_gradient_and_not_with_it():
    loss, share = trained(stop_gradient=False)
    assert loss < -0.99
    assert share > 0.7
    _, share = trained(stop_gradient=True)
    assert share < 0.5


def test_the_constant_is_the_loss_of_one_answer_for_all():
    method = make("simsiam")
    same = dict.fromkeys(NAMES, torch.ones(5, 16))
    output = method.objective(same, make_batch(method, count=5), clock())
    assert output.loss.item() == pytest.approx(method.constants()["-1 (collapsed)"])
    assert output.terms["spread"].item() == pytest.approx(0.0, abs=1e-6)


def test_pictures_compare_with_the_own_and_with_another_image():
    method = make("simsiam")
    given = projections(count=8)
    shown = method.objective(given, make_batch(method), clock(snapshot=True)).diagnostics
    rows = {name: one.tolist() for name, one in given.items()}
    edges = shown["cosines"].edges
    shifted = rows["z_b"][-1:] + rows["z_b"][:-1]
    for group, others in (("same image", rows["z_b"]), ("other image", shifted)):
        expected = torch.histogram(
            torch.tensor(list(map(cosine, rows["p_a"], others)), dtype=torch.float32),
            torch.from_numpy(edges),
        ).hist
        assert shown["cosines"].counts[group].tolist() == expected.int().tolist()
    assert shown["deviation"].marks == {"1 / sqrt(d)": pytest.approx(0.25)}


def test_energy_is_one_minus_the_cosine_of_prediction_and_projection():
    method = make("simsiam").eval()
    batch = make_batch(method)
    rows = {name: one.tolist() for name, one in method.project(batch, clock()).items()}
    expected = [1 - cosine(p, z) for p, z in zip(rows["p_a"], rows["z_b"], strict=True)]
    assert method.energy(batch).tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("scale", [0.0, 1e-4, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_vectors_of_any_size_give_a_finite_loss(scale, dtype):
    method = make("simsiam")
    given = {name: scale * one for name, one in projections(dtype=dtype).items()}
    output = method.objective(given, make_batch(method, count=5), clock(snapshot=True))
    assert output.loss.isfinite()
    assert output.loss.dtype == torch.float32


def test_single_images_and_an_empty_head_are_refused():
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1: .*use at least 2"):
        make("simsiam", known=facts(batch_size=1))
    with pytest.raises(ConfigError, match=r"head_layers = 0"):
        small_config("simsiam", head_layers=0)


@pytest.mark.parametrize("size", [32, 224])
def test_crops_keep_a_fifth_at_any_size(size):
    assert smallest_areas("simsiam", size) == [0.2, 0.2]
