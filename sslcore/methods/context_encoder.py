"""Cut a hole into an image and paint it in again: what belongs there follows from the rest.

The image x loses the region M; encoder f and decoder g see what is left and paint x^:

    loss = (1 - w) * L2  +  w * adversarial  +  discriminator
    L2   = mean over M and a border around it of (x^ - x)^2; the border counts 10 times
    adversarial   = -log D(x^ in M)
    discriminator = (-log D(x in M) - log(1 - D(x^ in M))) / 2

Squared error alone paints the mean of all that could be there: blur. The adversary D learns to tell
painted regions from true ones, and being found out costs the painter: one sharp answer is cheaper
than their mean. One backward pass serves both. D learns from fakes without a gradient to the
painter; the painter is judged by a frozen copy of D.

Paper: Pathak, Kraehenbuehl, Donahue, Darrell and Efros 2016, https://arxiv.org/abs/1604.07379

What to watch. The grid: true, with a hole, painted, error. The terms d_real and d_fake, how real D
finds both, should stay apart but not far: twice 0.5 means that D cannot tell, 1 and 0 that the
painter has nothing to learn from it. Take the preset without an adversary beside it: the error
hardly differs, the blur does, and that is the lesson. The loss shown holds D's own, near ln 2.

Where our numbers differ. The paper joins encoder and decoder by 4000 numbers (for 128 px); 512 in
the preset for 32 px. Each number sees the whole picture, since convolutions alone would not carry
it across. D sees the region on grey, not the surroundings, for every shape of hole. Regions with
free outlines come from smooth noise instead of another data set's segments. The hole is grey, not
the mean colour. Painter 2e-3 and adversary 2e-4 with Adam and beta 0.5 are the paper's. Pixels lie
between 0 and 1 behind a sigmoid; in the authors' code, between -1 and 1 behind a tanh, where the
squared error is four times as large. So its w = 0.001 is 0.00025 here, as in the paper's preset.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.holes import GREY, Hole, Shape
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import DiagnosticSpec, ImageGrid
from sslcore.losses import pictures
from sslcore.losses.precision import full_precision
from sslcore.method import (
    Clock,
    DataFacts,
    Method,
    MethodCard,
    ParameterGroup,
    StepOutput,
    register,
)
from sslcore.nets.decoders import ConvDecoder, doublings
from sslcore.nets.discriminator import Discriminator, judged, real_or_not
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating

MASK = "masked/hole"
SQUEEZED = 64
"""Channels of the map before and after the bottleneck."""


class ContextEncoderConfig(Config):
    """Settings of the context encoder."""

    shape: Shape = knob(
        "blocks",
        help="What is cut out: the middle, some random squares, or a region of any outline. In the "
        "middle features of edges suffice; the other two teach more.",
        paper="all three",
    )
    area: float = knob(
        0.25, low=0.01, high=0.9, help="Share of the image that is missing.", paper="1/4"
    )
    border: int = knob(
        2,
        low=0,
        high=32,
        unit="px",
        help="Width of the ring around the hole that is painted, too, so that both fit together.",
        paper="7 of 227 px",
    )
    border_weight: float = knob(
        10.0, low=0.0, high=100.0, help="How much more the ring counts than the hole.", paper="10"
    )
    adversarial_weight: float = knob(
        0.001,
        low=0.0,
        high=1.0,
        help="Weight of fooling the adversary against squared error. 0 switches the adversary off: "
        "the painted parts become blurred.",
        paper="λ_adv = 0.001, for pixels from -1 to 1; 0.00025 for ours",
    )
    bottleneck: int = knob(
        512,
        low=8,
        high=16384,
        log=True,
        help="Numbers the whole picture goes through.",
        paper="4000",
    )
    adversary_rate: float = knob(
        0.1,
        low=0.0,
        high=10.0,
        help="Learning rate of the adversary, relative to the painter's.",
        paper="1/10",
    )
    adversary_width: int = knob(
        32, low=4, high=512, log=True, help="Channels of the adversary's first layer.", paper="64"
    )
    decoder_width: int = knob(
        128, low=8, high=2048, log=True, help="Channels of the decoder's first layer."
    )


class Bottleneck(nn.Module):
    """Every number behind it depends on every place of the map before it.

    Args:
        inputs: D, channels of the map.
        side: its height and width; other maps are brought to it.
        length: numbers in between.
    """

    def __init__(self, inputs: int, side: int, length: int) -> None:
        super().__init__()
        self.side = side
        self.squeeze = nn.Sequential(nn.Conv2d(inputs, SQUEEZED, 1), nn.LeakyReLU(0.2))
        self.narrow = nn.Sequential(nn.Linear(SQUEEZED * side**2, length), nn.LeakyReLU(0.2))
        self.widen = nn.Sequential(nn.Linear(length, SQUEEZED * side**2), nn.LeakyReLU(0.2))

    def forward(self, features: Tensor) -> Tensor:
        """(B, D, h, w) -> (B, 64, side, side)."""
        small = F.adaptive_avg_pool2d(self.squeeze(features), self.side)
        return self.widen(self.narrow(small.flatten(1))).unflatten(1, (SQUEEZED, self.side, -1))


@register(
    MethodCard(
        title="Context encoder",
        family="generative",
        mechanism="context",
        year=2016,
        paper="https://arxiv.org/abs/1604.07379",
        config=ContextEncoderConfig,
        needs="images",
        backbone="map",
        diagnostics=(
            DiagnosticSpec(
                "painted",
                "image_grid",
                "True, with a hole, painted in",
                "The picture, what the network saw, what it put into the hole, and where that was "
                "wrong (white is the largest error shown).",
            ),
        ),
    )
)
class ContextEncoder(Method[ContextEncoderConfig]):
    """Context encoder: inpainting with squared error and an adversary."""

    coupled = False

    def __init__(self, config: ContextEncoderConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        times = doublings(encoder, facts.image_size)
        side = max(-(-facts.image_size // 2**times), 1)
        self.bottleneck = Bottleneck(encoder.dimensions, side, config.bottleneck)
        self.decoder = ConvDecoder(SQUEEZED, encoder.channels, times, config.decoder_width)
        self.adversary = (
            Discriminator(encoder.channels, facts.image_size, config.adversary_width)
            if config.adversarial_weight > 0
            else None
        )

    @classmethod
    def default_views(cls, config: ContextEncoderConfig, facts: DataFacts) -> ViewPlan:
        """A lightly cropped ``whole`` view, and ``masked``, made of that very view."""
        size = facts.image_size
        crop = (RandomResizedCrop(scale_low=0.5), HorizontalFlip())
        hole = Hole(shape=config.shape, area=config.area)
        return ViewPlan(
            views=(
                View(name="whole", size=size, steps=crop),
                View(name="masked", size=size, of="whole", steps=(hole,)),
            )
        )

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Painted pictures: ``painted`` (B, V, C, h, w) in (0, 1)."""
        return {"painted": self._paint(batch.view("masked")).unflatten(0, (len(batch), -1))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Weighted squared error + fooling the adversary, and the adversary's own loss."""
        painted, config = projected["painted"].flatten(0, 1), self.config
        whole, mask = _whole(batch), batch.truth[MASK].flatten(0, 1)
        error = hole_error(painted, whole, mask, config.border, config.border_weight).mean()
        reconstruction = (1.0 - config.adversarial_weight) * error
        loss, terms = reconstruction, {"reconstruction": reconstruction.detach()}
        if self.adversary is not None:
            real, fake = region(whole, mask), region(painted, mask)
            said_real, said_fake = self.adversary(real), self.adversary(fake.detach())
            discriminator = (real_or_not(said_real, True) + real_or_not(said_fake, False)) / 2
            judgement = real_or_not(judged(self.adversary, fake), True)
            adversarial = config.adversarial_weight * judgement
            loss = loss + adversarial + discriminator
            terms |= {
                "adversarial": adversarial.detach(),
                "discriminator": discriminator.detach(),
                "d_real": said_real.detach().sigmoid().mean(),
                "d_fake": said_fake.detach().sigmoid().mean(),
            }
        return StepOutput(
            loss=loss,
            terms=terms,
            diagnostics={"painted": self._grid(painted, whole, mask, batch)}
            if clock.snapshot
            else {},
        )

    def parameter_groups(self) -> list[ParameterGroup]:
        """The painter, and the adversary with a rate of its own that does not decay."""
        opposed = [] if self.adversary is None else list(self.adversary.parameters())
        numbers = {id(one) for one in opposed}
        painter = [one for one in self.parameters() if one.requires_grad and id(one) not in numbers]
        groups = [ParameterGroup("painter", painter)]
        if opposed:
            rate = self.config.adversary_rate
            groups.append(ParameterGroup("adversary", opposed, lr_scale=rate, schedule="fixed"))
        return groups

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): there is no head."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) mean squared error in the hole, averaged over copies."""
        with evaluating(self):
            painted = self._paint(batch.view("masked"))
            error = hole_error(painted, _whole(batch), batch.truth[MASK].flatten(0, 1), 0, 0.0)
            return error.unflatten(0, (len(batch), -1)).mean(1)

    def _paint(self, images: Tensor) -> Tensor:
        features = self.bottleneck(self.online.feature_map(images))
        return torch.sigmoid(self.decoder(features, (images.shape[-2], images.shape[-1])))

    def _grid(self, painted: Tensor, whole: Tensor, mask: Tensor, batch: Batch) -> ImageGrid:
        shown = slice(0, pictures.COLUMNS_SHOWN)
        filled = torch.where(mask, painted.detach().float(), whole)[shown]
        error = (filled - whole[shown]).abs().mean(1, keepdim=True)
        rows = {
            "true": whole[shown],
            "with a hole": batch.view("masked")[shown],
            "painted": filled,
            "error": error / error.amax().clamp(min=1e-6),
        }
        return ImageGrid(
            images=np.stack([pictures.pixels(one) for one in rows.values()]),
            rows=tuple(rows),
            ids=pictures.ids(batch, len(whole))[shown],
        )


