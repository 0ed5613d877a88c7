"""MoCo v1: the loss of the paper behind a linear head."""

import math

import pytest
import torch
from torch import nn

from sslcore.augment.photometric import GaussianBlur
from sslcore.config import ConfigError
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config


def unit(row):
    length = math.sqrt(sum(x * x for x in row))
    return [x / length for x in row]


def dot(a, b):
    return sum(x * y for x, y in zip(unit(a), unit(b), strict=True))


def test_the_loss_is_the_formula_over_own_key_and_queue():
    method = make("moco_v1", temperature=0.3)
    torch.manual_seed(3)
    q = torch.randn(5, 16, dtype=torch.float64)
    k = q + 0.3 * torch.randn_like(q)
    method.queue.rows = method.queue.rows.double()
    expected = 0.0
    for query, key in zip(q.tolist(), k.tolist(), strict=True):
        positive = math.exp(dot(query, key) / 0.3)
        negatives = [math.exp(dot(query, row) / 0.3) for row in method.queue.rows.tolist()]
        expected -= math.log(positive / (positive + sum(negatives))) / 5
    batch = make_batch(method, count=5)
    output = method.objective({"z_a": q, "z_b": k}, batch, clock())
    assert output.loss.item() == pytest.approx(expected, rel=1e-9)
    assert output.terms["bound"].item() == pytest.approx(math.log(25) - expected, rel=1e-9)
    assert torch.equal(output.tensors["keys"], k)


def test_the_head_is_linear():
    method = make("moco_v1")
    h = method.embed(torch.rand(5, 3, 16, 16))
    a, b = h[:2], h[2:4]
    zero = method.head(torch.zeros_like(a))
    torch.testing.assert_close(
        method.head(a + 2 * b) - zero, method.head(a) - zero + 2 * (method.head(b) - zero)
    )
    assert sum(isinstance(one, nn.Linear) for one in method.head.modules()) == 1


def test_lengths_of_queries_and_keys_do_not_matter():
    method = make("moco_v1")
    batch = make_batch(method)
    q, k = torch.randn(2, 8, 16).unbind(0)
    loss = method.objective({"z_a": q, "z_b": k}, batch, clock()).loss
    longer = method.objective({"z_a": 7 * q, "z_b": k / 3}, batch, clock()).loss
    torch.testing.assert_close(longer, loss)


@pytest.mark.parametrize("size", [32, 224])
def test_views_are_never_blurred(size):
    method = make("moco_v1")
    plan = method.default_views(method.config, facts(size=size))
    for view in plan.views:
        assert not any(isinstance(step, GaussianBlur) for _, step in view.active)


def test_constants_are_the_loss_of_a_queue_that_says_nothing():
    method = make("moco_v1")
    same = torch.ones(8, 16)
    method.queue.rows = torch.ones(24, 16)
    loss = method.objective({"z_a": same, "z_b": same}, make_batch(method), clock()).loss.item()
    assert loss == pytest.approx(method.constants()["ln(K + 1)"], rel=1e-5)


def test_an_empty_queue_is_refused():
    with pytest.raises(ConfigError, match=r"queue_size = 0: must lie between 1"):
        small_config("moco_v1", queue_size=0)


def test_descending_finds_the_own_key():
    method = make("moco_v1", queue_size=64, known=facts(batch_size=16))
    optimiser = torch.optim.SGD(method.parameters(), 0.1, momentum=0.9)
    # Real keys must have replaced the random rows before losses can be compared.
    losses = []
    for step in range(40):
        batch = make_batch(method, seed=step % 4, count=16)
        output = method.training_step(batch, clock(step))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        method.after_step(output.tensors, clock(step))
        losses.append(output.loss.item())
    assert min(losses[-4:]) < max(losses[4:10])
    assert output.terms["accuracy"] > 0
