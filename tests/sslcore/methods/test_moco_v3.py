"""MoCo v3: contrast as in the paper's algorithm, both directions, its bound and its pictures."""

import math

import pytest
import torch
from torch import nn

from sslcore.config import ConfigError
from sslcore.methods.moco_v3 import contrast
from tests.sslcore.methods.steps import clock, facts, make, make_batch, smallest_areas, train

NAMES = ("z_a", "z_b", "p_a", "p_b", "t_a", "t_b")


def projections(count=5, length=16, dtype=torch.float64):
    torch.manual_seed(0)
    return {name: torch.randn(count, length, dtype=dtype) for name in NAMES}


def unit(row):
    length = math.sqrt(sum(x * x for x in row))
    return [x / length for x in row]


def cross_entropy(queries, keys, temperature):
    total = 0.0
    for i, query in enumerate(queries):
        scores = [
            math.exp(sum(x * y for x, y in zip(unit(query), unit(key), strict=True)) / temperature)
            for key in keys
        ]
        total -= math.log(scores[i] / sum(scores)) / len(queries)
    return total


@pytest.mark.parametrize("temperature", [0.2, 1.0])
def test_contrast_is_the_formula_times_twice_the_temperature(temperature):
    given = projections()
    q, k = given["p_a"], given["t_b"]
    expected = 2 * temperature * cross_entropy(q.tolist(), k.tolist(), temperature)
    assert contrast(q, k, temperature).item() == pytest.approx(expected, rel=1e-9)


def test_the_loss_is_contrast_in_both_directions_and_the_bound_is_unscaled():
    method = make("moco_v3", temperature=0.3)
    given = projections()
    rows = {name: one.tolist() for name, one in given.items()}
    forth = cross_entropy(rows["p_a"], rows["t_b"], 0.3)
    back = cross_entropy(rows["p_b"], rows["t_a"], 0.3)
    output = method.objective(given, make_batch(method, count=5), clock())
    assert output.loss.item() == pytest.approx(0.6 * (forth + back), rel=1e-9)
    assert output.terms["a_to_b"].item() == pytest.approx(0.6 * forth, rel=1e-9)
    expected = math.log(5) - (forth + back) / 2
    assert output.terms["bound"].item() == pytest.approx(expected, rel=1e-9)


def test_lengths_do_not_matter():
    given = projections()
    q, k = given["p_a"], given["t_b"]
    longer = contrast(7 * q, k * torch.rand(5, 1).double().add(0.1), 0.2)
    torch.testing.assert_close(longer, contrast(q, k, 0.2))


def test_keys_get_no_gradient():
    method = make("moco_v3")
    given = {name: one.requires_grad_(True) for name, one in projections().items()}
    method.objective(given, make_batch(method, count=5), clock()).loss.backward()
    assert {name for name, one in given.items() if one.grad is not None} == {"p_a", "p_b"}


def test_the_constant_is_the_loss_of_keys_that_are_all_alike():
    method = make("moco_v3", known=facts(batch_size=5))
    same = dict.fromkeys(NAMES, torch.ones(5, 16))
    output = method.objective(same, make_batch(method, count=5), clock())
    assert output.loss.item() == pytest.approx(method.constants()["4T ln(B)"], rel=1e-6)
    assert output.terms["accuracy"].item() == 0.0  # ties are not found
    assert output.terms["bound"].item() == pytest.approx(0.0, abs=1e-6)


def test_predictions_that_find_their_keys_for_certain_reach_the_ceiling_of_the_bound():
    method = make("moco_v3", known=facts(batch_size=5), temperature=0.02)
    apart = dict.fromkeys(NAMES, torch.eye(5, 16, dtype=torch.float64))
    bound = method.objective(apart, make_batch(method, count=5), clock()).terms["bound"]
    plan = method.default_views(method.config, method.facts)
    assert bound.item() == pytest.approx(math.log(5), abs=1e-9)
    assert method.ceilings(plan) == {"bound": pytest.approx(math.log(5))}


def test_the_head_ends_in_a_norm_that_learns_nothing():
    method = make("moco_v3")
    norms = [one.affine for one in method.head if isinstance(one, nn.BatchNorm1d)]
    assert norms == [True, False]
    assert isinstance(method.predictor[-1], nn.Linear)


def test_descending_tells_images_apart():
    method = make("moco_v3", momentum=0.9)
    batch = make_batch(method)
    optimiser = torch.optim.SGD(method.parameters(), 0.2)
    outputs = []
    for _ in range(25):
        outputs.append(method.training_step(batch, clock()))
        optimiser.zero_grad()
        outputs[-1].loss.backward()
        optimiser.step()
    assert outputs[-1].loss < 0.8 * outputs[0].loss
    assert outputs[-1].terms["accuracy"] > outputs[0].terms["accuracy"]
    assert outputs[-1].terms["bound"] <= math.log(8)


def test_the_matrix_is_predictions_by_keys():
    method = make("moco_v3")
    given = projections(count=8)
    batch = make_batch(method)
    output = method.objective(given, batch, clock(snapshot=True))
    shown = output.diagnostics["similarity"]
    for i in range(8):
        for j in range(8):
            q, k = unit(given["p_a"][i].tolist()), unit(given["t_b"][j].tolist())
            assert shown.values[i, j] == pytest.approx(
                sum(x * y for x, y in zip(q, k, strict=True)), abs=1e-5
            )
    assert shown.row_ids.tolist() == batch.index.tolist()
    assert output.diagnostics["cosines"].counts["same image"].sum() == 8
    assert output.diagnostics["cosines"].counts["other image"].sum() == 56


@pytest.mark.parametrize("scale", [0.0, 1e-4, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_vectors_of_any_size_give_a_finite_loss(scale, dtype):
    given = projections(dtype=dtype)
    loss = contrast(scale * given["p_a"], scale * given["t_b"], 0.2)
    assert loss.isfinite()
    assert loss.dtype == torch.float32


@pytest.mark.parametrize(("count", "temperature"), [(1, 0.2), (5, 0.0), (5, -1.0)])
def test_what_cannot_be_contrasted_is_refused(count, temperature):
    q = torch.ones(count, 4)
    with pytest.raises(ValueError, match=r"at least 2 images|must be positive"):
        contrast(q, q, temperature)


@pytest.mark.parametrize("size", [32, 224])
def test_crops_keep_a_fifth_at_any_size(size):
    assert smallest_areas("moco_v3", size) == [0.2, 0.2]


@pytest.mark.parametrize("frozen", [True, False])
def test_the_patch_projection_of_a_transformer_can_stay_as_it_was_drawn(frozen):
    method = make("moco_v3", backbone="vit_mini", freeze_patches=frozen)
    before = {name: one.clone() for name, one in method.online.backbone.named_parameters()}
    groups = method.parameter_groups()
    train(method, torch.optim.SGD([p for one in groups for p in one.parameters], 0.1), range(2))
    stayed = {
        name
        for name, one in method.online.backbone.named_parameters()
        if torch.equal(one, before[name])
    }
    assert stayed == ({"patch_embed.proj.weight", "patch_embed.proj.bias"} if frozen else set())


def test_a_network_without_patches_cannot_freeze_them():
    with pytest.raises(ConfigError, match=r"method\.freeze_patches: only a Vision Transformer"):
        make("moco_v3", freeze_patches=True)
