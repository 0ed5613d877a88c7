"""Encoders that see colours as a pretext task does: lightness alone, or lightness and colour apart.

Both take the same images as any other encoder, so embedding and export need not know.
"""

from __future__ import annotations

import copy
from typing import Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.colour_space import lab
from sslcore.nets.encoder import Backbone, Encoder

COLOUR_SCALE = 25.0
"""What a and b are divided by before a network sees them: a common deviation in photographs."""


def lightness(images: Tensor) -> Tensor:
    """(B, C, H, W) colour images -> the same shape: L / 100 as equal red, green and blue.

    More than three channels (an alpha channel) are left as they are.
    """
    grey = lab(images)[:, :1].to(images.dtype) / 100.0
    return torch.cat((grey.expand(-1, 3, -1, -1), images[:, 3:]), 1)


def _normalise_alike(encoder: Encoder, other: Encoder) -> None:
    """Take over mean and deviation as tensors: on the meta device they have no numbers."""
    encoder.mean, encoder.std = other.mean.clone(), other.std.clone()


class LightnessEncoder(Encoder):
    """Sees the lightness of an image in three equal channels, never its colours."""

    @classmethod
    def of(cls, encoder: Encoder) -> Self:
        """The same network, seeing lightness."""
        made = cls(encoder.backbone, [0.0] * encoder.channels, [1.0] * encoder.channels)
        _normalise_alike(made, encoder)
        return made

    def _normalised(self, images: Tensor) -> Tensor:
        return super()._normalised(lightness(images))


class SplitEncoder(Encoder):
    """Two networks of one design: one sees lightness, the other colour; features side by side.

    Args:
        encoder: its backbone becomes the half that sees lightness; a copy of it the other.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder.backbone, [0.0] * encoder.channels, [1.0] * encoder.channels)
        _normalise_alike(self, encoder)
        self.colour_backbone: nn.Module = copy.deepcopy(encoder.backbone)

    @property
    def dimensions(self) -> int:
        """Length of both halves' features together."""
        return 2 * super().dimensions

    @property
    def works_on_patches(self) -> bool:
        """Never: the patches of two networks are not those of one."""
        return False

    def lightness_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) in [0, 1] -> (B, D / 2, h, w) of the half that sees L."""
        return cast("Backbone", self.backbone).features(self._normalised(lightness(images)))

    def colour_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) in [0, 1] -> (B, D / 2, h, w) of the half that sees a and b."""
        ab = lab(images)[:, 1:].to(self.mean.dtype) / COLOUR_SCALE
        shown = F.pad(ab, (0, 0, 0, 0, 0, self.channels - 2))  # unused channels stay zero
        return cast("Backbone", self.colour_backbone).features(shown)

    def feature_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) in [0, 1] -> (B, D, h, w): lightness features, then colour features."""
        return torch.cat((self.lightness_map(images), self.colour_map(images)), 1)
