"""A step that takes away how bright and how contrasty a picture is."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Generator, Tensor

from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob


class Standardise(Step):
    """Every channel of every picture brought to the same mean and the same spread.

    Behind a step that cuts tiles, each tile is standardised by itself: neighbouring tiles are
    alike in brightness, and a network would match that instead of shapes (Noroozi and Favaro
    2016, section 3.4, https://arxiv.org/abs/1603.09246).
    """

    title: ClassVar[str] = "Same brightness"

    kind: Literal["standardise"] = "standardise"
    spread: float = knob(
        0.2,
        low=0.01,
        high=0.5,
        help="Standard deviation of the values afterwards, around middle grey; white is 1.",
    )

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Nothing is random: ``applied`` (N,) bool is true."""
        del generator, size
        return {"applied": torch.ones(count, dtype=torch.bool)}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Standardise; an even surface becomes middle grey, far-off values are cut to [0, 1]."""
        del params, size
        centred = images - images.mean((-2, -1), keepdim=True)
        deviation = centred.square().mean((-2, -1), keepdim=True).sqrt()
        return (0.5 + centred * (self.spread / deviation.clamp(min=1e-3))).clamp(0.0, 1.0)

    def describe(self, params: Params, row: int) -> str:
        """``"mean 0.5, spread 0.20"``."""
        del params, row
        return f"mean 0.5 and spread {self.spread:.2f}"
