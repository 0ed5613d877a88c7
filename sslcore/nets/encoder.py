"""The encoder: a backbone together with its input normalisation, the thing worth keeping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from sslcore.config import ConfigError
from sslcore.nets import vit


class Backbone(Protocol):
    """What an encoder asks of a backbone: ``features`` (B, C, H, W) -> map (B, D, h, w)."""

    dimensions: int

    def features(self, images: Tensor) -> Tensor:
        """The last feature map before pooling, (B, D, h, w)."""
        ...


class PatchBackbone(Backbone, Protocol):
    """What a backbone that works on patches has besides (Vision Transformers)."""

    patch: int

    def grid(self, size: tuple[int, int]) -> tuple[int, int]:
        """Patches down and across for images of ``size`` (height, width)."""
        ...

    def tokens(self, images: Tensor, keep: Tensor | None = None) -> Tensor:
        """What it makes of each patch, (B, N, D), or of those kept, (B, K, D)."""
        ...

    def attention(self, images: Tensor) -> Tensor:
        """(B, heads, N, N): what patch i takes from patch j in the last block."""
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
    listener: Callable[[Tensor, Tensor], None] | None = None
    """Told of images and what :meth:`feature_map` made of them; must change neither."""

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

    @property
    def works_on_patches(self) -> bool:
        """Whether :meth:`tokens` and :meth:`attention` can be asked for."""
        return hasattr(self.backbone, "tokens")

    @property
    def patch(self) -> int:
        """Side of a patch in pixels (ConfigError if the backbone does not work on patches)."""
        return self._on_patches().patch

    def grid(self, images: Tensor) -> tuple[int, int]:
        """Patches down and across (ConfigError if the backbone does not work on patches)."""
        return self._on_patches().grid((images.shape[-2], images.shape[-1]))

    def feature_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1] -> (B, D, h, w)."""
        found = cast("Backbone", self.backbone).features(self._normalised(images))
        if self.listener is not None:
            self.listener(images, found)
        return found

    def tokens(self, images: Tensor, keep: Tensor | None = None) -> Tensor:
        """What the network makes of each patch.

        Args:
            images: (B, C, H, W) float in [0, 1].
            keep: (B, K) int64 numbers of patches in reading order; only these are looked at, the
                others are not even seen by them. None for all.

        Returns:
            (B, N, D), or (B, K, D) in the order of ``keep``.

        Raises:
            ConfigError: if the backbone does not work on patches.
        """
        return self._on_patches().tokens(self._normalised(images), keep)

    def attention(self, images: Tensor) -> Tensor:
        """Where the network looks: what the mean takes from each patch in the last block.

        Args:
            images: (B, C, H, W) float in [0, 1].

        Returns:
            (B, heads, h, w); the patches of a head sum to 1.

        Raises:
            ConfigError: if the backbone does not work on patches.
        """
        weights = self._on_patches().attention(self._normalised(images)).mean(2)
        return weights.unflatten(2, self.grid(images))

    def forward(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1] -> (B, D): the feature map averaged over positions."""
        return self.feature_map(images).mean((-2, -1))

    def _normalised(self, images: Tensor) -> Tensor:
        if images.shape[1] != self.channels:
            raise ValueError(
                f"this encoder was made for {self.channels} channels, the images have "
                f"{images.shape[1]}"
            )
        return (images - self.mean) / self.std

    def _on_patches(self) -> PatchBackbone:
        if not self.works_on_patches:
            raise ConfigError(f"patches are wanted; set backbone.name to {' or '.join(vit.NAMES)}")
        return cast("PatchBackbone", self.backbone)
