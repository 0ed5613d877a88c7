"""Momentum copies move towards the online network, by the right amount."""

import pytest
import torch
from torch import nn

from sslcore.nets import ema


def two_networks():
    torch.manual_seed(0)
    online = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    target = ema.follower(online)
    with torch.no_grad():
        for one in online.parameters():
            one.copy_(torch.randn_like(one))
    return target, online


def test_target_is_m_times_itself_plus_the_rest_of_online():
    target, online = two_networks()
    before = [one.detach().double().clone() for one in target.parameters()]
    ema.update(target, online, 0.9)
    for old, new, followed in zip(before, target.parameters(), online.parameters(), strict=True):
        torch.testing.assert_close(new.double(), 0.9 * old + 0.1 * followed.double())


def test_the_online_network_stays_where_it_is():
    target, online = two_networks()
    before = [one.detach().clone() for one in online.parameters()]
    ema.update(target, online, 0.5)
    assert all(torch.equal(a, b) for a, b in zip(before, online.parameters(), strict=True))


@pytest.mark.parametrize(("momentum", "moves"), [(1.0, False), (0.0, True)])
def test_one_stands_still_and_zero_copies(momentum, moves):
    target, online = two_networks()
    before = [one.detach().clone() for one in target.parameters()]
    ema.update(target, online, momentum)
    expected = list(online.parameters()) if moves else before
    assert all(torch.equal(a, b) for a, b in zip(target.parameters(), expected, strict=True))


def test_buffers_stay_the_targets_own():
    target, online = two_networks()
    online(torch.randn(8, 3))
    ema.update(target, online, 0.0)
    assert torch.equal(target[1].running_mean, torch.zeros(4))
    assert int(online[1].num_batches_tracked) == 1


def test_a_follower_takes_no_gradient_and_shares_nothing():
    online = nn.Linear(3, 2)
    target = ema.follower(online)
    assert not any(one.requires_grad for one in target.parameters())
    assert online.weight.requires_grad
    assert torch.equal(target.weight, online.weight)
    assert target.weight.data_ptr() != online.weight.data_ptr()


def test_drift_is_one_minus_cosine_per_matrix():
    online = nn.Linear(2, 1)
    target = ema.follower(online)
    with torch.no_grad():
        online.weight.copy_(torch.tensor([[1.0, 0.0]]))
        target.weight.copy_(torch.tensor([[3.0, 4.0]]))
    assert ema.drift(target, online) == pytest.approx({"weight": 1 - 0.6})
    assert ema.drift(online, online)["weight"] == pytest.approx(0.0, abs=1e-12)


def test_rising_momentum_is_half_a_cosine_to_one():
    assert ema.rising(0.99, 0.0) == pytest.approx(0.99)
    assert ema.rising(0.99, 0.5) == pytest.approx(0.995)
    assert ema.rising(0.99, 1.0) == 1.0
    values = [ema.rising(0.9, step / 20) for step in range(21)]
    assert values == sorted(values)
    assert ema.rising(1.0, 0.3) == 1.0


@pytest.mark.parametrize("momentum", [-0.1, 1.1, float("nan")])
def test_momentum_must_lie_between_zero_and_one(momentum):
    target, online = two_networks()
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        ema.update(target, online, momentum)


def test_networks_that_differ_are_refused_by_name():
    with pytest.raises(ValueError, match="differ in: weight"):
        ema.update(nn.Linear(3, 2, bias=False), nn.Linear(4, 2, bias=False), 0.5)
