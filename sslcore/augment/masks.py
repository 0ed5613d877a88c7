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

RECTANGLES = 32
"""Drawn for a blockwise mask; with the smallest ones they cover what is hidden many times."""


class PatchStep(Step):
    """What all ways of choosing patches share."""

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
        return images.masked_fill(self.enlarged(params["mask"], images), GREY)

    def enlarged(self, mask: Tensor, images: Tensor) -> Tensor:
        """A choice of patches (N, patches) as one of pixels, (N, 1, H, W) bool."""
        grid = self.grid((images.shape[-2], images.shape[-1]))
        mask = mask.unflatten(1, grid)[:, None]
        return mask.repeat_interleave(self.patch, 2).repeat_interleave(self.patch, 3)

    def truth(self, params: Params) -> Tensor:
        """Hidden patches in reading order, (N, patches) bool."""
        return params["mask"]

    def describe(self, params: Params, row: int) -> str:
        """``"48 of 64 patches"``."""
        mask = params["mask"][row]
        return f"{int(mask.sum())} of {mask.numel()} patches"


class PatchMask(PatchStep):
    """Patches hidden one by one, the same number in every image (MAE, arXiv 2111.06377)."""

    title: ClassVar[str] = "Patch mask"
    structural: ClassVar[bool] = True

    kind: Literal["patch_mask"] = "patch_mask"
    ratio: float = knob(
        0.75,
        low=0.0,
        high=0.95,
        title="Hidden patches",
        help="Share of the patches that is hidden.",
        paper="0.75",
    )

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``mask`` (N, patches) bool."""
        down, across = self.grid(size)
        ranks = torch.rand(count, down * across, generator=generator).argsort(1)
        mask = torch.zeros(count, down * across, dtype=torch.bool)
        mask.scatter_(1, ranks[:, : round(self.ratio * down * across)], value=True)
        return {"mask": mask}


class BlockMask(PatchStep):
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
        _check_order(self.area_low, self.area_high)
        return self

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``mask`` (N, patches) bool: the union of the rectangles.

        The shape of a rectangle is between 3:2 and 2:3, its sides are rounded to whole patches.
        """
        down, across = self.grid(size)
        area = (self.area_low, self.area_high)
        hidden = rectangles(generator, (count, self.blocks), area, (down, across))
        return {"mask": hidden.any(1).flatten(1)}


class BlockwiseMask(PatchStep):
    """Rectangles hidden until a share of the patches is gone, the same number in every image.

    BEiT (Bao et al. 2021, https://arxiv.org/abs/2106.08254, algorithm 1), but for two things: the
    largest rectangle has a fixed area, not all that is still to be hidden, and the last one is cut
    from below so that the number comes out even.
    """

    title: ClassVar[str] = "Blockwise mask"
    structural: ClassVar[bool] = True

    kind: Literal["blockwise_mask"] = "blockwise_mask"
    ratio: float = knob(
        0.4, low=0.05, high=0.95, help="Share of the patches that is hidden.", paper="0.4"
    )
    area_low: float = knob(
        0.08,
        low=0.01,
        high=1.0,
        help="Smallest rectangle as a share of the image. Small ones are easier to guess.",
        paper="16 of 196 patches",
    )
    area_high: float = knob(
        0.2,
        low=0.01,
        high=1.0,
        help="Largest rectangle as a share of the image.",
        paper="what is still to be hidden",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_order(self.area_low, self.area_high)
        return self

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``mask`` (N, patches) bool."""
        down, across = self.grid(size)
        patches = down * across
        area = (self.area_low, self.area_high)
        covers = rectangles(generator, (count, RECTANGLES), area, (down, across), 0.3).flatten(2)
        # Which rectangle hides a patch first; within one, from above; what none hides, at random.
        number = torch.arange(RECTANGLES)[:, None].expand_as(covers)
        first = torch.where(covers, number, RECTANGLES).amin(1)
        place = (torch.arange(patches) / patches).expand(count, -1)
        chance = torch.rand(count, patches, generator=generator)
        order = (first + torch.where(first < RECTANGLES, place, chance)).argsort(1)
        mask = torch.zeros(count, patches, dtype=torch.bool)
        hidden = min(max(round(self.ratio * patches), 1), patches)
        return {"mask": mask.scatter_(1, order[:, :hidden], value=True)}


def rectangles(
    generator: Generator,
    count: tuple[int, int],
    area: tuple[float, float],
    grid: Size,
    shape: float = 1 / 1.5,
) -> Tensor:
    """Random rectangles on a grid, their sides rounded to whole patches.

    Args:
        generator: of the CPU.
        count: images, and rectangles in each.
        area: smallest and largest share of the grid.
        grid: patches down and across.
        shape: smallest height by width; the largest is its inverse.

    Returns:
        (images, rectangles, down, across) bool.
    """
    down, across = grid
    chance = torch.rand(4, *count, 1, generator=generator)
    areas = area[0] + (area[1] - area[0]) * chance[0]
    shapes = (1 / shape) ** (2.0 * chance[1] - 1.0)
    tall = (torch.sqrt(areas / shapes) * down).round().clamp(1, down)
    wide = (torch.sqrt(areas * shapes) * across).round().clamp(1, across)
    top = (chance[2] * (down - tall + 1)).floor()
    left = (chance[3] * (across - wide + 1)).floor()
    return boxes(top, left, tall, wide, grid)


def boxes(top: Tensor, left: Tensor, tall: Tensor, wide: Tensor, grid: Size) -> Tensor:
    """Boxes as pictures on a grid of patches.

    Args:
        top: (..., 1) first row.
        left: (..., 1) first column.
        tall: rows, of a shape that fits.
        wide: columns.
        grid: patches down and across.

    Returns:
        (..., down, across) bool.
    """
    rows, columns = torch.arange(grid[0]), torch.arange(grid[1])
    vertical = (rows >= top) & (rows < top + tall)
    horizontal = (columns >= left) & (columns < left + wide)
    return vertical[..., :, None] & horizontal[..., None, :]


def _check_order(low: float, high: float) -> None:
    if low > high:
        raise ValueError(f"area_low = {low} is above area_high = {high}; swap them")
