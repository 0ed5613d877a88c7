"""A predictor and a target that follows, as BYOL and MoCo v3 use them."""

import math

import pytest
import torch
from torch import nn

from sslcore.config import ConfigError
from sslcore.method import Clock
from tests.sslcore.methods.steps import clock, facts, make, make_batch, train

both = pytest.mark.parametrize("key", ["byol", "moco_v3"])


def sides(method):
    return (method.target_encoder, method.online), (method.target_head, method.head)


@both
def test_each_network_sees_each_view(key):
    method = make(key).eval()
    batch = make_batch(method)
    projected = method.project(batch, clock())
    for side in ("a", "b"):
        images = batch.views[f"view_{side}"][:, 0]
        z = method.head(method.online(images))
        torch.testing.assert_close(projected[f"z_{side}"], z)
        torch.testing.assert_close(projected[f"p_{side}"], method.predictor(z))
        t = method.target_head(method.target_encoder(images))
        torch.testing.assert_close(projected[f"t_{side}"], t)


@both
def test_the_predictor_has_batch_norm_and_no_copy(key):
    method = make(key, predictor_hidden=24)
    kinds = [type(one) for one in method.predictor]
    assert kinds == [nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Linear]
    assert [len(one) for one in method.predictor.parameters()] == [24, 24, 24, 16, 16]
    sizes = [sum(p.numel() for p in one.parameters()) for one in (method.target_head, method.head)]
    assert sizes[0] == sizes[1]


@both
def test_the_target_takes_no_gradient(key):
    method = make(key)
    output = method.training_step(make_batch(method), clock())
    output.loss.backward()
    for target, _ in sides(method):
        assert all(one.grad is None for one in target.parameters())
    trained = {id(one) for group in method.parameter_groups() for one in group.parameters}
    followers = {id(one) for target, _ in sides(method) for one in target.parameters()}
    assert not trained & followers


@both
@pytest.mark.parametrize("done", [0, 5, 10])
def test_the_target_follows_ever_more_slowly_on_a_cosine(key, done):
    method = make(key, momentum=0.9)
    train(method, torch.optim.SGD(method.parameters(), 0.1), [0])
    momentum = 1 - 0.1 * (math.cos(math.pi * done / 10) + 1) / 2
    before = [[one.clone() for one in target.parameters()] for target, _ in sides(method)]
    output = method.training_step(make_batch(method, seed=1), clock(1))
    for old, (target, _) in zip(before, sides(method), strict=True):
        assert all(map(torch.equal, old, target.parameters()))  # a step alone moves nothing
    method.after_step(output.tensors, Clock(done, 10, 0.0, False, torch.Generator()))
    for old, (target, online) in zip(before, sides(method), strict=True):
        for start, now, followed in zip(old, target.parameters(), online.parameters(), strict=True):
            torch.testing.assert_close(now, momentum * start + (1 - momentum) * followed.detach())


@both
@pytest.mark.parametrize("done", [0, 5, 9])
def test_without_a_slow_target_it_copies_the_online_network_to_the_end(key, done):
    method = make(key, momentum=0.0)
    train(method, torch.optim.SGD(method.parameters(), 0.1), [0])
    output = method.training_step(make_batch(method, seed=1), clock(1))
    with torch.no_grad():
        for one in method.parameters():
            one.add_(0.1 if one.requires_grad else 0.0)  # what an optimiser would have done
    method.after_step(output.tensors, Clock(done, 10, 0.0, False, torch.Generator()))
    for target, online in sides(method):
        for followed, now in zip(online.parameters(), target.parameters(), strict=True):
            torch.testing.assert_close(now, followed.detach())


@both
def test_energy_is_one_minus_the_cosine_of_prediction_and_target(key):
    method = make(key).eval()
    batch = make_batch(method)
    projected = method.project(batch, clock())
    for one, p, t in zip(
        method.energy(batch).tolist(),
        projected["p_a"].tolist(),
        projected["t_b"].tolist(),
        strict=True,
    ):
        dot = sum(x * y for x, y in zip(p, t, strict=True))
        lengths = math.sqrt(sum(x * x for x in p) * sum(y * y for y in t))
        assert one == pytest.approx(1 - dot / lengths, abs=1e-5)


@both
def test_drift_is_zero_at_first_and_grows_with_training(key):
    method = make(key, momentum=1.0)
    assert method.drift().values == pytest.approx(0.0, abs=1e-6)
    train(method, torch.optim.SGD(method.parameters(), 0.5), range(2))
    assert method.drift().values.max() > 1e-4
    assert any(label.startswith("head.") for label in method.drift().labels)


@both
def test_a_run_of_single_images_is_refused_before_it_starts(key):
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1: .*use at least 2"):
        make(key, known=facts(batch_size=1))


@both
@pytest.mark.parametrize("momentum", [-0.1, 1.1])
def test_a_momentum_out_of_range_is_refused(key, momentum):
    with pytest.raises(ConfigError, match=r"momentum = "):
        make(key, momentum=momentum)
