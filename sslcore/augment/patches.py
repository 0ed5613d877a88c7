"""Structural steps of pretext tasks: all rotations of an image, and its tiles."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Generator, Tensor

from sslcore.augment.geometric import moved, resampled
from sslcore.augment.permutations import permutation_set
from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob


class Rotations(Step):
    """All four quarter turns of every image, 0 to 3 times counter-clockwise.

    Gidaris et al. 2018, https://arxiv.org/abs/1803.07728: the four copies in one batch, so that
    the answer cannot be read from how often a picture is seen.
    """

    title: ClassVar[str] = "Rotations"
    structural: ClassVar[bool] = True

    kind: Literal["rotations"] = "rotations"

    @property
    def fan_out(self) -> int:
        """Four images for one."""
        return 4

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Nothing is random: ``turns`` (N, 4) int64 is 0, 1, 2, 3 for every image.

        Raises:
            ValueError: if the images are not square.
        """
        del generator
        if size[0] != size[1]:
            raise ValueError(
                f"rotations needs square images, got {size[0]} x {size[1]}; crop them first"
            )
        return {"turns": torch.arange(4).repeat(count, 1)}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Turn (N, C, H, H) into (4 N, C, H, H), the four turns of an image together."""
        del params, size
        turned = [torch.rot90(images, turns, (-2, -1)) for turns in range(4)]
        return torch.stack(turned, 1).flatten(0, 1)

    def apply_target(self, target: Tensor, params: Params, size: int) -> Tensor:
        """Turn targets in the same four ways."""
        return self.apply(target, params, size)

    def truth(self, params: Params) -> Tensor:
        """Quarter turns of every picture, (4 N,) int64."""
        return params["turns"].flatten()

    def describe(self, params: Params, row: int) -> str:
        """``"0°, 90°, 180°, 270°"``."""
        return ", ".join(f"{90 * turns}°" for turns in params["turns"][row].tolist())


class Tiles(Step):
    """A grid of tiles cut out of every image, in a random order (or in reading order).

    Every tile lies at a random place of its cell, so that neither edges that run on from tile to
    tile nor a fixed place give its number away (Noroozi and Favaro 2016,
    https://arxiv.org/abs/1603.09246; Doersch et al. 2015, https://arxiv.org/abs/1505.05192).
    """

    title: ClassVar[str] = "Tiles"
    structural: ClassVar[bool] = True
    resizes: ClassVar[bool] = True

    kind: Literal["tiles"] = "tiles"
    grid: int = knob(3, low=2, high=8, help="Tiles along each side.", paper="3")
    gap: float = knob(
        0.15,
        low=0.0,
        high=0.6,
        help="Share of a cell's side that a tile leaves free; more hides running-on edges better.",
        paper="11 of 75 px",
    )
    shuffled: bool = knob(True, help="Whether tiles come in random order.")
    permutations: int = knob(
        0,
        low=0,
        high=10_000,
        help="Take the order from this many that differ most from one another, and ask for its "
        "number; 0 takes any order and asks for the place of every tile.",
        paper="100 or 1000",
    )

    @property
    def fan_out(self) -> int:
        """One picture for every tile."""
        return self.grid**2

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw where each tile lies and which comes when.

        Returns:
            ``order`` (N, T) int64: the cell (in reading order) that the k-th tile comes from;
            ``top``, ``left`` (N, T) int64 pixels of the k-th tile; ``side`` (N, 2) int64 height
            and width of all tiles; ``number`` (N,) int64 of the permutation, if they are counted.

        Raises:
            ValueError: if a cell is smaller than two pixels, or there are not so many orders.
        """
        tall, wide = size[0] // self.grid, size[1] // self.grid
        if min(tall, wide) < 2:
            raise ValueError(
                f"tiles.grid = {self.grid}: an image of {size[0]} x {size[1]} px is too small for "
                "so many tiles; take fewer or larger images"
            )
        height, width = (max(1, round(side * (1.0 - self.gap))) for side in (tall, wide))
        tiles = self.grid**2
        keys = torch.rand(count, tiles, generator=generator)
        place = torch.rand(2, count, tiles, generator=generator)
        order = keys.argsort(1) if self.shuffled else torch.arange(tiles).repeat(count, 1)
        number: Params = {}
        if self.shuffled and self.permutations:
            number["number"] = torch.randint(self.permutations, (count,), generator=generator)
            order = permutation_set(self.permutations, tiles=tiles)[number["number"]]
        top = order // self.grid * tall + (place[0] * (tall - height + 1)).long()
        left = order % self.grid * wide + (place[1] * (wide - width + 1)).long()
        side = torch.tensor([[height, width]]).repeat(count, 1)
        return {"order": order, "top": top, "left": left, "side": side, **number}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Cut (N, C, H, W) into (N T, C, size, size), the tiles of an image together."""
        return resampled(images.repeat_interleave(self.fan_out, 0), *self._boxes(params), size)

    def apply_target(self, target: Tensor, params: Params, size: int) -> Tensor:
        """Cut the same tiles out of a target."""
        return moved(target.repeat_interleave(self.fan_out, 0), *self._boxes(params), size)

    def truth(self, params: Params) -> Tensor:
        """The permutation to be found: its number (N,), or the cell of every tile (N, T), int64."""
        return params.get("number", params["order"])

    def describe(self, params: Params, row: int) -> str:
        """The cells in the order shown: ``"3 1 9 5 2 8 7 4 6"``, counted from 1."""
        return " ".join(str(cell + 1) for cell in params["order"][row].tolist())

    def _boxes(self, params: Params) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Top, left, height and width of all tiles, (N T,) each."""
        height, width = params["side"].repeat_interleave(self.fan_out, 0).unbind(1)
        return params["top"].flatten(), params["left"].flatten(), height, width
