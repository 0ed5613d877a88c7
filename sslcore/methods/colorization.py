"""To paint a grey picture, a network must know what is in it: grass is green, faces are not.

The network sees lightness L and says for every pixel how likely each of Q colour bins is:

    loss = mean over pixels of  v(Z) * -sum_q Z_q log Z^_q
    Z    = the true a and b as a mixture of their 5 nearest bins (Gaussian, sigma 5)
    v    = w of the nearest bin,  w ~ 1 / ((1 - lambda) p + lambda / Q),  mean of v = 1

with p how common each bin is in the folder, smoothed. Squared error would average all colours a
thing could have into brown; bins keep several answers apart, and v keeps rare, strong colours from
drowning in common, dull ones. Pictures are painted with the *annealed mean*: the mean colour after
sharpening the probabilities by 1 / T.

Paper: Zhang, Isola and Efros 2016, https://arxiv.org/abs/1603.08511

What to watch. Guessing costs ln Q = 5.56. The grid: grey, painted, true. First everything is
sepia, then skies and lawns take colour, then things. The curve of bins shows whether rare colours
are ever used. Where one thing comes in many colours (cars, clothes) wrong colours are no failure.
In the demo set colours have nothing to do with shapes, so it stays grey: take photographs.

Where our numbers differ. We count 261 bins of 10 x 10: all grid points that are nearest to a colour
which sRGB can show. The paper has 313 and does not say how it counts. The loss is a mean over
pixels, not a sum, and w is scaled by the pixels there are, not by the smoothed p, so that guessing
costs ln Q. As in the paper colours are predicted at a quarter of the side (knob `stride`), here
with a small convolutional decoder. The kept encoder sees L as three equal channels, so it takes
colour images like every other, and is blind to their colour. The paper's Adam with rate 3e-5 is in
its preset; a small network bears 1e-3.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.augment.colour_space import lab, srgb
from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch, Sample
from sslcore.config import Config, knob
from sslcore.diagnostics import Curve, Diagnostic, DiagnosticSpec, ImageGrid
from sslcore.losses import pictures
from sslcore.losses.colour_bins import Palette, annealed_mean, coarse_lab, coarse_size
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.colour_encoder import LightnessEncoder, lightness
from sslcore.nets.decoders import ConvDecoder, doublings
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating

VIEW = "whole"


class ColorizationConfig(Config):
    """Settings of colourisation."""

    rebalance: float = knob(
        0.5,
        low=0.01,
        high=1.0,
        help="How evenly colours count: 1 as often as they occur, so pictures come out dull; lower "
        "values make rare colours count more.",
        paper="λ = 0.5",
    )
    neighbours: int = knob(
        5, low=1, high=25, unit="bins", help="Bins that share one true colour.", paper="5"
    )
    sigma: float = knob(
        5.0, low=0.5, high=50.0, help="How widely a colour spreads over its bins.", paper="σ = 5"
    )
    temperature: float = knob(
        0.38,
        low=0.01,
        high=1.0,
        help="For painting only: 1 gives the mean colour, brown in doubt; towards 0 the likeliest "
        "bin, vivid but patchy.",
        paper="T = 0.38",
    )
    stride: int = knob(
        4, low=1, high=16, unit="px", help="Pixels per predicted colour; 1 is slow.", paper="4"
    )
    crop_low: float = knob(0.5, low=0.08, high=1.0, help="Smallest share of the area a crop keeps.")
    decoder_width: int = knob(
        128, low=8, high=2048, log=True, help="Channels of the decoder's first layer."
    )


@register(
    MethodCard(
        title="Colourisation",
        family="generative",
        mechanism="context",
        year=2016,
        paper="https://arxiv.org/abs/1603.08511",
        config=ColorizationConfig,
        needs="images",
        backbone="map",
        channels=(3, 4),
        instead="choose denoising_autoencoder or rotation, which need no colour",
        diagnostics=(
            DiagnosticSpec(
                "colours",
                "image_grid",
                "Grey, painted, true",
                "What the network saw, how it paints it, and the picture as it is.",
            ),
            DiagnosticSpec(
                "bins",
                "curve",
                "Common and rare colours",
                "Share of the pixels in each colour bin, most common first: in the folder, and in "
                "what the network says of this batch. Rare colours it never dares are at the "
                "bottom right.",
            ),
        ),
    )
)
class Colorization(Method[ColorizationConfig]):
    """Colourisation: lightness in, a distribution over colour bins out."""

    coupled = False

    def __init__(self, config: ColorizationConfig, encoder: Encoder, facts: DataFacts) -> None:
        self.card.check_channels(facts.channels)
        super().__init__(config, LightnessEncoder.of(encoder), facts)
        self.palette = Palette(config.rebalance, config.neighbours, config.sigma)
        self.decoder = ConvDecoder(
            encoder.dimensions,
            len(self.palette),
            max(doublings(encoder, facts.image_size) - round(math.log2(config.stride)), 0),
            config.decoder_width,
        )

    @classmethod
    def default_views(cls, config: ColorizationConfig, facts: DataFacts) -> ViewPlan:
        """One view, cropped and flipped; colours stay as they are, they are the answer."""
        steps = (RandomResizedCrop(scale_low=config.crop_low), HorizontalFlip())
        return ViewPlan(views=(View(name=VIEW, size=facts.image_size, steps=steps),))

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Learn how common each colour bin is."""
        self.palette.learn(self._target(one.image) for one in samples)

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Scores of the bins for every coarse pixel: ``logits`` (B, V, Q, h, w)."""
        return {"logits": self._logits(batch.view(VIEW)).unflatten(0, (len(batch), -1))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Rebalanced cross-entropy of the true bins."""
        logits = projected["logits"].flatten(0, 1)
        ab = self._target(batch.view(VIEW))
        error = self.palette.error(logits, ab)  # B V x h x w
        painted = annealed_mean(logits.detach(), self.palette.bins, self.config.temperature)
        return StepOutput(
            loss=error.mean(),
            terms={"colour_distance": (painted - ab).norm(dim=1).mean()},
            diagnostics=self._pictures(logits.detach(), painted, batch) if clock.snapshot else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): there is no head."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) rebalanced cross-entropy, averaged over pixels and copies."""
        with evaluating(self):
            images = batch.view(VIEW)
            error = self.palette.error(self._logits(images), self._target(images))
            return error.unflatten(0, (len(batch), -1)).flatten(1).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Every bin equally likely costs ln Q."""
        return {"ln Q (guessing)": math.log(len(self.palette))}

    def _logits(self, images: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, Q, h, w) at a coarser size."""
        features = self.online.feature_map(images)
        return self.decoder(features, coarse_size(images, self.config.stride))

    def _target(self, images: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, 2, h, w): true a and b of coarse pixels."""
        return coarse_lab(images, self.config.stride)[:, 1:]

    def _pictures(self, logits: Tensor, painted: Tensor, batch: Batch) -> dict[str, Diagnostic]:
        images = batch.view(VIEW)
        shown = images[: pictures.COLUMNS_SHOWN]
        colours = F.interpolate(
            painted[: len(shown)], shown.shape[-2:], mode="bilinear", align_corners=False
        )
        rows = {
            "grey": lightness(shown),
            "painted": srgb(torch.cat((lab(shown)[:, :1], colours), 1)),
            "true": shown,
        }
        order = self.palette.prior.argsort(descending=True)
        said = logits.float().softmax(1).mean((0, 2, 3))
        return {
            "colours": ImageGrid(
                images=np.stack([pictures.pixels(one) for one in rows.values()]),
                rows=tuple(rows),
                ids=pictures.ids(batch, len(images))[: len(shown)],
            ),
            "bins": Curve(
                x=np.arange(1, len(order) + 1, dtype=np.float32),
                lines={
                    "in the folder": np.maximum(pictures.array(self.palette.prior[order]), 1e-8),
                    "said by the network": np.maximum(pictures.array(said[order]), 1e-8),
                },
                x_axis="colour bin, most common first",
                y_axis="share of the pixels",
                log=True,
                marks={},
            ),
        }