@full_precision
def hole_error(
    painted: Tensor, whole: Tensor, mask: Tensor, border: int, border_weight: float
) -> Tensor:
    """Weighted squared error of the hole and a ring around it.

    Args:
        painted: (B, C, h, w).
        whole: (B, C, h, w).
        mask: (B, 1, h, w) bool, True in the hole.
        border: width of the ring in pixels.
        border_weight: of the ring; the hole weighs 1.

    Returns:
        (B,) the sum over hole and ring, divided by the number of values in both.

    Raises:
        ValueError: if shapes differ.
    """
    if painted.shape != whole.shape or mask.shape != whole[:, :1].shape:
        raise ValueError(
            f"painted {tuple(painted.shape)}, whole {tuple(whole.shape)} and mask "
            f"{tuple(mask.shape)} are not of the same pictures"
        )
    hole = mask.to(painted.dtype)
    near = F.max_pool2d(hole, 2 * border + 1, 1, border)  # hole and ring
    weights = hole + border_weight * (near - hole)
    scored = (near if border_weight > 0 else hole).flatten(1).sum(1).clamp(min=1.0)
    error = (weights * (painted - whole).square()).flatten(1).sum(1)
    return error / (scored * whole.shape[1])


def region(images: Tensor, mask: Tensor) -> Tensor:
    """What the adversary sees: the hole, and grey everywhere else."""
    return torch.where(mask, images, torch.full_like(images, GREY))


def _whole(batch: Batch) -> Tensor:
    """(B V, C, h, w): the whole image of every masked one."""
    whole, masked = batch.view("whole"), batch.view("masked")
    return whole.repeat_interleave(len(masked) // len(whole), 0)
