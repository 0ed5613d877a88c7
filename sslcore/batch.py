"""What flows from data to methods: samples, and batches of views without any class label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True)
class Sample:
    """Images as they lie in the pixel store, before any view is made of them.

    Attributes:
        index: (B,) int64, row of each image in the catalogue; stable for a run.
        image: (B, C, H, W) float32 in [0, 1].
        frames: (B, T, C, H, W) float32 in [0, 1], for sequences.
        target: (B, C', H, W) in its own dtype (depth, segmentation), for pairs.
        tokens: (B, L) int64 word numbers, for captions.
    """

    index: Tensor
    image: Tensor
    frames: Tensor | None = None
    target: Tensor | None = None
    tokens: Tensor | None = None

    def __len__(self) -> int:
        return self.image.shape[0]

    def to(self, device: torch.device | str) -> Self:
        """The same sample on another device."""
        return replace(
            self,
            index=self.index.to(device),
            image=self.image.to(device),
            frames=None if self.frames is None else self.frames.to(device),
            target=None if self.target is None else self.target.to(device),
            tokens=None if self.tokens is None else self.tokens.to(device),
        )


@dataclass(frozen=True)
class Batch:
    """What a method trains on: views of images. There are no class labels in it, on purpose.

    Attributes:
        index: (B,) int64, row of each image in the catalogue.
        views: name -> (B, V, C, h, w) float32 in [0, 1]; V counts copies, rotations, tiles, local
            crops or frames of one image.
        target: (B, C', h, w) what a paired folder gives to predict, cropped as the images were.
        tokens: (B, L) int64 caption words.
        truth: "view/step" -> (B, V) or (B, V, ...): the answer a pretext task asks for, read from
            the drawn parameters.
    """

    index: Tensor
    views: Mapping[str, Tensor]
    target: Tensor | None = None
    tokens: Tensor | None = None
    truth: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor])

    def __len__(self) -> int:
        return self.index.shape[0]

    def view(self, name: str) -> Tensor:
        """The view as a flat stack of images, (B * V, C, h, w), image by image."""
        return self.views[name].flatten(0, 1)

    def to(self, device: torch.device | str) -> Self:
        """The same batch on another device."""
        return replace(
            self,
            index=self.index.to(device),
            views={name: images.to(device) for name, images in self.views.items()},
            target=None if self.target is None else self.target.to(device),
            tokens=None if self.tokens is None else self.tokens.to(device),
            truth={name: answer.to(device) for name, answer in self.truth.items()},
        )

    def rows(self, start: int, stop: int) -> Self:
        """The images ``start:stop`` of the batch, for accumulation over micro-batches."""
        return replace(
            self,
            index=self.index[start:stop],
            views={name: images[start:stop] for name, images in self.views.items()},
            target=None if self.target is None else self.target[start:stop],
            tokens=None if self.tokens is None else self.tokens[start:stop],
            truth={name: answer[start:stop] for name, answer in self.truth.items()},
        )
