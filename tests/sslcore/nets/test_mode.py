"""Looking leaves no trace: modes come back, also after an error."""

import pytest
import torch
from torch import nn

from sslcore.nets.mode import evaluating


def network():
    made = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    made[0].eval()  # a part that was frozen on purpose
    return made


def test_inside_there_is_no_gradient_and_no_training():
    one = network()
    with evaluating(one):
        assert not any(part.training for part in one.modules())
        assert not one(torch.randn(4, 2)).requires_grad
    assert torch.equal(one[1].running_mean, torch.zeros(2))


def test_every_part_is_back_in_its_own_mode():
    one = network()
    with evaluating(one):
        pass
    assert [part.training for part in one.modules()] == [True, False, True]


def test_modes_come_back_after_an_error():
    one = network()
    with pytest.raises(RuntimeError, match="on purpose"), evaluating(one):
        raise RuntimeError("on purpose")
    assert [part.training for part in one.modules()] == [True, False, True]
