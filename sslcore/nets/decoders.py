"""Decoders: feature maps back to images."""

from __future__ import annotations

import math
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating

Activation = Literal["relu", "sigmoid"]
_ACTIVATIONS: dict[Activation, type[nn.Module]] = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}


class ConvDecoder(nn.Module):
    """Doubles the side of a feature map with a convolution each time, until it is an image.

    Enlarging by nearest neighbours before a convolution leaves no checkerboard, which transposed
    convolutions do (https://distill.pub/2016/deconv-checkerboard).

    Args:
        inputs: D, channels of the feature map.
        channels: C of the images to make.
        doublings: how often the side is doubled; 2 ** doublings * h should reach the image.
        width: channels behind the first convolution, halved at every doubling (at least 16).
        activation: between the layers, behind batch norm.

    Attributes:
        width: channels before the last convolution.

    Raises:
        ValueError: if a size is out of range or the activation is unknown.
    """

    def __init__(
        self,
        inputs: int,
        channels: int,
        doublings: int,
        width: int = 128,
        activation: Activation = "relu",
    ) -> None:
        super().__init__()
        if min(inputs, channels, width) < 1 or doublings < 0:
            raise ValueError(
                f"a decoder needs positive sizes, got inputs={inputs}, channels={channels}, "
                f"width={width}, doublings={doublings}"
            )
        if activation not in _ACTIVATIONS:
            raise ValueError(f"activation {activation!r} is none of {', '.join(_ACTIVATIONS)}")
        before = width
        parts: list[nn.Module] = [
            nn.Conv2d(inputs, width, 1, bias=False),
            nn.BatchNorm2d(width),
            _ACTIVATIONS[activation](),
        ]
        for _ in range(doublings):
            after = max(before // 2, 16)
            parts += [
                nn.Upsample(scale_factor=2, mode="nearest"),
                nn.Conv2d(before, after, 3, 1, 1, bias=False),
                nn.BatchNorm2d(after),
                _ACTIVATIONS[activation](),
            ]
            before = after
        self.width = before
        self.layers = nn.Sequential(*parts, nn.Conv2d(before, channels, 3, 1, 1))

    def forward(self, features: Tensor, size: tuple[int, int]) -> Tensor:
        """(B, D, h, w) -> (B, C, height, width) without any squashing.

        Args:
            features: the map.
            size: height and width wanted; bilinear where the doublings do not hit it.
        """
        return self.paint(self.hidden(features), size)

    def hidden(self, features: Tensor) -> Tensor:
        """(B, D, h, w) -> (B, :attr:`width`, h', w'): what the last convolution makes images of."""
        for layer in self.layers[:-1]:
            features = layer(features)
        return features

    def paint(self, hidden: Tensor, size: tuple[int, int]) -> Tensor:
        """(B, :attr:`width`, h', w') -> (B, C, height, width)."""
        images = self.layers[-1](hidden)
        if images.shape[-2:] != size:
            images = F.interpolate(images, size, mode="bilinear", align_corners=False)
        return images


def doublings(encoder: Encoder, image_size: int) -> int:
    """How often the side of the encoder's map must be doubled to reach ``image_size`` again."""
    with evaluating(encoder):  # a trial image must not enter the statistics of batch norm
        blank = encoder.mean.new_zeros(1, encoder.channels, image_size, image_size)
        side = encoder.feature_map(blank).shape[-1]
    return max(math.ceil(math.log2(image_size / side)), 0)
