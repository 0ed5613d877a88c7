"""Spoil an image and ask for the clean one: whoever can restore it knows what images look like.

A clean view x is corrupted to x~ (noise, or pixels lost); encoder f and decoder g restore it:

    loss = alpha * sum over corrupted pixels L(g(f(x~)), x)  +  beta * sum over untouched ones

divided by the number of values. L is the squared error or the cross-entropy. With alpha = 1 and
beta = 0 only corrupted pixels count, so copying the input cannot win.

Paper: Vincent, Larochelle, Lajoie, Bengio and Manzagol 2010,
https://jmlr.org/papers/v11/vincent10a.html (first in 2008: https://doi.org/10.1145/1390156.1390294)

What to watch. The grid: clean, corrupted, reconstructed, and where the error is. Blur is what the
mean over many possible answers looks like; it is the lesson of this method, not a fault of it.
Pixels are a poor teacher of classes, so neighbours improve less than with contrastive methods. To
answer "masking works well with sigmoid, what suits ReLU?", train the grid of corruption,
activation and loss.

Where our numbers differ. The paper stacks fully connected layers one by one on 28-pixel images; we
train one convolutional encoder and decoder at once. Masking loses whole pixels, not single values.
"""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
import torch
from pydantic import model_validator
from torch import Tensor, nn

from sslcore.augment.corruption import GaussianNoise, Masking, SaltAndPepper
from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.step import Step
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import DiagnosticSpec, ImageGrid
from sslcore.losses import pictures, reconstruction
from sslcore.losses.reconstruction import Output, PixelLoss
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.decoders import Activation, ConvDecoder, doublings
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating

Corruption = Literal["gaussian_noise", "masking", "salt_and_pepper"]
Code = Literal["map", "vector"]


