"""The adversary of a generator: tells real pictures from made-up ones."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from sslcore.losses.precision import full_precision

LARGEST = 8
"""Channels of the last layer, in units of the first one's."""


class Discriminator(nn.Module):
    """Strided convolutions down to about 4 x 4 pixels, then one score.

    As in DCGAN (Radford et al. 2015, https://arxiv.org/abs/1511.06434): batch norm in all layers
    but the first, leaky ReLU.

    Args:
        channels: C of the pictures.
        size: their side in pixels; decides the number of layers. Others work, too.
        width: channels of the first layer, doubled up to 8 times.
    """

    def __init__(self, channels: int, size: int, width: int) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        before, after = channels, width
        for number in range(max(round(math.log2(max(size, 4) / 4)), 1)):
            parts.append(nn.Conv2d(before, after, 3, 2, 1, bias=number == 0))
            if number:
                parts.append(nn.BatchNorm2d(after))
            parts.append(nn.LeakyReLU(0.2))
            before, after = after, min(2 * after, LARGEST * width)
        self.layers = nn.Sequential(*parts, nn.Conv2d(before, 1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """(B, C, h, w) -> (B,) scores: the logit of being real, averaged over positions."""
        return self.layers(images).mean((-3, -2, -1))


def judged(network: nn.Module, images: Tensor) -> Tensor:
    """What a network says, with gradients for the images and for nothing of the network.

    Weights are detached and buffers copied, so batch norm learns nothing from being asked.
    """
    state: Mapping[str, Tensor] = {
        **{name: one.detach() for name, one in network.named_parameters()},
        **{name: one.detach().clone() for name, one in network.named_buffers()},
    }
    return functional_call(network, dict(state), (images,))


@full_precision
def real_or_not(scores: Tensor, real: bool) -> Tensor:
    """(B,) scores -> scalar: mean -log p of being real, or of not being so; ln 2 at chance."""
    wanted = torch.ones_like(scores) if real else torch.zeros_like(scores)
    return F.binary_cross_entropy_with_logits(scores, wanted)
