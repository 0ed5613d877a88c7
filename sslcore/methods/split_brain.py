"""Two half networks, each predicting what only the other sees: colour from grey, grey from colour.

An image is split into lightness L and colours ab. One half sees L and says the colour, the other
sees ab and says the lightness:

    loss = error(F_1(L), ab)  +  error(F_2(ab), L)
    features = [F_1(L), F_2(ab)]

Colourisation alone never learns to look at colour. Here the halves together look at everything, and
neither task can be solved by copying, as a plain autoencoder could.

Paper: Zhang, Isola and Efros 2017, https://arxiv.org/abs/1611.09842

What to watch. Both errors fall, lightness from colour more slowly: many lightnesses go with one
colour. Guessing costs about ln Q + ln 100 = 10.2. The grid shows what each half sees and says;
where the colour half knows shapes, colour edges gave them away. Take photographs: in the demo set
colours have nothing to do with shapes.

Where our numbers differ. As in the paper each half is a network of its own; ours are both of the
width that the recipe says, so 16 in the preset stands for a network of 32 cut in half, and the
features are as long as those of other methods at 32. Classification of both (261 bins of ab, 100 of
L) is what the paper found best; regression is a knob. Its equation weighs all colours alike
(lambda = 1, so in the paper's preset); the small preset weighs rare ones more, as colourisation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.augment.colour_space import lab, srgb
from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch, Sample
from sslcore.config import Config, knob
from sslcore.diagnostics import DiagnosticSpec, ImageGrid
from sslcore.losses import pictures
from sslcore.losses.colour_bins import Palette, annealed_mean, coarse_lab, coarse_size
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.colour_encoder import COLOUR_SCALE, SplitEncoder
from sslcore.nets.decoders import ConvDecoder, doublings
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating

VIEW = "whole"
LIGHTNESS_BINS = 100
"""One for every unit of L."""
MIDDLE, LIGHTNESS_SCALE = 50.0, 25.0
"""What is taken from L, and what it is then divided by, where its value is predicted itself."""


class SplitBrainConfig(Config):
    """Settings of the split-brain autoencoder."""

    loss: Literal["classification", "regression"] = knob(
        "classification",
        help="Say how likely each bin is, or say one value (squared error), which averages all "
        "possible colours into brown.",
        paper="classification for both halves",
    )
    rebalance: float = knob(
        0.5,
        low=0.01,
        high=1.0,
        help="How evenly colours count: 1 as often as they occur; lower values make rare colours "
        "count more.",
        paper="λ = 1",
    )
    temperature: float = knob(
        0.38,
        low=0.01,
        high=1.0,
        help="For painting only: 1 gives the mean, towards 0 the likeliest bin.",
        paper="T = 0.38",
    )
    stride: int = knob(
        4, low=1, high=16, unit="px", help="Pixels per prediction; 1 is slow.", paper="about 15"
    )
    crop_low: float = knob(0.5, low=0.08, high=1.0, help="Smallest share of the area a crop keeps.")
    decoder_width: int = knob(
        128, low=8, high=2048, log=True, help="Channels of each decoder's first layer."
    )


@register(
    MethodCard(
        title="Split-brain autoencoder",
        family="generative",
        mechanism="context",
        year=2017,
        paper="https://arxiv.org/abs/1611.09842",
        config=SplitBrainConfig,
        needs="images",
        backbone="map",
        channels=(3, 4),
        instead="choose denoising_autoencoder or rotation, which need no colour",
        diagnostics=(
            DiagnosticSpec(
                "halves",
                "image_grid",
                "What each half sees and says",
                "The lightness half sees grey and paints it; the colour half sees colours without "
                "lightness and says how light they are; below, the picture as it is.",
            ),
        ),
    )
)
class SplitBrain(Method[SplitBrainConfig]):
    """Split-brain autoencoder: two halves that predict each other's channels."""

    coupled = False
    online: SplitEncoder

    def __init__(self, config: SplitBrainConfig, encoder: Encoder, facts: DataFacts) -> None:
        self.card.check_channels(facts.channels)
        super().__init__(config, SplitEncoder(encoder), facts)
        self.palette = Palette(config.rebalance)
        times = max(doublings(encoder, facts.image_size) - round(math.log2(config.stride)), 0)
        classifies = config.loss == "classification"
        outputs = (len(self.palette), LIGHTNESS_BINS) if classifies else (2, 1)
        self.colour_decoder, self.lightness_decoder = (
            ConvDecoder(encoder.dimensions, channels, times, config.decoder_width)
            for channels in outputs
        )

    @classmethod
    def default_views(cls, config: SplitBrainConfig, facts: DataFacts) -> ViewPlan:
        """One view, cropped and flipped; colours stay as they are, they are half the answer."""
        steps = (RandomResizedCrop(scale_low=config.crop_low), HorizontalFlip())
        return ViewPlan(views=(View(name=VIEW, size=facts.image_size, steps=steps),))

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Learn how common each colour bin is."""
        self.palette.learn(self._target(one.image)[:, 1:] for one in samples)

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """What each half says, (B, V, outputs, h, w): ``colour`` and ``lightness``."""
        said = self._say(batch.view(VIEW))
        return {name: one.unflatten(0, (len(batch), -1)) for name, one in said.items()}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Error of the colours said by one half + error of the lightness said by the other."""
        said = {name: one.flatten(0, 1) for name, one in projected.items()}
        true = self._target(batch.view(VIEW))
        colour, lightness = (one.mean() for one in self._errors(said, true))
        found = self._decode({name: one.detach() for name, one in said.items()})
        return StepOutput(
            loss=colour + lightness,
            terms={
                "colour": colour.detach(),
                "lightness": lightness.detach(),
                "colour_distance": (found[:, 1:] - true[:, 1:]).norm(dim=1).mean(),
                "lightness_distance": (found[:, 0] - true[:, 0]).abs().mean(),
            },
            diagnostics={"halves": _grid(found, batch)} if clock.snapshot else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): there is no head."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) both errors together, averaged over pixels and copies."""
        with evaluating(self):
            images = batch.view(VIEW)
            colour, lightness = self._errors(self._say(images), self._target(images))
            return (colour + lightness).unflatten(0, (len(batch), -1)).flatten(1).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Every bin equally likely costs ln Q + ln 100."""
        if self.config.loss == "regression":
            return {}
        return {"ln Q + ln 100 (guessing)": math.log(len(self.palette) * LIGHTNESS_BINS)}

    def _say(self, images: Tensor) -> dict[str, Tensor]:
        """(N, C, H, W) -> colour (N, Q or 2, h, w) and lightness (N, 100 or 1, h, w)."""
        size = coarse_size(images, self.config.stride)
        return {
            "colour": self.colour_decoder(self.online.lightness_map(images), size),
            "lightness": self.lightness_decoder(self.online.colour_map(images), size),
        }

    def _target(self, images: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, 3, h, w): true L, a and b of coarse pixels."""
        return coarse_lab(images, self.config.stride)

    def _errors(self, said: Mapping[str, Tensor], true: Tensor) -> tuple[Tensor, Tensor]:
        """(N, h, w) each: of the colours and of the lightness."""
        if self.config.loss == "regression":
            colour = squared_error(said["colour"], true[:, 1:] / COLOUR_SCALE)
            return colour, squared_error(said["lightness"], _standard(true[:, :1]))
        return self.palette.error(said["colour"], true[:, 1:]), lightness_error(
            said["lightness"], true[:, 0]
        )

    def _decode(self, said: Mapping[str, Tensor]) -> Tensor:
        """(N, 3, h, w): the L, a and b that were said."""
        colour, lightness = said["colour"].float(), said["lightness"].float()
        if self.config.loss == "regression":
            value = MIDDLE + LIGHTNESS_SCALE * lightness
            return torch.cat((value, COLOUR_SCALE * colour), 1)
        centres = torch.arange(LIGHTNESS_BINS, device=lightness.device)[:, None] + 0.5
        heat = self.config.temperature
        return torch.cat(
            (
                annealed_mean(lightness, centres, heat),
                annealed_mean(colour, self.palette.bins, heat),
            ),
            1,
        )


