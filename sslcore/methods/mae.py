"""Hide three quarters of an image and paint them in from the rest.

Of the N patches of an image a random quarter V goes through the encoder f, all alone; a small
decoder g gets these tokens and, for each hidden patch i, one learned token with its place:

    loss = mean over hidden patches i of  |g(f(x_V))_i - t_i|^2 / P

t_i are the P pixel values of the patch, first brought to mean 0 and deviation 1 within the patch
(normalised targets), so that shape counts and brightness does not. Since the encoder sees a quarter
of the patches, a step costs a quarter as well; the decoder is thrown away after training.

Paper: He, Chen, Xie, Li, Dollar and Girshick 2021, https://arxiv.org/abs/2111.06377

What to watch. The grid: what was left, what the network painted, the original. Blurred outlines
that fit are what success looks like. With normalised targets the loss first rests at 1 - 1/P (flat
patches, no outline yet; some 150 steps in the small preset), then falls for as long as one trains.
It says little of the features: these are good after fine-tuning and poor for nearest neighbours
(ImageNet, ViT-B: 81 % fine-tuned, 11 % by neighbours), so do not expect the kNN curve of a
contrastive method. Hide less (50 %) and the task becomes easy: neighbouring pixels fill the holes.

Where our numbers differ. The paper trains ViT-B to ViT-H with a class token that takes part in
everything but the loss; we have none, and the vector of an image is the mean of its patches. The
decoder gives out hidden patches only, which changes neither loss nor gradient. Small preset: four
encoder blocks of 128 and a decoder of 2 blocks of 96 instead of 8 of 512, and batches of 64 at a
rate of 2e-3, because what counts at this size is the number of steps.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.masks import GREY, PatchMask
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import DiagnosticSpec, ImageGrid
from sslcore.losses import pictures
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets import patches, vit
from sslcore.nets.completion import Completion
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating
from sslcore.nets.patches import patchify, unpatchify

__all__ = ["Mae", "MaeConfig", "patchify", "reconstruction", "unpatchify"]


class MaeConfig(Config):
    """Settings of the masked autoencoder."""

    mask_ratio: float = knob(
        0.75,
        low=0.1,
        high=0.95,
        help="Share of the patches that is hidden. Less than half is too easy to fill in from "
        "neighbouring pixels.",
        paper="75 %",
    )
    normalise_targets: bool = knob(
        True,
        help="Bring the pixels of each hidden patch to mean 0 and deviation 1 before they are "
        "compared: outlines count, brightness does not.",
        paper="norm_pix_loss",
    )
    decoder_width: int = knob(
        96, low=16, high=4096, log=True, help="Numbers per patch inside the decoder.", paper="512"
    )
    decoder_depth: int = knob(
        2,
        low=1,
        high=32,
        help="Blocks of the decoder. A deeper one leaves more of the painting to itself, so that "
        "the encoder can keep to what the image shows.",
        paper="8",
    )


@register(
    MethodCard(
        title="MAE",
        family="generative",
        mechanism="context",
        year=2021,
        paper="https://arxiv.org/abs/2111.06377",
        config=MaeConfig,
        needs="images",
        backbone="tokens",
        diagnostics=(
            DiagnosticSpec(
                "reconstructions",
                "image_grid",
                "Masked, painted in, original",
                "What the encoder saw, what the decoder painted into the holes, and what was "
                "there. With normalised targets, brightness and contrast of a painted patch are "
                "borrowed from the original.",
            ),
        ),
    )
)
class Mae(Method[MaeConfig]):
    """Masked autoencoder: from a few patches to the pixels of all others."""

    coupled = False

    def __init__(self, config: MaeConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        self.decoder = Completion(encoder.dimensions, config.decoder_width, config.decoder_depth)
        self.pixels = nn.Linear(config.decoder_width, encoder.patch**2 * encoder.channels)
        vit.begin(self.pixels)

    @property
    def seen(self) -> float:
        """The patches that are not masked."""
        return 1.0 - self.config.mask_ratio

    @classmethod
    def default_views(cls, config: MaeConfig, facts: DataFacts) -> ViewPlan:
        """A crop, ``whole``, and the same with random patches behind grey, ``masked``."""
        size = facts.image_size
        crop = (RandomResizedCrop(scale_low=0.2), HorizontalFlip())
        mask = PatchMask(patch=vit.patch_size(size), ratio=config.mask_ratio)
        return ViewPlan(
            views=(
                View(name="whole", size=size, steps=crop),
                View(name="masked", size=size, of="whole", steps=(mask,)),
            )
        )

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Pixels of the M hidden patches, normalised or not: ``painted`` (B, M, P)."""
        return {"painted": self._painted(batch)}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Squared error of the hidden patches."""
        painted = projected["painted"]
        loss = reconstruction(painted, self._hidden(batch), self.config.normalise_targets)
        return StepOutput(
            loss=loss,
            terms={"hidden patches": loss.detach()},
            diagnostics={"reconstructions": self._grid(painted, batch)} if clock.snapshot else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): there is no head."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) error of the hidden patches, averaged over copies."""
        with evaluating(self):
            painted, hidden = self._painted(batch), self._hidden(batch)
            error = patch_error(painted, hidden, self.config.normalise_targets)
            return error.unflatten(0, (len(batch), -1)).flatten(1).mean(1)

    def constants(self) -> Mapping[str, float]:
        """What flat patches cost with normalised targets: their unbiased variance is 1."""
        values = self.online.patch**2 * self.online.channels
        return {"1 - 1/P": 1.0 - 1.0 / values} if self.config.normalise_targets else {}

    def _asked(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Whole images, one for every mask, and masks (B, N) that are true where hidden."""
        return patches.masked(batch, "masked", PatchMask().kind, self.online.patch)

    def _hidden(self, batch: Batch) -> Tensor:
        """True pixels of the hidden patches, (B, M, P)."""
        images, mask = self._asked(batch)
        return vit.picked(patchify(images, self.online.patch), patches.numbers(mask))

    def _painted(self, batch: Batch) -> Tensor:
        images, mask = self._asked(batch)
        seen = patches.numbers(~mask)
        tokens = self.online.tokens(images, seen)
        grid = self.online.grid(images)
        return self.pixels(self.decoder(tokens, seen, patches.numbers(mask), grid))

    def _grid(self, painted: Tensor, batch: Batch) -> ImageGrid:
        shown = slice(0, pictures.COLUMNS_SHOWN)
        images, mask = (one[shown] for one in self._asked(batch))
        original = patchify(images, self.online.patch)
        hidden = self._hidden(batch)[shown]
        values = painted.detach()[shown].float()
        if self.config.normalise_targets:
            values = values * _deviation(hidden) + hidden.mean(-1, keepdim=True)
        grid = self.online.grid(images)

        def image(rows: Tensor) -> Tensor:
            return unpatchify(rows, grid, images.shape[1])

        where = mask[..., None].expand_as(original)
        rows = {
            "masked": image(original.masked_fill(where, GREY)),
            "painted in": image(original.masked_scatter(where, values.to(original.dtype))),
            "original": images,
        }
        return ImageGrid(
            images=np.stack([pictures.pixels(one) for one in rows.values()]),
            rows=tuple(rows),
            ids=pictures.ids(batch, len(painted))[shown],
        )


@full_precision
def patch_error(predicted: Tensor, original: Tensor, normalise_targets: bool) -> Tensor:
    """Mean squared error of every patch.

    Args:
        predicted: (B, M, P).
        original: (B, M, P) pixel values.
        normalise_targets: compare with the values minus their mean, divided by their (unbiased)
            deviation within the patch.

    Returns:
        (B, M).

    Raises:
        ValueError: if shapes differ.
    """
    if predicted.shape != original.shape:
        raise ValueError(
            f"predicted patches {tuple(predicted.shape)} and original ones "
            f"{tuple(original.shape)} differ in shape"
        )
    if normalise_targets:
        original = (original - original.mean(-1, keepdim=True)) / _deviation(original)
    return (predicted - original).square().mean(-1)


def reconstruction(
    predicted: Tensor, original: Tensor, normalise_targets: bool, mask: Tensor | None = None
) -> Tensor:
    """The loss: :func:`patch_error` averaged over patches.

    Args:
        predicted: (B, N, P).
        original: (B, N, P) pixel values.
        normalise_targets: see :func:`patch_error`.
        mask: (B, N) bool, which patches count; None for all.

    Returns:
        Scalar; 0 if no patch counts.
    """
    error = patch_error(predicted, original, normalise_targets)
    if mask is None:
        return error.mean()
    return (error * mask).sum() / mask.sum().clamp(min=1)


def _deviation(original: Tensor) -> Tensor:
    """(..., P) -> (..., 1), never quite 0."""
    return torch.sqrt(original.var(-1, keepdim=True) + 1e-6)
