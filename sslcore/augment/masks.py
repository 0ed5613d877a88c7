"""Steps that hide patches of an image behind grey; the answer is which patches."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import torch
from pydantic import model_validator
from torch import Generator, Tensor

from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob

GREY = 0.5
"""What hidden patches look like."""


class _PatchStep(Step):
    """What both ways of choosing patches share."""

    patch: int = knob(
        4, low=1, high=64, unit="px", help="Side of a patch; must divide the side of the view."
    )

    def grid(self, size: Size) -> Size:
        """Patches down and across.

        Raises:
            ValueError: if the patches do not fill an image of that size.
        """
        if size[0] % self.patch or size[1] % self.patch:
            raise ValueError(
                f"{self.kind}.patch = {self.patch} px does not divide a view of "
                f"{size[0]} x {size[1]} px; choose a divisor"
            )
        return size[0] // self.patch, size[1] // self.patch

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Grey the hidden patches."""
        del size
        down, across = self.grid((images.shape[-2], images.shape[-1]))
        mask = params["mask"].reshape(-1, 1, down, across)
        mask = mask.repeat_interleave(self.patch, 2).repeat_interleave(self.patch, 3)
        return images.masked_fill(mask, GREY)

    def truth(self, params: Params) -> Tensor:
        """Hidden patches in reading order, (N, patches) bool."""
        return params["mask"]

    def describe(self, params: Params, row: int) -> str:
        """``"48 of 64 patches"``."""
        mask = params["mask"][row]
        return f"{int(mask.sum())} of {mask.numel()} patches"


class PatchMask(_PatchStep):
    """Patches hidden one by one, the same number in every image (MAE, arXiv 2111.06377)."""

    title: ClassVar[str] = "Patch mask"

    kind: Literal["patch_mask"] = "patch_mask"
    ratio: float = knob(
        0.75, low=0.0, high=0.95, help="Share of the patches that is hidden.", paper="0.75"
    )

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``mask`` (N, patches) bool."""
        down, across = self.grid(size)
        ranks = torch.rand(count, down * across, generator=generator).argsort(1)
        mask = torch.zeros(count, down * across, dtype=torch.bool)
        mask.scatter_(1, ranks[:, : round(self.ratio * down * across)], value=True)
        return {"mask": mask}


class BlockMask(_PatchStep):
    """Rectangles of patches hidden, which takes away whole parts (Pathak et al. 2016)."""

    title: ClassVar[str] = "Block mask"

    kind: Literal["block_mask"] = "block_mask"
    blocks: int = knob(4, low=1, high=16, help="Rectangles in every image; they may overlap.")
    area_low: float = knob(
        0.05, low=0.01, high=1.0, help="Smallest rectangle as a share of the image."
    )
    area_high: float = knob(
        0.15, low=0.01, high=1.0, help="Largest rectangle as a share of the image."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.area_low > self.area_high:
            raise ValueError(
                f"area_low = {self.area_low} is above area_high = {self.area_high}; swap them"
            )
        return self

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``mask`` (N, patches) bool: the union of the rectangles.

        The shape of a rectangle is between 3:2 and 2:3, its sides are rounded to whole patches.
        """
        down, across = self.grid(size)
        chance = torch.rand(4, count, self.blocks, 1, generator=generator)
        area = self.area_low + (self.area_high - self.area_low) * chance[0]
        shape = 1.5 ** (2.0 * chance[1] - 1.0)
        tall = (torch.sqrt(area / shape) * down).round().clamp(1, down)
        wide = (torch.sqrt(area * shape) * across).round().clamp(1, across)
        top = (chance[2] * (down - tall + 1)).floor()
        left = (chance[3] * (across - wide + 1)).floor()
        rows, columns = torch.arange(down), torch.arange(across)
        vertical = (rows >= top) & (rows < top + tall)
        horizontal = (columns >= left) & (columns < left + wide)
        hidden = vertical[..., :, None] & horizontal[..., None, :]
        return {"mask": hidden.any(1).flatten(1)}
