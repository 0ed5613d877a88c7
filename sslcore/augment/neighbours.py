"""A patch from the middle of a 3 x 3 grid and one of the eight around it."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Generator, Tensor

from sslcore.augment.geometric import moved, resampled
from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob

POSITIONS = (
    "above left",
    "above",
    "above right",
    "left",
    "right",
    "below left",
    "below",
    "below right",
)
"""Where the second patch can lie, seen from the first, in reading order."""


class Neighbours(Step):
    """Two patches of every image: the middle of a 3 x 3 grid, then one of its neighbours.

    The whole grid lies at a random place inside the image, so that all eight answers are equally
    likely wherever the first patch is. The gap hides lines that run on from patch to patch, and
    both patches are moved a little besides (Doersch et al. 2015, https://arxiv.org/abs/1505.05192).
    """

    title: ClassVar[str] = "Neighbouring patches"
    structural: ClassVar[bool] = True
    resizes: ClassVar[bool] = True

    kind: Literal["neighbours"] = "neighbours"
    patch: float = knob(
        0.22,
        low=0.05,
        high=0.33,
        help="Side of a patch as a share of the image's side.",
        paper="96 of 384 px",
    )
    gap: float = knob(
        0.45,
        low=0.0,
        high=2.0,
        help="Room between two patches as a share of a patch's side; more hides lines that run on.",
        paper="half a patch",
    )
    jitter: float = knob(
        0.1,
        low=0.0,
        high=0.5,
        help="How far each patch is moved either way at most, as a share of its side.",
        paper="7 of 96 px",
    )

    @property
    def fan_out(self) -> int:
        """Two pictures for one."""
        return 2

    def pixels(self, size: Size) -> tuple[int, int, int]:
        """Side of a patch, gap and jitter in pixels for an image of that size.

        Raises:
            ValueError: if the grid does not fit into the image.
        """
        short = min(size)
        side = max(2, round(self.patch * short))
        gap, jitter = round(self.gap * side), round(self.jitter * side)
        if 3 * side + 2 * gap > short:
            raise ValueError(
                f"neighbours.patch = {self.patch}, gap = {self.gap}: three patches of {side} px "
                f"with {gap} px between them do not fit into an image of {size[0]} x {size[1]} px; "
                "make one of them smaller or take larger images"
            )
        return side, gap, jitter

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw where the grid and both patches lie, and which neighbour comes.

        Returns:
            ``position`` (N,) int64, a number of :data:`POSITIONS`; ``top``, ``left`` (N, 2) int64
            pixels of the first and the second patch; ``side`` (N,) int64.

        Raises:
            ValueError: if the grid does not fit into the image.
        """
        side, gap, jitter = self.pixels(size)
        position = torch.randint(len(POSITIONS), (count,), generator=generator)
        origin = torch.rand(2, count, generator=generator)
        shift = torch.randint(-jitter, jitter + 1, (2, count, 2), generator=generator)
        cell = torch.stack((torch.full_like(position, 4), position + (position >= 4)), 1)  # N x 2
        corners: list[Tensor] = []
        for axis, number in enumerate((cell // 3, cell % 3)):
            room = size[axis] - 3 * side - 2 * gap
            margin = min(jitter, room // 2)
            start = margin + (origin[axis] * (room - 2 * margin + 1)).long()
            corner = start[:, None] + number * (side + gap) + shift[axis]
            corners.append(corner.clamp(0, size[axis] - side))
        return {
            "position": position,
            "top": corners[0],
            "left": corners[1],
            "side": torch.full((count,), side),
        }

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Cut (N, C, H, W) into (2 N, C, size, size), the two patches of an image together."""
        return resampled(images.repeat_interleave(2, 0), *_boxes(params), size)

    def apply_target(self, target: Tensor, params: Params, size: int) -> Tensor:
        """Cut the same patches out of a target."""
        return moved(target.repeat_interleave(2, 0), *_boxes(params), size)

    def truth(self, params: Params) -> Tensor:
        """Where the second patch lies, (N,) int64."""
        return params["position"]

    def describe(self, params: Params, row: int) -> str:
        """``"the second lies above left"``."""
        return f"the second lies {POSITIONS[int(params['position'][row])]}"


def _boxes(params: Params) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Top, left, height and width of all patches, (2 N,) each."""
    side = params["side"].repeat_interleave(2)
    return params["top"].flatten(), params["left"].flatten(), side, side
