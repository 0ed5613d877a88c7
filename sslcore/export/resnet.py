"""ResNets in plain torch, weight for weight those of torchvision.

He et al. 2015, https://arxiv.org/abs/1512.03385; the stride of a bottleneck sits in its 3 x 3
convolution.

For :mod:`sslcore.export.formats.module`, whose files need only torch.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions around a shortcut."""

    expansion = 1

    def __init__(self, inputs: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = shortcut(inputs, planes, stride)

    def forward(self, images: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, planes, h / stride, w / stride)."""
        inner = F.relu(self.bn1(self.conv1(images)))
        beside = images if self.downsample is None else self.downsample(images)
        return F.relu(self.bn2(self.conv2(inner)) + beside)


class Bottleneck(nn.Module):
    """A 3 x 3 convolution between two 1 x 1 ones, around a shortcut."""

    expansion = 4

    def __init__(self, inputs: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, 4 * planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        self.downsample = shortcut(inputs, 4 * planes, stride)

    def forward(self, images: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, 4 planes, h / stride, w / stride)."""
        inner = F.relu(self.bn1(self.conv1(images)))
        inner = F.relu(self.bn2(self.conv2(inner)))
        beside = images if self.downsample is None else self.downsample(images)
        return F.relu(self.bn3(self.conv3(inner)) + beside)


def shortcut(inputs: int, outputs: int, stride: int) -> nn.Module | None:
    """What runs beside a block: nothing where its input can be added as it is."""
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


def stage(
    block: type[BasicBlock] | type[Bottleneck], inputs: int, planes: int, depth: int, stride: int
) -> nn.Sequential:
    """Blocks of one size; the first of them may halve the side."""
    first = block(inputs, planes, stride)
    others = [block(planes * block.expansion, planes, 1) for _ in range(depth - 1)]
    return nn.Sequential(first, *others)


class ResNet(nn.Module):
    """A ResNet without a classifier.

    Args:
        block: :class:`BasicBlock` or :class:`Bottleneck`.
        depths: blocks of each of the four stages: 2, 2, 2, 2 for ResNet-18.
        channels: of the images.
        small: whether the first convolution is 3 x 3 without pooling, as for small images.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        depths: tuple[int, int, int, int],
        channels: int,
        small: bool,
    ) -> None:
        super().__init__()
        shape = (3, 1, 1) if small else (7, 2, 3)
        self.conv1 = nn.Conv2d(channels, 64, *shape, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        wide = block.expansion
        self.layer1 = stage(block, 64, 64, depths[0], 1)
        self.layer2 = stage(block, 64 * wide, 128, depths[1], 2)
        self.layer3 = stage(block, 128 * wide, 256, depths[2], 2)
        self.layer4 = stage(block, 256 * wide, 512, depths[3], 2)
        self.dimensions = 512 * wide

    def features(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D, h, w)."""
        images = self.maxpool(F.relu(self.bn1(self.conv1(images))))
        return self.layer4(self.layer3(self.layer2(self.layer1(images))))
