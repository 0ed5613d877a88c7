"""The adversary: its scores, and judging without learning."""

import math

import pytest
import torch

from sslcore.nets.discriminator import Discriminator, judged, real_or_not


def network(size=16):
    torch.manual_seed(0)
    return Discriminator(3, size, 8)


def contents(module):
    return {name: one.clone() for name, one in module.state_dict().items()}


@pytest.mark.parametrize("size", [4, 8, 16, 32, 96])
def test_one_score_a_picture_whatever_the_size(size):
    assert network(size)(torch.rand(5, 3, size, size)).shape == (5,)
    assert network(size)(torch.rand(5, 3, 20, 12)).isfinite().all()


def test_being_judged_gives_images_a_gradient_and_the_judge_none():
    judge = network()
    images = torch.rand(4, 3, 16, 16, requires_grad=True)
    before = contents(judge)
    judged(judge, images).sum().backward()
    assert images.grad.abs().max() > 0
    assert all(one.grad is None for one in judge.parameters())
    assert all(torch.equal(one, before[name]) for name, one in judge.state_dict().items())
    assert all(one.requires_grad for one in judge.parameters())


@pytest.mark.parametrize("training", [True, False])
def test_a_judgement_is_what_the_network_says(training):
    judge = network().train(training)
    images = torch.rand(4, 3, 16, 16)
    said = judged(judge, images)
    torch.testing.assert_close(said, judge(images))


def test_the_loss_is_minus_the_log_of_the_right_answer():
    scores = torch.tensor([-2.0, 0.5, 3.0], dtype=torch.float64)
    chances = [1 / (1 + math.exp(-one)) for one in scores.tolist()]
    real = -sum(math.log(one) for one in chances) / 3
    fake = -sum(math.log(1 - one) for one in chances) / 3
    assert real_or_not(scores, True).item() == pytest.approx(real, rel=1e-9)
    assert real_or_not(scores, False).item() == pytest.approx(fake, rel=1e-9)
    assert real_or_not(torch.zeros(2), True).item() == pytest.approx(math.log(2))
    wild = real_or_not(torch.tensor([1e4, -1e4]).half(), False)
    assert wild.isfinite()
    assert wild.dtype == torch.float32


def test_it_learns_to_tell_two_kinds_apart():
    judge = network()
    optimiser = torch.optim.Adam(judge.parameters(), 1e-2)
    bright, dark = torch.rand(8, 3, 16, 16) * 0.5 + 0.5, torch.rand(8, 3, 16, 16) * 0.5
    for _ in range(15):
        loss = real_or_not(judge(bright), True) + real_or_not(judge(dark), False)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert judge.eval()(bright).min() > judge(dark).max()
