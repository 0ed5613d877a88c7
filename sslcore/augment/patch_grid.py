"""A regular grid of patches that overlap, in reading order."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Generator, Tensor

from sslcore.augment.geometric import moved, resampled
from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob


class PatchGrid(Step):
    """Every image cut into patches that reach into one another, row by row from the top left.

    With seven patches a side and half of each shared with the next, an image of 256 px gives
    patches of 64 px every 32 px (van den Oord et al. 2018, https://arxiv.org/abs/1807.03748).
    """

    title: ClassVar[str] = "Overlapping patches"
    structural: ClassVar[bool] = True
    resizes: ClassVar[bool] = True

    kind: Literal["patch_grid"] = "patch_grid"
    grid: int = knob(7, low=2, high=16, help="Patches along each side.", paper="7")
    overlap: float = knob(
        0.5,
        low=0.0,
        high=0.8,
        help="Share of a patch that it has in common with the next one.",
        paper="32 of 64 px",
    )

    @property
    def fan_out(self) -> int:
        """One picture for every patch."""
        return self.grid**2

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Nothing is random.

        Returns:
            ``top``, ``left`` (N, T) int64 pixels of every patch; ``side`` (N, 2) int64 height and
            width of all patches.

        Raises:
            ValueError: if a patch is smaller than two pixels.
        """
        del generator
        shares = 1.0 + (self.grid - 1) * (1.0 - self.overlap)
        height, width = (round(side / shares) for side in size)
        if min(height, width) < 2:
            raise ValueError(
                f"patch_grid.grid = {self.grid}: an image of {size[0]} x {size[1]} px is too small "
                "for so many patches; take fewer or larger images"
            )
        top = torch.linspace(0, size[0] - height, self.grid).round().long()
        left = torch.linspace(0, size[1] - width, self.grid).round().long()
        return {
            "top": top.repeat_interleave(self.grid).repeat(count, 1),
            "left": left.repeat(self.grid).repeat(count, 1),
            "side": torch.tensor([[height, width]]).repeat(count, 1),
        }

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Cut (N, C, H, W) into (N T, C, size, size), the patches of an image together."""
        return resampled(images.repeat_interleave(self.fan_out, 0), *self._boxes(params), size)

    def apply_target(self, target: Tensor, params: Params, size: int) -> Tensor:
        """Cut the same patches out of a target."""
        return moved(target.repeat_interleave(self.fan_out, 0), *self._boxes(params), size)

    def describe(self, params: Params, row: int) -> str:
        """``"7 x 7 of 8 px"``."""
        return f"{self.grid} x {self.grid} of {int(params['side'][row, 0])} px"

    def _boxes(self, params: Params) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Top, left, height and width of all patches, (N T,) each."""
        height, width = params["side"].repeat_interleave(self.fan_out, 0).unbind(1)
        return params["top"].flatten(), params["left"].flatten(), height, width
