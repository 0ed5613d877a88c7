"""Backbones: networks that turn normalised images into feature maps.

Weights come from torch's global generator, which the caller seeds. Every network here has
``dimensions`` and ``features(images) -> (B, D, h, w)``, as ``sslcore.nets.encoder`` asks.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from sslcore.config import ConfigError
from sslcore.nets import timm_network, vit

SMALL_IMAGE = 96
"""Below this side (pixels) the ImageNet stem, which shrinks images fourfold, is replaced."""


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut (He et al. 2015, https://arxiv.org/abs/1512.03385)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut = (
            nn.Identity()
            if stride == 1 and inputs == outputs
            else nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )
        )

    def forward(self, images: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, outputs, h / stride, w / stride)."""
        inner = F.relu(self.first_norm(self.first(images)))
        return F.relu(self.second_norm(self.second(inner)) + self.shortcut(images))


class SmallResNet(nn.Module):
    """A residual network for small images and small computers: about 300,000 weights at width 32.

    The stem looks at every pixel; every block then halves the side, so most of the arithmetic
    happens on quarter-size maps. That is what two CPU cores can train on.

    Args:
        channels: of the images.
        width: W, channels of the first block; the last has 4 W.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.dimensions = 4 * width
        self.stem = nn.Conv2d(channels, width, 3, 1, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(width)
        self.blocks = nn.Sequential(
            ResidualBlock(width, width, 2),
            ResidualBlock(width, 2 * width, 2),
            ResidualBlock(2 * width, 4 * width, 2),
        )

    def features(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 4 W, H / 8, W / 8), sides rounded up."""
        return self.blocks(F.relu(self.stem_norm(self.stem(images))))


class ConvNet(nn.Module):
    """Four plain convolutions with batch norm, each halving the side: the fastest of all.

    Args:
        channels: of the images.
        width: W, channels of the first layer; the last has 4 W.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.dimensions = 4 * width
        sizes = (channels, width, 2 * width, 4 * width, 4 * width)
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(sizes):
            layers += [
                nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            ]
        self.layers = nn.Sequential(*layers)

    def features(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 4 W, H / 16, W / 16), sides rounded up."""
        return self.layers(images)


class StandardResNet(ResNet):
    """torchvision's ResNet without its classifier; weights keep torchvision's names.

    Below :data:`SMALL_IMAGE` pixels the first convolution is 3x3 with stride 1 and there is no
    max pooling, as is usual for CIFAR (SimCLR, appendix B.9). So ``conv1.weight`` has its
    torchvision shape only from 96 px on and with three channels.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        layers: list[int],
        channels: int,
        image_size: int,
    ) -> None:
        super().__init__(block, layers)
        self.dimensions = 512 * block.expansion
        self.fc = nn.Identity()  # no classifier: an encoder ends in features
        if image_size < SMALL_IMAGE:
            self.conv1 = nn.Conv2d(channels, 64, 3, 1, 1, bias=False)
            self.maxpool = nn.Identity()
        elif channels != 3:
            self.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
        nn.init.kaiming_normal_(self.conv1.weight, mode="fan_out", nonlinearity="relu")

    def features(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D, h, w), h = H / 32, or H / 8 with the stem for small images."""
        images = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        return self.layer4(self.layer3(self.layer2(self.layer1(images))))


_BUILDERS: dict[str, tuple[str, Callable[[int, int, int], nn.Module]]] = {
    "resnet_small": (
        "Three residual blocks, 300,000 weights at width 32: trains on a laptop without a GPU.",
        lambda channels, _, width: SmallResNet(channels, width),
    ),
    "convnet": (
        "Four plain convolutions, 240,000 weights at width 32: the fastest, for first trials.",
        lambda channels, _, width: ConvNet(channels, width),
    ),
    "resnet18": (
        "ResNet-18, 11 million weights, the usual yardstick; wants a GPU. Width has no effect.",
        lambda channels, size, _: StandardResNet(BasicBlock, [2, 2, 2, 2], channels, size),
    ),
    "resnet34": (
        "ResNet-34, 21 million weights: ResNet-18 with twice the blocks; wants a GPU. Width has no "
        "effect.",
        lambda channels, size, _: StandardResNet(BasicBlock, [3, 4, 6, 3], channels, size),
    ),
    "resnet50": (
        "ResNet-50, 23 million weights, the network of most papers; wants several GPUs. Width has "
        "no effect.",
        lambda channels, size, _: StandardResNet(Bottleneck, [3, 4, 6, 3], channels, size),
    ),
}

NAMES: dict[str, str] = {**{name: text for name, (text, _) in _BUILDERS.items()}, **vit.NAMES}
"""Every backbone of our own with a line about it; ``timm:NAME`` is one of timm's."""


def build(name: str, channels: int, image_size: int, width: int = 32) -> nn.Module:
    """Make a backbone with fresh weights.

    Args:
        name: one of :data:`NAMES`, or ``timm:NAME`` (see ``sslcore.nets.timm_network``).
        channels: C of the images (1, 3, 4 or any other number).
        image_size: side of a training image in pixels; picks the stem of the large networks.
        width: channels of the first stage, for networks whose width is free.

    Returns:
        A module with ``dimensions`` and ``features``.

    Raises:
        ConfigError: if there is no such backbone, timm is needed and not installed, or a number
            is not positive.
    """
    borrowed = name.startswith(timm_network.PREFIX)
    if name not in NAMES and not borrowed:
        raise ConfigError(
            f"backbone.name = {name!r}: no such backbone; there are: {', '.join(NAMES)}, and "
            f"{timm_network.PREFIX}NAME for those of timm"
        )
    for what, value in (("channels", channels), ("image_size", image_size), ("width", width)):
        if value < 1:
            raise ConfigError(f"backbone {name!r}: {what} = {value} must be at least 1")
    if borrowed:
        return timm_network.build(name, channels, image_size)
    if name in vit.NAMES:
        return vit.build(name, channels, image_size, width)
    return _BUILDERS[name][1](channels, image_size, width)
