"""Channels last where the device bears them, and nowhere else."""

import pytest
import torch
from torch import nn

from sslcore.nets.memory_format import channels_last


def network(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, 8, 3), nn.Conv2d(8, 4, 1))


@pytest.mark.parametrize(("kind", "last"), [("cpu", True), ("cuda", True), ("mps", False)])
def test_devices_differ(kind: str, last: bool) -> None:
    made = network(3)
    images = torch.rand(2, 3, 8, 8)
    before = made(images)
    channels_last(made, kind)
    assert made[0].weight.is_contiguous(memory_format=torch.channels_last) == last
    torch.testing.assert_close(made(images), before)


@pytest.mark.parametrize(("channels", "last"), [(8, False), (16, True)])
def test_a_strided_one_by_one_convolution_of_few_channels_is_left_alone_on_the_cpu(
    channels: int, last: bool
) -> None:
    made = nn.Sequential(nn.Conv2d(3, channels, 3), nn.Conv2d(channels, 32, 1, stride=2))
    channels_last(made, "cpu")
    assert made[0].weight.is_contiguous(memory_format=torch.channels_last) == last
