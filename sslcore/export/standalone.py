"""Encoders as they are taken away: nothing but a network and its normalisation.

The classes here need only torch. :mod:`sslcore.export.formats.module` copies their source into the
file it writes, so they speak to a reader who knows nothing of the workbench. Names of weights are
those of :class:`sslcore.nets.encoder.Encoder`.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.colour_space import lab
from sslcore.nets import colour_encoder
from sslcore.nets import encoder as trained
from sslcore.nets.colour_encoder import COLOUR_SCALE, lightness


class Encoder(nn.Module):
    """Images to feature vectors; normalises by itself.

    Args:
        backbone: network whose ``features`` turns (B, C, H, W) into a map (B, D, h, w).
        channels: C of the images.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, backbone: nn.Module, channels: int) -> None:
        super().__init__()
        self.backbone: Any = backbone
        self.register_buffer("mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("std", torch.ones(1, channels, 1, 1))

    def feature_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1] -> (B, D, h, w)."""
        return self.backbone.features((images - self.mean) / self.std)

    def forward(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1] -> (B, D): the feature map averaged over positions."""
        return self.feature_map(images).mean((-2, -1))


class LightnessEncoder(Encoder):
    """Sees the lightness of an image in three equal channels, never its colours."""

    def feature_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1] -> (B, D, h, w)."""
        return super().feature_map(lightness(images))


class SplitEncoder(Encoder):
    """Two networks of one design: one sees lightness, the other colour; features side by side.

    Args:
        backbone: the network that sees lightness; a copy of it becomes the other.
        channels: C of the images.
    """

    def __init__(self, backbone: nn.Module, channels: int) -> None:
        super().__init__(backbone, channels)
        self.colour_backbone: Any = copy.deepcopy(backbone)

    def feature_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1] -> (B, D, h, w): lightness features, then colour."""
        seen = super().feature_map(lightness(images))
        colour = lab(images)[:, 1:].to(self.mean.dtype) / COLOUR_SCALE
        colour = F.pad(colour, (0, 0, 0, 0, 0, self.mean.shape[1] - 2))
        return torch.cat((seen, self.colour_backbone.features(colour)), 1)


_KINDS: tuple[tuple[type[trained.Encoder], type[Encoder]], ...] = (
    (colour_encoder.SplitEncoder, SplitEncoder),
    (colour_encoder.LightnessEncoder, LightnessEncoder),
    (trained.Encoder, Encoder),
)


def kind_of(encoder: trained.Encoder) -> type[Encoder]:
    """Which of the classes here computes what an encoder does.

    Raises:
        ValueError: if it is of a class of its own, as a plugin may bring.
    """
    for theirs, ours in _KINDS:
        if type(encoder) is theirs:
            return ours
    raise ValueError(
        f"{type(encoder).__name__}: an encoder with a forward pass of its own, which cannot be "
        "taken out of the workbench; use it through sslcore.load_encoder"
    )


def portable(encoder: trained.Encoder, backbone: nn.Module | None = None) -> Encoder:
    """The encoder as one of the classes here, with copies of its weights, in evaluation mode.

    Args:
        encoder: trained, on the CPU.
        backbone: another network of the same weights to put them into; its own unless given.

    Raises:
        ValueError: if it is of a class of its own.
    """
    network = copy.deepcopy(encoder.backbone) if backbone is None else backbone
    made = kind_of(encoder)(network, encoder.channels)
    made.load_state_dict(encoder.state_dict())
    return made.eval()
