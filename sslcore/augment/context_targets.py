"""The step that parts an image into a context and the blocks to be predicted from it (I-JEPA)."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import torch
from pydantic import model_validator
from torch import Generator, Tensor

from sslcore.augment.masks import GREY, PatchStep, boxes
from sslcore.augment.step import Params, Size
from sslcore.config import knob

TARGET_GREY = 0.8
"""What target blocks look like."""

TARGET_SHAPES, CONTEXT_SHAPES = (0.75, 1.5), (1.0, 1.0)
"""Height by width of the blocks, smallest and largest."""

TRIES, ENOUGH = 8, 0.15
"""How often the blocks of an image are drawn until the context has this share of the patches."""


class ContextTargets(PatchStep):
    """Target blocks, and a large context block from which all targets are taken away.

    Assran et al. 2023, https://arxiv.org/abs/2301.08243, section 3. All images of a batch share
    the *sizes* of the blocks; their places are drawn for each. So that contexts can be stacked,
    they are cut to the smallest of the batch: which patches go is drawn too, here and not in the
    method, so that a part of a batch means the same as the whole.

    In the picture the context is as it was, targets are light grey, the rest is grey.
    """

    title: ClassVar[str] = "Context and targets"
    structural: ClassVar[bool] = True

    kind: Literal["context_targets"] = "context_targets"
    targets: int = knob(4, low=1, high=16, help="Blocks to predict; they may overlap.", paper="4")
    target_low: float = knob(
        0.15,
        low=0.01,
        high=0.9,
        help="Smallest target as a share of the image. Tiny targets need no understanding.",
        paper="0.15",
    )
    target_high: float = knob(
        0.2, low=0.01, high=0.9, help="Largest target as a share of the image.", paper="0.2"
    )
    context_low: float = knob(
        0.85,
        low=0.05,
        high=1.0,
        help="Smallest context as a share of the image, before targets are taken out of it.",
        paper="0.85",
    )
    context_high: float = knob(
        1.0, low=0.05, high=1.0, help="Largest context as a share of the image.", paper="1.0"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name in ("target", "context"):
            low, high = getattr(self, f"{name}_low"), getattr(self, f"{name}_high")
            if low > high:
                raise ValueError(f"{name}_low = {low} is above {name}_high = {high}; swap them")
        if self.target_high >= self.context_low:
            raise ValueError(
                f"target_high = {self.target_high} is not below context_low = {self.context_low}: "
                "a target could take the whole context; lower target_high"
            )
        return self

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``context`` (N, patches) and ``targets`` (N, T, patches), bool.

        Every context has the same number of patches, every target as well.

        Raises:
            ValueError: if the grid is too coarse for a context beside a target.
        """
        grid = self.grid(size)
        target = _sides(generator, (self.target_low, self.target_high), TARGET_SHAPES, grid)
        context = _sides(generator, (self.context_low, self.context_high), CONTEXT_SHAPES, grid)
        if context[0] * context[1] <= target[0] * target[1]:
            raise ValueError(
                f"context_targets: {grid[0]} x {grid[1]} patches are too few for a context beside "
                "a target; take smaller patches or larger images"
            )
        # Several draws of every image: the first that leaves enough of the context, or the best.
        targets = _placed(generator, (count, TRIES, self.targets), target, grid)
        contexts = _placed(generator, (count, TRIES), context, grid) & ~targets.any(2)
        left = contexts.sum(2)
        enough = left >= ENOUGH * grid[0] * grid[1]
        score = torch.where(enough, left.amax() + torch.arange(TRIES, 0, -1), left)
        best = (torch.arange(count), score.argmax(1))
        targets, contexts = targets[best], contexts[best]
        # On the coarsest grids targets may take everything; then the first of them is the only one.
        bare = ~contexts.any(1)
        targets[bare] = targets[bare][:, :1].expand(-1, self.targets, -1)
        contexts[bare] = ~targets[bare].any(1)
        return {"context": _cut(generator, contexts), "targets": targets}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Grey what is not context, targets lightly."""
        del size
        targets = self.enlarged(params["targets"].any(1), images)
        context = self.enlarged(params["context"], images)
        return images.masked_fill(~context, GREY).masked_fill(targets, TARGET_GREY)

    def truth(self, params: Params) -> Tensor:
        """Context and targets in reading order, (N, 1 + T, patches) bool; the context first."""
        return torch.cat([params["context"][:, None], params["targets"]], 1)

    def describe(self, params: Params, row: int) -> str:
        """``"24 patches, 4 targets of 12"``."""
        context, targets = params["context"][row], params["targets"][row]
        return f"{int(context.sum())} patches, {len(targets)} targets of {int(targets[0].sum())}"


def _sides(
    generator: Generator, share: tuple[float, float], shapes: tuple[float, float], grid: Size
) -> Size:
    """Rows and columns of a block that all images share."""
    area, shape = torch.rand(2, generator=generator).tolist()
    area = (share[0] + (share[1] - share[0]) * area) * grid[0] * grid[1]
    shape = shapes[0] + (shapes[1] - shapes[0]) * shape
    tall, wide = round((area * shape) ** 0.5), round((area / shape) ** 0.5)
    return min(max(tall, 1), grid[0]), min(max(wide, 1), grid[1])


def _placed(generator: Generator, count: tuple[int, ...], sides: Size, grid: Size) -> Tensor:
    """Blocks at random places, (*count, patches) bool."""
    chance = torch.rand(2, *count, 1, generator=generator)
    top = (chance[0] * (grid[0] - sides[0] + 1)).floor()
    left = (chance[1] * (grid[1] - sides[1] + 1)).floor()
    tall, wide = (torch.tensor(float(side)) for side in sides)
    return boxes(top, left, tall, wide, grid).flatten(-2)


def _cut(generator: Generator, contexts: Tensor) -> Tensor:
    """Contexts (N, patches) of the size of the smallest; what goes is drawn."""
    smallest = int(contexts.sum(1).amin())
    chance = torch.rand(contexts.shape, generator=generator)
    order = torch.where(contexts, chance, 2.0).argsort(1)
    return torch.zeros_like(contexts).scatter_(1, order[:, :smallest], value=True)
