"""SimCLR: the loss of the paper, its two experiments, and its pictures."""

import math

import pytest
import torch
from torch import nn

from sslcore.augment.photometric import ColourJitter
from sslcore.config import ConfigError
from sslcore.losses.contrastive import nt_xent
from tests.sslcore.methods.steps import (
    clock,
    facts,
    make,
    make_batch,
    small_config,
    smallest_areas,
)


def double(count=5, length=6):
    torch.manual_seed(0)
    z = torch.randn(count, length, dtype=torch.float64)
    return {"z_a": z, "z_b": z + 0.5 * torch.randn_like(z)}


def unit(rows):
    return [[x / math.sqrt(sum(y * y for y in row)) for x in row] for row in rows]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_the_loss_is_the_formula_of_the_paper():
    method = make("simclr", temperature=0.3)
    projected = double()
    rows = unit(projected["z_a"].tolist() + projected["z_b"].tolist())
    expected = 0.0
    for i in range(10):
        others = [math.exp(dot(rows[i], rows[k]) / 0.3) for k in range(10) if k != i]
        positive = math.exp(dot(rows[i], rows[(i + 5) % 10]) / 0.3)
        expected -= math.log(positive / sum(others)) / 10
    output = method.objective(projected, make_batch(method, count=5), clock())
    assert output.loss.item() == pytest.approx(expected, rel=1e-9)
    total = output.terms["attraction"] + output.terms["repulsion"]
    assert total.item() == output.loss.item()
    assert output.terms["bound"].item() == pytest.approx(math.log(9) - expected, rel=1e-9)


def test_exchanging_the_views_changes_nothing():
    method = make("simclr")
    batch = make_batch(method, count=5)
    z = double()
    swapped = method.objective({"z_a": z["z_b"], "z_b": z["z_a"]}, batch, clock()).loss
    torch.testing.assert_close(swapped, method.objective(z, batch, clock()).loss)


def test_without_negatives_only_attraction_is_left_and_collapse_is_its_lowest_point():
    method = make("simclr", negatives=False, temperature=0.5)
    batch = make_batch(method, count=5)
    z = double()
    rows_a, rows_b = (unit(z[name].tolist()) for name in ("z_a", "z_b"))
    cosines = [dot(a, b) for a, b in zip(rows_a, rows_b, strict=True)]
    output = method.objective(z, batch, clock())
    assert output.loss.item() == pytest.approx(-sum(cosines) / 5 / 0.5, rel=1e-9)
    assert output.loss.item() == output.terms["attraction"].item()
    collapsed = {name: torch.ones(5, 6) for name in ("z_a", "z_b")}
    lowest = method.objective(collapsed, batch, clock()).loss.item()
    assert lowest == pytest.approx(next(iter(method.constants().values())))
    # With negatives the same embedding is worth nothing: it costs ln(2B - 1).
    honest = make("simclr", known=facts(batch_size=5))
    loss = honest.objective(collapsed, batch, clock()).loss.item()
    assert loss == pytest.approx(honest.constants()["ln(2B - 1)"], rel=1e-5)


@pytest.mark.parametrize("negatives", [True, False])
def test_views_that_are_told_apart_for_certain_reach_the_ceiling_of_the_bound(negatives):
    method = make("simclr", temperature=0.01, negatives=negatives, known=facts(batch_size=5))
    batch = make_batch(method, count=5)
    plan = method.default_views(method.config, method.facts)
    assert method.ceilings(plan) == {"bound": pytest.approx(math.log(9))}
    apart = {name: torch.eye(5, 6, dtype=torch.float64) for name in ("z_a", "z_b")}
    bound = method.objective(apart, batch, clock()).terms["bound"].item()
    assert bound == pytest.approx(math.log(9), abs=1e-9)
    assert method.objective(double(), batch, clock()).terms["bound"].item() < math.log(9)


