"""MoCo v1: the loss of the paper behind a linear head."""

import pytest
import torch
from torch import nn

from sslcore.augment.photometric import GaussianBlur
from sslcore.config import ConfigError
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config


def test_the_head_is_linear():
    method = make("moco_v1")
    h = method.embed(torch.rand(5, 3, 16, 16))
    a, b = h[:2], h[2:4]
    zero = method.head(torch.zeros_like(a))
    torch.testing.assert_close(
        method.head(a + 2 * b) - zero, method.head(a) - zero + 2 * (method.head(b) - zero)
    )
    assert sum(isinstance(one, nn.Linear) for one in method.head.modules()) == 1


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
