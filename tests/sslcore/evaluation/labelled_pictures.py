"""Small pictures of classes that a network can learn in a second, kept in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


@dataclass
class Pictures:
    """Stripes across, stripes down, none: a crop leaves the class as it is; colours mean nothing.

    Attributes:
        images: (N, 3, 16, 16).
        labels: (N,) int64.
    """

    images: Tensor
    labels: NDArray[np.int64]

    def read(self, rows: NDArray[np.int64]) -> Tensor:
        return self.images[torch.from_numpy(rows)]


def pictures(count: int, seed: int = 0) -> Pictures:
    """Three classes that take turns; the same pictures for the same seed."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    places = np.arange(16) * rng.uniform(0.3, 0.45, (count, 1)) + rng.random((count, 1))
    waves = 0.3 * np.sin(2 * np.pi * places)
    across, down = (labels == 0)[:, None, None], (labels == 1)[:, None, None]
    shapes = across * waves[:, :, None] + down * waves[:, None, :]
    colours = rng.uniform(0.35, 0.65, (count, 3, 1, 1))
    images = colours + shapes[:, None] + rng.normal(0, 0.05, (count, 3, 16, 16))
    return Pictures(torch.from_numpy(images.clip(0, 1)).float(), labels.astype(np.int64))


class Small(nn.Module):
    """Two convolutions with batch norm: (B, 3, h, w) -> (B, 16)."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.layers = nn.Sequential(
                nn.Conv2d(3, 16, 3, 2, 1),
                nn.BatchNorm2d(16),
                nn.ReLU(),
                nn.Conv2d(16, 16, 3, 2, 1),
                nn.BatchNorm2d(16),
                nn.ReLU(),
            )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).mean((-2, -1))
