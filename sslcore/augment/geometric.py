"""Steps that move pixels: random resized crops and flips."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

import torch
from pydantic import model_validator
from torch import Generator, Tensor

from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob

TRIES = 10
"""How often a box is drawn anew when it does not fit, before the middle is taken."""


def resampled(
    images: Tensor, top: Tensor, left: Tensor, height: Tensor, width: Tensor, size: int
) -> Tensor:
    """Cut a box of its own out of every image and bring it to one size, antialiased.

    Bilinear resampling is linear and separable, so a whole batch is two batched matrix products
    whose rows are triangle filters as wide as the box is shrunk. Nothing outside the box counts.

    Args:
        images: (N, C, H, W) float32.
        top: (N,) first row of the box in pixels.
        left: (N,) first column.
        height: (N,) rows of the box.
        width: (N,) columns of the box.
        size: side of the result in pixels.

    Returns:
        (N, C, size, size) float32.
    """
    rows = _triangles(top, height, images.shape[-2], size)
    columns = _triangles(left, width, images.shape[-1], size)
    count, channels = images.shape[:2]
    wide = torch.bmm(images.flatten(1, 2), columns.transpose(1, 2))
    wide = wide.reshape(count, channels, -1, size)
    return torch.matmul(rows[:, None], wide).clamp_(0.0, 1.0)


def _triangles(start: Tensor, extent: Tensor, length: int, size: int) -> Tensor:
    """Filter weights along one axis, (N, size, length); every row sums to 1."""
    # Taken relative to the start of the box, so that float32 loses nothing on far-off boxes.
    pixel = torch.arange(length, device=start.device) - start[:, None]
    scale = extent.float() / size
    centre = (torch.arange(size, device=start.device) + 0.5) * scale[:, None]
    reach = scale.clamp(min=1.0)[:, None, None]
    weights = 1.0 - ((pixel + 0.5)[:, None, :] - centre[:, :, None]).abs() / reach
    inside = (pixel >= 0) & (pixel < extent[:, None])
    weights = weights.clamp_(min=0.0).mul_(inside[:, None, :])
    return weights / weights.sum(-1, keepdim=True)


def nearest(
    target: Tensor, top: Tensor, left: Tensor, height: Tensor, width: Tensor, size: int
) -> Tensor:
    """The same boxes as :func:`resampled` by nearest neighbour, for class numbers and masks.

    Args:
        target: (N, C, H, W) of any type.
        top: (N,) first row of the box in pixels.
        left: (N,) first column.
        height: (N,) rows of the box.
        width: (N,) columns of the box.
        size: side of the result in pixels.

    Returns:
        (N, C, size, size) of the same type.
    """
    centre = torch.arange(size, device=target.device) + 0.5
    rows = top[:, None] + (centre * (height[:, None] / size)).long()
    columns = left[:, None] + (centre * (width[:, None] / size)).long()
    number = torch.arange(len(target), device=target.device)[:, None, None]
    picked = target.movedim(1, -1)[number, rows[:, :, None], columns[:, None, :]]
    return picked.movedim(-1, 1).contiguous()


def moved(
    target: Tensor, top: Tensor, left: Tensor, height: Tensor, width: Tensor, size: int
) -> Tensor:
    """A dense target cut and resized: whole numbers by nearest neighbour, measures bilinear."""
    if not target.is_floating_point():
        return nearest(target, top, left, height, width, size)
    rows = _triangles(top, height, target.shape[-2], size).to(target.dtype)
    columns = _triangles(left, width, target.shape[-1], size).to(target.dtype)
    return rows[:, None] @ target @ columns.transpose(1, 2)[:, None]


def whole(images: Tensor, size: int) -> Tensor:
    """All of every image or target (N, C, H, W), brought to (size, size) as :func:`moved` does."""
    tall, wide = (torch.tensor([side], device=images.device) for side in images.shape[-2:])
    none = torch.zeros_like(tall)
    if not images.is_floating_point():
        each = [one.expand(len(images)) for one in (none, none, tall, wide)]
        return nearest(images, each[0], each[1], each[2], each[3], size)
    rows = _triangles(none, tall, images.shape[-2], size)[0].to(images.dtype)
    columns = _triangles(none, wide, images.shape[-1], size)[0].to(images.dtype)
    return rows @ images @ columns.T


class RandomResizedCrop(Step):
    """A box of random area and shape, brought to the size of the view.

    The draw follows Szegedy et al. 2015 (https://arxiv.org/abs/1409.4842): area uniform, aspect
    ratio uniform in its logarithm, ten tries, then the middle of the image.
    """

    title: ClassVar[str] = "Random crop"
    resizes: ClassVar[bool] = True

    kind: Literal["random_resized_crop"] = "random_resized_crop"
    scale_low: float = knob(
        0.08,
        low=0.01,
        high=1.0,
        title="Smallest area",
        help="Smallest share of the image's area a crop keeps. Lower is harder.",
        paper="0.08",
    )
    scale_high: float = knob(
        1.0,
        low=0.01,
        high=1.0,
        title="Largest area",
        help="Largest share of the image's area a crop keeps.",
        paper="1",
    )
    ratio: float = knob(
        4 / 3,
        low=1.0,
        high=4.0,
        title="Aspect ratio",
        help="How far from square a crop may be: width to height between 1/ratio and ratio.",
        paper="4/3",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.scale_low > self.scale_high:
            raise ValueError(
                f"scale_low = {self.scale_low} is above scale_high = {self.scale_high}; swap them"
            )
        return self

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw boxes: ``top``, ``left``, ``height``, ``width`` (N,) int64 in pixels of the image.

        ``image`` (N, 2) keeps the size of the image, so that a box can be told as shares of it.
        """
        tall, wide = size
        chance = torch.rand(count, 2 * TRIES + 2, generator=generator, dtype=torch.float64)
        span = self.scale_high - self.scale_low
        area = (self.scale_low + span * chance[:, :TRIES]) * (tall * wide)
        bound = math.log(self.ratio)
        shape = torch.exp(bound * (2.0 * chance[:, TRIES : 2 * TRIES] - 1.0))
        width = torch.sqrt(area * shape).round().long()
        height = torch.sqrt(area / shape).round().long()
        fits = (width > 0) & (width <= wide) & (height > 0) & (height <= tall)
        first = fits.to(torch.uint8).argmax(1, keepdim=True)
        middle_height, middle_width = self._middle(size)
        found = fits.any(1)
        height = torch.where(found, height.gather(1, first)[:, 0], middle_height)
        width = torch.where(found, width.gather(1, first)[:, 0], middle_width)
        top = torch.where(found, chance[:, -2] * (tall - height + 1), (tall - height) // 2).long()
        left = torch.where(found, chance[:, -1] * (wide - width + 1), (wide - width) // 2).long()
        image = torch.tensor([[tall, wide]]).expand(count, 2).contiguous()
        return {"top": top, "left": left, "height": height, "width": width, "image": image}

    def _middle(self, size: Size) -> Size:
        """Height and width of the largest box of an allowed shape, for when nothing fitted."""
        tall, wide = size
        if wide / tall < 1 / self.ratio:
            return min(round(wide * self.ratio), tall), wide
        if wide / tall > self.ratio:
            return tall, min(round(tall * self.ratio), wide)
        return tall, wide

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Cut the boxes and bring them to (size, size)."""
        return resampled(images, *_box(params), size)

    def apply_target(self, target: Tensor, params: Params, size: int) -> Tensor:
        """Cut the same boxes out of a target."""
        return moved(target, *_box(params), size)

    def box(self, params: Params, row: int) -> tuple[float, float, float, float]:
        """Top, left, height and width of one image's box as shares of the image's sides."""
        tall, wide = (int(side) for side in params["image"][row])
        top, left, height, width = (int(one[row]) for one in _box(params))
        return top / tall, left / wide, height / tall, width / wide

    def describe(self, params: Params, row: int) -> str:
        """``"0.61 of the area"``."""
        _, _, height, width = self.box(params, row)
        return f"{height * width:.2f} of the area"


def _box(params: Params) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return params["top"], params["left"], params["height"], params["width"]


class _Flip(Step):
    """What both flips share."""

    axis: ClassVar[int]

    p: float = knob(0.5, low=0.0, high=1.0, help="Share of images that are mirrored.", paper="0.5")

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``applied`` (N,) bool."""
        del size
        return {"applied": torch.rand(count, generator=generator) < self.p}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Mirror the images that were drawn."""
        del size
        return torch.where(params["applied"][:, None, None, None], images.flip(self.axis), images)

    def apply_target(self, target: Tensor, params: Params, size: int) -> Tensor:
        """Mirror the same targets."""
        return self.apply(target, params, size)

    def describe(self, params: Params, row: int) -> str:
        """``"yes"`` or ``"off"``."""
        return "yes" if bool(params["applied"][row]) else "off"


class HorizontalFlip(_Flip):
    """Left and right swapped for some images."""

    title: ClassVar[str] = "Horizontal flip"
    axis: ClassVar[int] = -1
    kind: Literal["horizontal_flip"] = "horizontal_flip"


class VerticalFlip(_Flip):
    """Top and bottom swapped for some images; for pictures without an up (cells, satellites)."""

    title: ClassVar[str] = "Vertical flip"
    axis: ClassVar[int] = -2
    kind: Literal["vertical_flip"] = "vertical_flip"
