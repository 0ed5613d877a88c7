"""Networks without batch norm: same names, no image tells of another."""

import pytest
import torch
from torch import nn

from sslcore.nets import backbones
from sslcore.nets.group_norm import group_norm, without_batch_norm


@pytest.mark.parametrize("name", ["resnet_small", "convnet", "resnet18"])
def test_names_of_weights_stay_and_running_statistics_go(name):
    network = backbones.build(name, 3, 32, width=16)
    before = {key for key, _ in network.named_parameters()}
    shapes = {key: one.shape for key, one in network.named_parameters()}
    assert without_batch_norm(network) is network
    assert {key for key, _ in network.named_parameters()} == before
    assert {key: one.shape for key, one in network.named_parameters()} == shapes
    assert not list(network.buffers())
    assert not any(isinstance(part, nn.BatchNorm2d) for part in network.modules())


def test_an_image_gives_the_same_whatever_is_beside_it():
    network = backbones.build("resnet_small", 3, 16, width=8)
    images = torch.rand(6, 3, 16, 16)
    mixed = network.features(images)[0] - network.features(torch.cat([images[:1], images[:1]]))[0]
    assert mixed.abs().max() > 1e-3
    without_batch_norm(network)
    alone = network.features(images[:1])[0]
    torch.testing.assert_close(network.features(images)[0], alone)


@pytest.mark.parametrize(
    ("channels", "groups"), [(1, 1), (8, 1), (16, 1), (32, 2), (40, 2), (50, 1), (512, 32)]
)
def test_about_sixteen_channels_share_a_group(channels, groups):
    assert group_norm(channels).num_groups == groups
    result = group_norm(channels)(torch.rand(2, channels, 4, 4))
    assert result.unflatten(1, (groups, -1)).flatten(2).mean(-1).abs().max() < 1e-5


def test_a_lone_norm_is_replaced_and_a_network_without_any_is_left_alone():
    assert isinstance(without_batch_norm(nn.BatchNorm2d(4)), nn.GroupNorm)
    plain = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2), nn.BatchNorm1d(2))
    kinds = [type(part) for part in plain]
    assert [type(part) for part in without_batch_norm(plain)] == kinds
