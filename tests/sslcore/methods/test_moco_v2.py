"""MoCo v2: the loss of the paper behind a head of two layers."""

import pytest
from torch import nn

from sslcore.config import ConfigError
from tests.sslcore.methods.steps import make, small_config, smallest_areas


def test_the_head_has_two_layers_without_norm():
    method = make("moco_v2")
    kinds = [type(one) for one in method.head]
    assert kinds == [nn.Linear, nn.ReLU, nn.Linear]
    assert [one.out_features for one in method.head if isinstance(one, nn.Linear)] == [32, 16]


def test_a_momentum_above_one_is_refused():
    with pytest.raises(ConfigError, match=r"momentum = 1\.5"):
        small_config("moco_v2", momentum=1.5)


@pytest.mark.parametrize("size", [32, 224])
def test_crops_keep_a_fifth_at_any_size(size):
    assert smallest_areas("moco_v2", size) == [0.2, 0.2]
