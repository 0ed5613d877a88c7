"""The encoder: a backbone together with its input normalisation, the thing worth keeping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

import torch
from torch import Tensor, nn


class Backbone(Protocol):
    """What an encoder asks of a backbone: ``features`` (B, C, H, W) -> map (B, D, h, w)."""

    dimensions: int

    def features(self, images: Tensor) -> Tensor:
        """The last feature map before pooling, (B, D, h, w)."""
        ...


class Encoder(nn.Module):
    """Images in [0, 1] to feature vectors; normalises by itself, so nobody does it twice.

    Training, embedding and export share this module.

    Args:
        backbone: a module with ``dimensions`` and ``features``, see :class:`Backbone`.
        mean: per-channel mean of the images, C numbers in [0, 1].
        std: per-channel standard deviation, C positive numbers.

    Raises:
        ValueError: if mean and std differ in length or a deviation is not positive.
    """

    mean: Tensor
    std: Tensor
    image_size: int | None = None
    """Side in pixels it was trained at, where that is known."""

    def __init__(self, backbone: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        if len(mean) != len(std) or min(std, default=0.0) <= 0:
            raise ValueError(f"need one positive deviation per channel, got {mean} and {std}")
        self.backbone = backbone
        self.register_buffer("mean", torch.tensor(list(mean)).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(list(std)).view(1, -1, 1, 1))

    @property
    def dimensions(self) -> int:
        """D, length of a feature vector."""
        return cast("Backbone", self.backbone).dimensions

    @property
    def channels(self) -> int:
        """C, channels an image must have."""
        return self.mean.shape[1]

    def feature_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1] -> (B, D, h, w)."""
        if images.shape[1] != self.channels:
            raise ValueError(
                f"this encoder was made for {self.channels} channels, the images have "
                f"{images.shape[1]}"
            )
        return cast("Backbone", self.backbone).features((images - self.mean) / self.std)

    def forward(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1] -> (B, D): the feature map averaged over positions."""
        return self.feature_map(images).mean((-2, -1))
