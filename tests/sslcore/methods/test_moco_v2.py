"""MoCo v2: the loss of the paper behind a head of two layers."""

import math

import pytest
import torch
from torch import nn

from sslcore.config import ConfigError
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config


def unit(row):
    length = math.sqrt(sum(x * x for x in row))
    return [x / length for x in row]


def dot(a, b):
    return sum(x * y for x, y in zip(unit(a), unit(b), strict=True))


def test_the_loss_is_the_formula_over_own_key_and_queue():
    method = make("moco_v2", temperature=0.3)
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


def test_the_head_has_two_layers_without_norm():
    method = make("moco_v2")
    kinds = [type(one) for one in method.head]
    assert kinds == [nn.Linear, nn.ReLU, nn.Linear]
    assert [one.out_features for one in method.head if isinstance(one, nn.Linear)] == [32, 16]


def test_lengths_of_queries_and_keys_do_not_matter():
    method = make("moco_v2")
    batch = make_batch(method)
    q, k = torch.randn(2, 8, 16).unbind(0)
    loss = method.objective({"z_a": q, "z_b": k}, batch, clock()).loss
    longer = method.objective({"z_a": 7 * q, "z_b": k / 3}, batch, clock()).loss
    torch.testing.assert_close(longer, loss)


def test_a_momentum_above_one_is_refused():
    with pytest.raises(ConfigError, match=r"momentum = 1\.5"):
        small_config("moco_v2", momentum=1.5)


def test_descending_finds_the_own_key():
    method = make("moco_v2", queue_size=64, known=facts(batch_size=16))
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
