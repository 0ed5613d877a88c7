"""Steps that destroy values, for methods that restore them (denoising autoencoders).

Each one's answer is the mask of touched pixels, so that a loss can weigh touched and untouched
pixels apart. Vincent et al. 2010, https://www.jmlr.org/papers/v11/vincent10a.html
"""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

import torch
from pydantic import model_validator
from torch import Generator, Tensor

from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob


def scrambled(numbers: Tensor) -> Tensor:
    """An integer hash: (…) int64 to int64 in [0, 2^32), neighbours unlike one another.

    Multiply and fold with the constants of Wellons' "lowbias32" (https://nullprogram.com/blog/
    2018/07/31/), in whole numbers, so that every device finds the same.
    """
    low = 0xFFFFFFFF
    mixed = numbers & low
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        mixed = ((mixed ^ (mixed >> shift)) * factor) & low
    return mixed ^ (mixed >> 16)


def normal_field(seed: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Standard normal noise that follows from one seed per image, whatever the batch or device.

    Args:
        seed: (N,) int64 in [0, 2^32).
        shape: of one image's noise.

    Returns:
        (N, *shape) float32, by the Box-Muller transform of two hashed counters.
    """
    count = math.prod(shape)
    half = (count + 1) // 2
    counter = torch.arange(2 * half, device=seed.device)
    hashed = scrambled(scrambled(counter) ^ scrambled(seed)[:, None])
    uniform = (hashed.float() + 0.5) * 2.0**-32
    radius = torch.sqrt(-2.0 * torch.log(uniform[:, :half]))
    angle = uniform[:, half:] * (2.0 * math.pi)
    both = torch.cat((radius * torch.cos(angle), radius * torch.sin(angle)), 1)
    return both[:, :count].reshape(-1, *shape)


class GaussianNoise(Step):
    """Normal noise on every value, clamped to [0, 1]."""

    title: ClassVar[str] = "Gaussian noise"

    kind: Literal["gaussian_noise"] = "gaussian_noise"
    sd_low: float = knob(
        0.1,
        low=0.0,
        high=1.0,
        title="Smallest deviation",
        help="Standard deviation of the weakest noise; white is 1.",
        paper="σ = 0.1",
    )
    sd_high: float = knob(
        0.5,
        low=0.0,
        high=1.0,
        title="Largest deviation",
        help="Standard deviation of the strongest noise; white is 1.",
        paper="σ = 0.5",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.sd_low > self.sd_high:
            raise ValueError(f"sd_low = {self.sd_low} is above sd_high = {self.sd_high}; swap them")
        return self

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``sd`` (N,) and ``seed`` (N,) int64 of the noise; ``size`` (N, 2) is kept."""
        span = self.sd_high - self.sd_low
        return {
            "sd": self.sd_low + span * torch.rand(count, generator=generator),
            "seed": torch.randint(0, 2**32, (count,), generator=generator),
            "size": torch.tensor([size]).repeat(count, 1),
        }

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Add the noise."""
        del size
        noise = normal_field(params["seed"], tuple(images.shape[1:]))
        return torch.addcmul(images, noise, params["sd"][:, None, None, None]).clamp_(0.0, 1.0)

    def truth(self, params: Params) -> Tensor:
        """Touched pixels, (N, 1, h, w) bool: all of them where there is any noise."""
        tall, wide = (int(side) for side in params["size"][0])
        return (params["sd"] > 0)[:, None, None, None].repeat(1, 1, tall, wide)

    def describe(self, params: Params, row: int) -> str:
        """``"deviation 0.31"``."""
        return f"deviation {float(params['sd'][row]):.2f}"


class _LostPixels(Step):
    """A fixed share of the pixels is lost, chosen anew for every image."""

    fraction: float = knob(
        0.25,
        low=0.0,
        high=0.95,
        title="Lost pixels",
        help="Share of the pixels that is lost.",
        paper="0.25",
    )

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``mask`` (N, 1, h, w) bool, with the same number of pixels in every image."""
        return {"mask": _chosen(generator, count, size, self.fraction)}

    def truth(self, params: Params) -> Tensor:
        """Touched pixels, (N, 1, h, w) bool."""
        return params["mask"]

    def describe(self, params: Params, row: int) -> str:
        """``"25 % of the pixels"``."""
        return f"{100 * float(params['mask'][row].float().mean()):.0f} % of the pixels"


class Masking(_LostPixels):
    """A fixed share of the pixels, chosen anew for every image, set to black."""

    title: ClassVar[str] = "Masking"

    kind: Literal["masking"] = "masking"

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Blacken the chosen pixels in all channels."""
        del size
        return images.masked_fill(params["mask"], 0.0)


class SaltAndPepper(_LostPixels):
    """A fixed share of the pixels set to white or black by the toss of a coin."""

    title: ClassVar[str] = "Salt and pepper"

    kind: Literal["salt_and_pepper"] = "salt_and_pepper"

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``mask`` and ``salt``, (N, 1, h, w) bool: which pixels, and which become white."""
        drawn = super().draw(generator, count, size)
        return {**drawn, "salt": torch.rand(drawn["mask"].shape, generator=generator) < 0.5}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Set the chosen pixels in all channels."""
        del size
        return torch.where(params["mask"], params["salt"].to(images.dtype), images)


def _chosen(generator: Generator, count: int, size: Size, fraction: float) -> Tensor:
    """(N, 1, h, w) bool with round(fraction x pixels) true in every image."""
    pixels = size[0] * size[1]
    ranks = torch.rand(count, pixels, generator=generator).argsort(1)
    mask = torch.zeros(count, pixels, dtype=torch.bool)
    mask.scatter_(1, ranks[:, : round(fraction * pixels)], value=True)
    return mask.reshape(count, 1, *size)