class DenoisingAutoencoderConfig(Config):
    """Settings of the denoising autoencoder."""

    corruption: Corruption = knob(
        "masking", help="How the clean image is spoiled. Masking asks for the most understanding."
    )
    fraction: float = knob(
        0.25,
        low=0.0,
        high=0.95,
        help="Share of the pixels lost by masking, or salt and pepper.",
        paper="ν = 0.25",
    )
    noise: float = knob(
        0.3, low=0.0, high=1.0, help="Standard deviation of Gaussian noise.", paper="σ = 0.1 to 0.5"
    )
    loss: PixelLoss = knob("mse", help="Squared error, or binary cross-entropy.")
    output: Output = knob(
        "sigmoid", help="Squash outputs into 0..1, or leave them; cross-entropy needs sigmoid."
    )
    activation: Activation = knob("relu", help="Between the layers of the decoder.")
    alpha: float = knob(1.0, low=0.0, high=100.0, help="Weight of corrupted pixels.", paper="α = 1")
    beta: float = knob(
        0.0,
        low=0.0,
        high=100.0,
        help="Weight of untouched pixels. 0: copying the input earns nothing.",
        paper="β = 0 or 0.5",
    )
    code: Code = knob(
        "map",
        help="What the decoder is given: the feature map, or only the vector that is its mean.",
        paper="vector",
    )
    decoder_width: int = knob(
        128, low=8, high=2048, log=True, help="Channels of the decoder's first layer."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.loss == "bce" and self.output != "sigmoid":
            raise ValueError("loss = 'bce' needs output = 'sigmoid', or take loss = 'mse'")
        if self.alpha == 0 and self.beta == 0:
            raise ValueError("alpha = 0 and beta = 0 leave no loss; raise one of them")
        return self

    def step(self) -> Step:
        """The corruption as a step of a view."""
        if self.corruption == "gaussian_noise":
            return GaussianNoise(sd_low=self.noise, sd_high=self.noise)
        if self.corruption == "masking":
            return Masking(fraction=self.fraction)
        return SaltAndPepper(fraction=self.fraction)


@register(
    MethodCard(
        title="Denoising autoencoder",
        family="generative",
        mechanism="context",
        year=2008,
        paper="https://jmlr.org/papers/v11/vincent10a.html",
        config=DenoisingAutoencoderConfig,
        needs="images",
        backbone="map",
        diagnostics=(
            DiagnosticSpec(
                "reconstructions",
                "image_grid",
                "Clean, corrupted, restored",
                "What went in, what the network saw, what it made of it, and where it was wrong "
                "(white is the largest error shown).",
            ),
        ),
    )
)
class DenoisingAutoencoder(Method[DenoisingAutoencoderConfig]):
    """Denoising autoencoder: from a corrupted image back to the clean one."""

    coupled = False

    def __init__(
        self, config: DenoisingAutoencoderConfig, encoder: Encoder, facts: DataFacts
    ) -> None:
        super().__init__(config, encoder, facts)
        inputs, times = encoder.dimensions, doublings(encoder, facts.image_size)
        self.unfold: nn.Sequential | None = None
        if config.code == "vector":
            side = math.ceil(facts.image_size / 2**times)
            self.unfold = nn.Sequential(
                nn.Linear(inputs, config.decoder_width * side * side),
                nn.Unflatten(1, (config.decoder_width, side, side)),
            )
            inputs = config.decoder_width
        self.decoder = ConvDecoder(
            inputs, encoder.channels, times, config.decoder_width, config.activation
        )

    @classmethod
    def default_views(cls, config: DenoisingAutoencoderConfig, facts: DataFacts) -> ViewPlan:
        """A lightly cropped ``clean`` view, and ``corrupted``, made of that very view."""
        size = facts.image_size
        crop = (RandomResizedCrop(scale_low=0.5), HorizontalFlip())
        return ViewPlan(
            views=(
                View(name="clean", size=size, steps=crop),
                View(name="corrupted", size=size, of="clean", steps=(config.step(),)),
            )
        )

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Restored images before squashing: ``raw`` (B, C, h, w)."""
        return {"raw": self._restore(batch.view("corrupted"))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Pixel error, corrupted pixels and untouched ones weighted apart."""
        raw, config = projected["raw"], self.config
        clean = _clean(batch)
        error = reconstruction.pixel_error(raw, clean, config.loss, config.output)
        corrupted, untouched = reconstruction.emphasised(
            error, _touched(batch), config.alpha, config.beta
        )
        return StepOutput(
            loss=corrupted + untouched,
            terms={"corrupted": corrupted.detach(), "untouched": untouched.detach()},
            diagnostics={"reconstructions": self._grid(raw, clean, batch)}
            if clock.snapshot
            else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): there is no head."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) mean squared error of the restored images, averaged over copies."""
        with evaluating(self):
            raw = self._restore(batch.view("corrupted"))
            error = reconstruction.pixel_error(raw, _clean(batch), "mse", self.config.output)
            return error.unflatten(0, (len(batch), -1)).flatten(1).mean(1)

    def _restore(self, images: Tensor) -> Tensor:
        features = self.online.feature_map(images)
        if self.unfold is not None:
            features = self.unfold(features.mean((-2, -1)))
        return self.decoder(features, (images.shape[-2], images.shape[-1]))

    def _grid(self, raw: Tensor, clean: Tensor, batch: Batch) -> ImageGrid:
        shown = slice(0, pictures.COLUMNS_SHOWN)
        restored = reconstruction.squashed(raw.detach().float(), self.config.output)[shown]
        error = (restored - clean[shown]).abs().mean(1, keepdim=True)
        rows = {
            "clean": clean[shown],
            "corrupted": batch.view("corrupted")[shown],
            "restored": restored,
            "error": error / error.amax().clamp(min=1e-6),
        }
        return ImageGrid(
            images=np.stack([pictures.pixels(one) for one in rows.values()]),
            rows=tuple(rows),
            ids=pictures.ids(batch, len(clean))[shown],
        )


def _clean(batch: Batch) -> Tensor:
    """(B V, C, h, w): the clean image of every corrupted one."""
    clean, corrupted = batch.view("clean"), batch.view("corrupted")
    return clean.repeat_interleave(len(corrupted) // len(clean), 0)


def _touched(batch: Batch) -> Tensor:
    """(B V, 1, h, w) bool: pixels that any corruption changed; none if all are switched off."""
    corrupted = batch.view("corrupted")
    touched = torch.zeros_like(corrupted[:, :1], dtype=torch.bool)
    for name, mask in batch.truth.items():
        if name.startswith("corrupted/"):
            touched = touched | mask.flatten(0, 1)
    return touched
