"""Steps against chromatic aberration, by which a lens tells where in the picture a patch was.

A lens bends green a little less than red and blue, so colours part towards the borders of a
photograph, and a network can read a patch's place off that alone (Doersch et al. 2015, section
3.1, https://arxiv.org/abs/1505.05192).
"""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Generator, Tensor

from sslcore.augment.corruption import normal_field
from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob

WEAKER = 2.0 / 3.0
"""Factor on the colour that projection leaves; with it, no value leaves [0, 1]."""


class ChannelDrop(Step):
    """Two of the three colour channels replaced by grey with a trace of noise."""

    title: ClassVar[str] = "Colour dropping"
    needs_colour: ClassVar[bool] = True

    kind: Literal["channel_drop"] = "channel_drop"
    noise: float = knob(
        0.01,
        low=0.0,
        high=1.0,
        help="Standard deviation of the noise, as a share of that of the channel kept.",
        paper="1/100",
    )

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``keep`` (N,) int64, the channel that stays, and ``seed`` (N,) of the noise."""
        del size
        return {
            "keep": torch.randint(3, (count,), generator=generator),
            "seed": torch.randint(0, 2**32, (count,), generator=generator),
        }

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Keep one channel of every image.

        Raises:
            ValueError: if the images do not have three channels.
        """
        del size
        _needs_three(images, self.kind)
        keep = params["keep"]
        kept = images[torch.arange(len(images), device=images.device), keep]  # N x H x W
        deviation = kept.flatten(1).std(1, unbiased=False)[:, None, None, None] * self.noise
        noise = normal_field(params["seed"], tuple(images.shape[1:]))
        grey = (0.5 + deviation * noise).clamp(0.0, 1.0)
        channel = torch.arange(3, device=images.device)
        return torch.where((channel == keep[:, None])[:, :, None, None], images, grey)

    def describe(self, params: Params, row: int) -> str:
        """``"red stays"``."""
        return f"{('red', 'green', 'blue')[int(params['keep'][row])]} stays"


class ColourProjection(Step):
    """Green and magenta turned grey in every image: the axis along which lenses part colours.

    With a = (-1, 2, -1), a pixel x becomes x - a (a x) / 6. To stay in [0, 1] without clipping,
    which would bring the axis back, the colour that is left is made a third weaker.
    """

    title: ClassVar[str] = "Colour projection"
    needs_colour: ClassVar[bool] = True

    kind: Literal["colour_projection"] = "colour_projection"

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Nothing is random: ``applied`` (N,) bool is true."""
        del generator, size
        return {"applied": torch.ones(count, dtype=torch.bool)}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Project the colours of every image.

        Raises:
            ValueError: if the images do not have three channels.
        """
        del params, size
        _needs_three(images, self.kind)
        along = torch.tensor([-1.0, 2.0, -1.0], device=images.device)
        project = torch.eye(3, device=images.device) - along[:, None] * along / 6.0
        mean = torch.full((3, 3), 1.0 / 3.0, device=images.device)
        matrix = mean + WEAKER * (project - mean)
        return torch.einsum("dc,nchw->ndhw", matrix, images).clamp(0.0, 1.0)

    def describe(self, params: Params, row: int) -> str:
        """``"green and magenta are grey"``."""
        del params, row
        return "green and magenta are grey"


def _needs_three(images: Tensor, kind: str) -> None:
    if images.shape[1] != 3:
        raise ValueError(
            f"{kind} needs images with 3 channels, these have {images.shape[1]}; "
            "switch the step off or remove it"
        )