def test_descending_tells_images_apart():
    method = make("simclr")
    batch = make_batch(method)
    optimiser = torch.optim.SGD(method.parameters(), 0.2)
    outputs = []
    for _ in range(25):
        outputs.append(method.training_step(batch, clock()))
        optimiser.zero_grad()
        outputs[-1].loss.backward()
        optimiser.step()
    assert outputs[-1].loss < outputs[0].loss - 0.5
    assert outputs[-1].terms["accuracy"] > outputs[0].terms["accuracy"]
    assert outputs[-1].terms["bound"] <= math.log(15)


@pytest.mark.parametrize("layers", [0, 1, 2, 3])
def test_the_head_has_as_many_layers_as_asked_for(layers):
    method = make("simclr", head_layers=layers)
    matrices = [one for one in method.head.parameters() if one.dim() == 2]
    assert len(matrices) == layers
    length = 16 if layers else method.online.dimensions
    assert method.embed(torch.rand(2, 3, 16, 16), "projection").shape == (2, length)


@pytest.mark.parametrize("final", [True, False])
def test_the_head_may_end_in_a_norm(final):
    method = make("simclr", final_norm=final)
    kinds = [type(one) for one in method.head]
    hidden = [nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Linear]
    assert kinds == ([*hidden, nn.BatchNorm1d] if final else hidden)
    assert not list(make("simclr", head_layers=0, final_norm=final).head)


@pytest.mark.parametrize(
    ("size", "area", "strengths"),
    [(32, 0.2, (0.4, 0.4, 0.4, 0.1)), (224, 0.08, (0.8, 0.8, 0.8, 0.2))],
)
def test_views_of_large_images_are_as_strong_as_on_imagenet(size, area, strengths):
    method = make("simclr")
    for view in method.default_views(method.config, facts(size=size)).views:
        (jitter,) = (step for step in view.steps if isinstance(step, ColourJitter))
        found = (jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue)
        assert found == pytest.approx(strengths)
    assert smallest_areas("simclr", size) == [area, area]


def test_the_similarity_matrix_is_view_a_by_view_b():
    method = make("simclr")
    batch = make_batch(method)
    output = method.training_step(batch, clock(snapshot=True))
    a, b = (unit(output.tensors[name].tolist()) for name in ("z_a", "z_b"))
    shown = output.diagnostics["similarity"]
    for i in range(8):
        for j in range(8):
            assert shown.values[i, j] == pytest.approx(dot(a[i], b[j]), abs=1e-5)
    assert shown.row_ids.tolist() == batch.index.tolist()
    assert output.diagnostics["cosines"].counts["same image"].sum() == 8
    assert output.diagnostics["cosines"].counts["other image"].sum() == 56


def test_energy_is_one_minus_cosine_of_the_views():
    method = make("simclr").eval()
    batch = make_batch(method)
    z = method.project(batch, clock())
    a, b = (unit(z[name].tolist()) for name in ("z_a", "z_b"))
    expected = [1 - dot(x, y) for x, y in zip(a, b, strict=True)]
    assert method.energy(batch).tolist() == pytest.approx(expected, abs=1e-5)


def test_a_batch_of_one_is_refused_with_a_remedy():
    method = make("simclr").eval()
    with pytest.raises(ValueError, match=r"raise schedule\.batch_size"):
        method.training_step(make_batch(method, count=1), clock())


def test_the_temperature_has_a_floor():
    with pytest.raises(ConfigError, match=r"temperature = 0.*must lie between 0\.01"):
        small_config("simclr", temperature=0)


def test_the_method_uses_the_public_loss():
    method = make("simclr", temperature=0.2)
    z = double()
    output = method.objective(z, make_batch(method, count=5), clock())
    torch.testing.assert_close(output.loss, nt_xent(z["z_a"], z["z_b"], 0.2))


def test_a_run_of_single_images_is_refused_before_it_starts():
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1: .*use at least 2"):
        make("simclr", known=facts(batch_size=1))
