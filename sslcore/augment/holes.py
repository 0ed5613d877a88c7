"""A step that takes a whole part out of an image, for methods that paint it in again."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob

GREY = 0.5
"""What a hole looks like."""

Shape = Literal["centre", "blocks", "region"]


class Hole(Step):
    """A part of the image is missing; the answer is which pixels.

    Three shapes of Pathak et al. 2016, section 3.3, https://arxiv.org/abs/1604.07379: the central
    square, random squares that may overlap, or a region of any outline. The paper cuts regions
    from outlines of another data set; here they are the low places of a smooth random landscape.
    """

    title: ClassVar[str] = "Hole"
    structural: ClassVar[bool] = True

    kind: Literal["hole"] = "hole"
    shape: Shape = knob(
        "blocks",
        help="The middle, some random squares, or a region of any outline. In the middle the edge "
        "is always in the same place, which a network learns instead of pictures.",
    )
    area: float = knob(
        0.25,
        low=0.01,
        high=0.9,
        help="Share of the image that is missing; blocks that overlap miss a little less.",
        paper="1/4",
    )
    blocks: int = knob(5, low=1, high=32, help="Squares, where the shape is 'blocks'.")

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``mask`` (N, 1, h, w) bool, True where the image is missing."""
        if self.shape == "centre":
            return {"mask": self._squares(torch.full((count, 1, 2), 0.5), size, 1)}
        if self.shape == "blocks":
            places = torch.rand(count, self.blocks, 2, generator=generator)
            return {"mask": self._squares(places, size, self.blocks)}
        return {"mask": self._lowlands(generator, count, size)}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Fill the hole with grey."""
        del size
        return images.masked_fill(params["mask"], GREY)

    def truth(self, params: Params) -> Tensor:
        """Missing pixels, (N, 1, h, w) bool."""
        return params["mask"]

    def describe(self, params: Params, row: int) -> str:
        """``"24 % missing"``."""
        return f"{100 * float(params['mask'][row].float().mean()):.0f} % missing"

    def _squares(self, places: Tensor, size: Size, count: int) -> Tensor:
        """(N, K, 2) places in [0, 1) -> the union of K squares that together have the area."""
        share = (self.area / count) ** 0.5
        axes: list[Tensor] = []
        for axis, length in enumerate(size):
            side = min(max(round(share * length), 1), length)
            start = (places[..., axis] * (length - side + 1)).floor()[..., None]
            pixel = torch.arange(length)
            axes.append((pixel >= start) & (pixel < start + side))  # N x K x length
        return (axes[0][..., :, None] & axes[1][..., None, :]).any(1, keepdim=True)

    def _lowlands(self, generator: Generator, count: int, size: Size) -> Tensor:
        """The lowest pixels of a smooth landscape, as many as the area asks for."""
        coarse = torch.rand(count, 1, 5, 5, generator=generator)
        heights = F.interpolate(coarse, size, mode="bicubic", align_corners=True).flatten(1)
        missing = max(round(self.area * heights.shape[1]), 1)
        mask = torch.zeros_like(heights, dtype=torch.bool)
        mask.scatter_(1, torch.argsort(heights, dim=1, stable=True)[:, :missing], value=True)
        return mask.reshape(count, 1, *size)