@full_precision
def lightness_error(logits: Tensor, lightness: Tensor) -> Tensor:
    """-log p of the true unit of lightness.

    Args:
        logits: (B, 100, h, w) scores of the units.
        lightness: (B, h, w) true L, 0 to 100.

    Returns:
        (B, h, w) in nats.

    Raises:
        ValueError: if there is not one score for every unit.
    """
    if logits.shape[1] != LIGHTNESS_BINS:
        raise ValueError(f"need {LIGHTNESS_BINS} scores of lightness, got {logits.shape[1]}")
    unit = lightness.floor().long().clamp(0, LIGHTNESS_BINS - 1)
    return F.cross_entropy(logits, unit, reduction="none")


@full_precision
def squared_error(said: Tensor, true: Tensor) -> Tensor:
    """(B, c, h, w), (B, c, h, w) -> (B, h, w): half the squared distance of every pixel."""
    return 0.5 * (said - true).square().sum(1)


def _standard(lightness: Tensor) -> Tensor:
    return (lightness - MIDDLE) / LIGHTNESS_SCALE


def _grid(found: Tensor, batch: Batch) -> ImageGrid:
    images = batch.view(VIEW)
    shown = images[: pictures.COLUMNS_SHOWN]
    true = lab(shown)
    said = F.interpolate(
        found[: len(shown)], shown.shape[-2:], mode="bilinear", align_corners=False
    )
    none = torch.zeros_like(true[:, 1:])
    flat = torch.full_like(true[:, :1], 65.0)  # light enough to show any colour
    rows = {
        "grey seen": srgb(torch.cat((true[:, :1], none), 1)),
        "colour said": srgb(torch.cat((true[:, :1], said[:, 1:]), 1)),
        "colour seen": srgb(torch.cat((flat, true[:, 1:]), 1)),
        "lightness said": srgb(torch.cat((said[:, :1], none), 1)),
        "true": shown,
    }
    return ImageGrid(
        images=np.stack([pictures.pixels(one) for one in rows.values()]),
        rows=tuple(rows),
        ids=pictures.ids(batch, len(images))[: len(shown)],
    )
