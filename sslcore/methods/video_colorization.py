"""Colour a grey frame by copying colours from earlier frames: whoever knows where to look tracks.

Every frame is seen in grey and mapped to an embedding f at each place. The colours of the earlier
(reference) frames are known; a place j of the target frame takes a mixture of them:

    A_ij = softmax over i of  f_i . f_j / T,    y_j = sum_i A_ij c_i,    loss = mean_j -log y_j[c_j]

with i over all places of all reference frames. A colour c is one of 16 bins, centres of k-means
over the colours of the training frames. Colours can only be *copied*, so the network must find
where a part of an object was before; tracking comes for free, though nobody labelled any.

Paper: Vondrick, Shrivastava, Fathi, Guadarrama and Murphy 2018, https://arxiv.org/abs/1806.09594

What to watch. Accuracy beside "copied in place": what one gets by taking the colour at the same
place of the last reference. Where little moves that is hard to beat, and where it is beaten, the
network has found the motion. Under "Where a place looks" choose a place of the target: its
attention lies over the references, and should be a spot on the same thing, wherever that was. And
a mask of a clip's first frame can be carried along the clip ("Mask" in Explore, `sslcore carry`).

Where our numbers differ. The paper trains a ResNet-18 with a 3-D network on top, on Kinetics at 256
px with maps of 32 x 32 places of 8 px, for which it strides less; here it is the chosen backbone
alone, followed by one linear layer to 64 numbers. A ResNet-18 of ours maps 256 px to 8 x 8 places
of 32 px, so colours are copied far more coarsely. Bins are made of a and b: L is what the network
is shown. A probability of 1e-4 is spread over all bins, or a colour that appears in no reference
frame would cost infinitely much.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.colour_space import lab, srgb
from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch, Sample
from sslcore.config import Config, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec, ImageGrid
from sslcore.losses import pictures
from sslcore.losses.clips import VIEW, clips
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.colour_encoder import LightnessEncoder, lightness
from sslcore.nets.encoder import Encoder
from sslcore.nets.kmeans import assign, kmeans
from sslcore.nets.mode import evaluating

DOUBT = 1e-4
"""Probability spread over all colours."""
POINTS = 20_000
"""Colours that k-means looks at."""


class VideoColorizationConfig(Config):
    """Settings of video colourisation."""

    references: int = knob(
        3,
        low=1,
        high=16,
        unit="frames",
        help="Earlier frames whose colours may be copied; needs one more in data.frames.",
        paper="3",
    )
    colours: int = knob(
        16, low=2, high=512, log=True, help="Colour bins, found by k-means.", paper="16"
    )
    embedding: int = knob(
        64, low=2, high=1024, log=True, help="Length of what describes a place.", paper="64"
    )
    temperature: float = knob(
        1.0,
        low=0.01,
        high=100.0,
        log=True,
        help="Low looks at the best match only, high at many places at once.",
        paper="τ = 1",
    )


@full_precision
def attention(target: Tensor, references: Tensor, temperature: float) -> Tensor:
    """Where every place of a target looks.

    Args:
        target: (N, d, h, w) embeddings of the target frame.
        references: (N, R, d, h, w) of the reference frames.
        temperature: T > 0.

    Returns:
        (N, h w, R h w); rows add up to 1, places run frame by frame in reading order.
    """
    places = references.transpose(1, 2).flatten(2)  # N x d x R h w
    return (target.flatten(2).transpose(1, 2) @ places / temperature).softmax(-1)


@full_precision
def copied(shares: Tensor, values: Tensor) -> Tensor:
    """(N, P, Q) attention and (N, Q, K) values of reference places -> (N, P, K) mixtures."""
    return shares @ values.to(shares.dtype)


@full_precision
def copy_error(shares: Tensor, known: Tensor, colours: Tensor, bins: int) -> Tensor:
    """-log of the probability that copying gives to the true colours.

    Args:
        shares: (N, P, Q) attention of P places to Q reference places.
        known: (N, Q) int64 colours of the reference places.
        colours: (N, P) int64 true colours.
        bins: K.

    Returns:
        (N, P) in nats, at most -log(DOUBT / K).
    """
    same = (known[:, None] == colours[:, :, None]).to(shares.dtype)
    return -((1 - DOUBT) * (shares * same).sum(-1) + DOUBT / bins).log()


@register(
    MethodCard(
        title="Video colourisation",
        family="predictive",
        mechanism="temporal",
        year=2018,
        paper="https://arxiv.org/abs/1806.09594",
        config=VideoColorizationConfig,
        needs="sequences",
        backbone="map",
        channels=(3, 4),
        instead="choose frame_prediction, which needs no colour",
        diagnostics=(
            DiagnosticSpec(
                "copies",
                "image_grid",
                "Reference, grey, copied, true",
                "The last frame with known colours, the grey target, the colours copied for it "
                "and the true frame.",
            ),
            DiagnosticSpec(
                "attention",
                "attention",
                "Where a place looks",
                "Click a place of the target: bright is where its colour is copied from. It should "
                "be the same part of the same thing, also where that has moved.",
            ),
        ),
    )
)
class VideoColorization(Method[VideoColorizationConfig]):
    """Colours of a frame, copied from earlier ones by attention."""

    coupled = False
    centres: Tensor

    def __init__(self, config: VideoColorizationConfig, encoder: Encoder, facts: DataFacts) -> None:
        self.card.check_channels(facts.channels)
        super().__init__(config, LightnessEncoder.of(encoder), facts)
        self.head = nn.Conv2d(encoder.dimensions, config.embedding, 1)
        self.register_buffer("centres", torch.zeros(config.colours, 2))

    @classmethod
    def default_views(cls, config: VideoColorizationConfig, facts: DataFacts) -> ViewPlan:
        """All frames, cropped and flipped alike; colours stay, they are the answer."""
        steps = (RandomResizedCrop(scale_low=0.5), HorizontalFlip())
        return ViewPlan(
            views=(View(name=VIEW, size=facts.image_size, source="frames", steps=steps),)
        )

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Learn the colour bins from blocks of the training images."""
        generator = torch.Generator().manual_seed(0)
        each = math.ceil(POINTS / max(self.facts.count, 1))
        found: list[Tensor] = []
        for sample in samples:
            blocks = F.adaptive_avg_pool2d(lab(sample.image)[:, 1:], 8).flatten(2).transpose(1, 2)
            order = torch.rand(blocks.shape[:2], generator=generator).argsort(1)[:, :each]
            found.append(blocks.gather(1, order[..., None].expand(-1, -1, 2)).flatten(0, 1))
        points = torch.cat(found)
        points = points.repeat(math.ceil(self.config.colours / len(points)), 1)
        self.centres.copy_(kmeans(points, self.config.colours, generator))

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Embeddings of references and target: ``places`` (B, copies, R + 1, d, h, w)."""
        return {"places": self._places(self._clips(batch)).unflatten(0, (len(batch), -1))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Cross-entropy of the copied colours."""
        places = projected["places"].flatten(0, 1)
        frames = self._clips(batch)
        colours = self._colours(frames, places)  # N x R + 1 x P
        shares = attention(places[:, -1], places[:, :-1], self.config.temperature)
        error = copy_error(shares, colours[:, :-1].flatten(1), colours[:, -1], len(self.centres))
        mixture = self._mixture(shares.detach(), colours[:, :-1])
        return StepOutput(
            loss=error.mean(),
            terms={
                "accuracy": (mixture.argmax(-1) == colours[:, -1]).float().mean(),
                "copied in place": (colours[:, -2] == colours[:, -1]).float().mean(),
            },
            diagnostics=self._diagnostics(shares.detach(), mixture, frames, places, batch)
            if clock.snapshot
            else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): the head describes places, not images."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) cross-entropy of the copied colours, averaged over places and copies."""
        with evaluating(self):
            frames = self._clips(batch)
            places = self._places(frames)
            colours = self._colours(frames, places)
            shares = attention(places[:, -1], places[:, :-1], self.config.temperature)
            known = colours[:, :-1].flatten(1)
            error = copy_error(shares, known, colours[:, -1], len(self.centres))
            return error.unflatten(0, (len(batch), -1)).flatten(1).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Every colour equally likely: ln K."""
        return {"ln(colours)": math.log(len(self.centres))}

    def propagate(
        self,
        references: Tensor,
        masks: Tensor,
        target: Tensor,
        temperature: float | None = None,
    ) -> Tensor:
        """Carry what is known of some frames over to another: tracking without being trained to.

        Args:
            references: (N, R, C, H, W) frames.
            masks: (N, R, K, h', w') what is known of them at any resolution: masks, classes
                one-hot, colours. Pooled to places.
            target: (N, C, H, W) the frame to carry it to.
            temperature: another T than that of training.

        Returns:
            (N, K, h, w), a value for every place of the target.
        """
        with evaluating(self):
            places = self._places(torch.cat((references, target[:, None]), 1))
            side = (places.shape[-2], places.shape[-1])
            coarse = F.adaptive_avg_pool2d(masks.flatten(0, 1).float(), side)
            values = coarse.unflatten(0, masks.shape[:2]).transpose(1, 2).flatten(2)
            sharpness = self.config.temperature if temperature is None else temperature
            shares = attention(places[:, -1], places[:, :-1], sharpness)
            return copied(shares, values.transpose(1, 2)).transpose(1, 2).unflatten(2, side)

    def reference_frames(self) -> int:
        """References it was trained with."""
        return self.config.references

    def _clips(self, batch: Batch) -> Tensor:
        """(N, R + 1, C, h, w): the references and, last, the target."""
        wanted = self.config.references + 1
        return clips(batch, self.facts.frames, wanted)[:, -wanted:]

    def _places(self, frames: Tensor) -> Tensor:
        """(N, T, C, H, W) -> (N, T, d, h, w)."""
        maps = self.head(self.online.feature_map(frames.flatten(0, 1)))
        return maps.unflatten(0, frames.shape[:2])

    def _colours(self, frames: Tensor, places: Tensor) -> Tensor:
        """(N, T, h w) int64: the bin of the mean colour of every place."""
        side = (places.shape[-2], places.shape[-1])
        ab = F.adaptive_avg_pool2d(lab(frames.flatten(0, 1))[:, 1:], side).movedim(1, -1)
        bins = full_precision(assign)(ab.reshape(-1, 2), self.centres)
        return bins.reshape(*frames.shape[:2], -1)

    def _mixture(self, shares: Tensor, known: Tensor) -> Tensor:
        """(N, P, K) probabilities of the colours of the target."""
        return copied(shares, F.one_hot(known.flatten(1), len(self.centres)))

    def _diagnostics(
        self, shares: Tensor, mixture: Tensor, frames: Tensor, places: Tensor, batch: Batch
    ) -> dict[str, Diagnostic]:
        side = (places.shape[-2], places.shape[-1])
        return {
            "copies": self._copies(mixture, frames, side, batch),
            "attention": pictures.attention(
                frames[:, -1],
                frames[:, :-1],
                shares,
                side,
                batch,
                query_name="target",
                key_names=[
                    *(f"reference {number}" for number in range(1, frames.shape[1] - 1)),
                    "last reference",
                ],
            ),
        }

    def _copies(
        self, mixture: Tensor, frames: Tensor, side: tuple[int, int], batch: Batch
    ) -> ImageGrid:
        shown = slice(0, pictures.COLUMNS_SHOWN)
        reference, target = frames[shown, -2], frames[shown, -1]
        ab = self.centres[mixture[shown].argmax(-1)].transpose(1, 2).unflatten(2, side)
        coarse = F.interpolate(ab, target.shape[-2:], mode="bilinear", align_corners=False)
        rows = {
            "reference": reference,
            "grey target": lightness(target),
            "copied": srgb(torch.cat((lab(target)[:, :1], coarse.to(target.dtype)), 1)),
            "true": target,
        }
        return ImageGrid(
            images=np.stack([pictures.pixels(one) for one in rows.values()]),
            rows=tuple(rows),
            ids=pictures.ids(batch, len(frames))[shown],
        )
