"""The plain ResNets are torchvision's, weight for weight."""

import pytest
import torch

from sslcore.export.resnet import BasicBlock, Bottleneck, ResNet
from sslcore.nets.backbones import build


@pytest.mark.parametrize(
    ("name", "block", "depths"),
    [
        ("resnet18", BasicBlock, (2, 2, 2, 2)),
        ("resnet34", BasicBlock, (3, 4, 6, 3)),
        ("resnet50", Bottleneck, (3, 4, 6, 3)),
    ],
)
@pytest.mark.parametrize(("size", "channels"), [(32, 1), (96, 3)])
def test_they_compute_the_same(name, block, depths, size: int, channels: int) -> None:
    torch.manual_seed(0)
    theirs = build(name, channels, size).eval()
    ours = ResNet(block, depths, channels, small=size < 96).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    assert ours.dimensions == theirs.dimensions
    images = torch.rand(2, channels, size, size)
    with torch.no_grad():
        assert torch.equal(ours.features(images), theirs.features(images))
