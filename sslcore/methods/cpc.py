"""Read a picture from the top and say what comes below; among all patches, pick out the right one.

The picture is cut into a grid of overlapping patches. The encoder turns the patch in row t into
z_t; a recurrent network reads the rows from the top into a context c_t. For each step k ahead, a
matrix W_k predicts what lies k rows below, and the true patch must win against all N patches of
the batch (InfoNCE with a log-bilinear score):

    loss = mean over k and t of  -log  exp(z_{t+k}^T W_k c_t) / sum_n exp(z_n^T W_k c_t)

The same with the frames of a sequence in place of rows predicts the future from the past.

Paper: van den Oord, Li and Vinyals 2018, https://arxiv.org/abs/1807.03748

What to watch. ln N is what guessing costs and, at the same time, the ceiling of the bound ln N -
loss, which the loss proves about the information that past and future share, in nats. Both bars
should fall with k: the patch right below overlaps the last one seen by half, which is easy, and
what lies four rows down takes an idea of the whole. If only the first bar is above chance, the
network continues edges and knows no more.

Where our numbers differ. The paper uses a ResNet-101 on 256 px images and a PixelCNN over the grid;
here a convolution along each row and a GRU from row to row make c_t, so patches and frames share
their code, and nothing below row t can get in. Batch norm is replaced by group norm when the method
is built (names of weights stay): over patches of one batch it would tell each patch of the others,
and of the very ones to be predicted. The paper trains without batch norm for that reason. The loss
is the mean over k, not the sum, so ln N marks guessing. The paper turns all images grey (section
3.2), as our preset of it does; for small images, two of three colour channels are dropped in every
patch instead, as CPC v2 does (Hénaff et al. 2020, https://arxiv.org/abs/1905.09272). The paper also
cuts 60 of the 64 px out of each patch, anywhere, and pads them back; we do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Literal, Self, cast

import numpy as np
import torch
from pydantic import model_validator
from torch import Tensor, nn

from sslcore.augment.aberration import ChannelDrop
from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.patch_grid import PatchGrid
from sslcore.augment.photometric import Grey
from sslcore.augment.step import Step
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, ConfigError, knob
from sslcore.diagnostics import Bars, Diagnostic, DiagnosticSpec, ImageGrid
from sslcore.losses import pictures
from sslcore.losses.classification import cross_entropy
from sslcore.losses.contrastive import mutual_information_bound
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.encoder import Encoder
from sslcore.nets.group_norm import without_batch_norm
from sslcore.nets.mode import evaluating
from sslcore.nets.row_reader import RowReader

SHOWN_AHEAD = 2
"""Steps ahead in the pictures: the nearest patch that does not overlap the last one seen."""


class CpcConfig(Config):
    """Settings of contrastive predictive coding."""

    over: Literal["patches", "frames"] = knob(
        "patches",
        help="Predict patches further down in an image, or later frames; frames need a folder of "
        "sequences.",
    )
    grid: int = knob(
        7,
        low=3,
        high=16,
        help="Patches along each side of an image; each overlaps the next by half.",
        paper="7 x 7",
    )
    ahead: int = knob(
        5,
        low=1,
        high=15,
        help="How many rows below (or frames later) are predicted; fewer where there are fewer.",
        paper="K = 5 rows",
    )
    context: int = knob(
        128,
        low=8,
        high=4096,
        log=True,
        help="Length of what is remembered of the rows or frames so far.",
        paper="256",
    )
    grey: float = knob(
        0.25,
        low=0.0,
        high=1.0,
        help="Share of images without colour, so that patches cannot be matched by colour alone.",
        paper="1: all images are grey",
    )
    colour: Literal["drop", "keep"] = knob(
        "drop",
        help="'drop' leaves one colour channel of each patch, so that patches of one image cannot "
        "be matched by their colour; 'keep' leaves all three. Has no effect on frames.",
        paper="all grey, so nothing to drop; drop in its successor (CPC v2)",
    )
    crop_low: float = knob(
        0.5, low=0.08, high=1.0, help="Smallest share of the area a crop keeps beforehand."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.over == "patches" and self.ahead >= self.grid:
            raise ValueError(
                f"ahead = {self.ahead}: a grid of {self.grid} rows has at most {self.grid - 1} "
                "below the first; lower ahead or raise grid"
            )
        return self

    def check(self, facts: DataFacts) -> None:
        """Refuse to look for frames in a folder of single images.

        Raises:
            ConfigError: naming the setting to change.
        """
        if self.over == "frames" and "sequences" not in facts.kinds:
            raise ConfigError(
                "method.over = 'frames': this folder has no sequences (frames in numbered order, "
                "or videos); choose another folder or over = 'patches'"
            )


@register(
    MethodCard(
        title="CPC",
        family="contrastive",
        mechanism="temporal",
        year=2018,
        paper="https://arxiv.org/abs/1807.03748",
        config=CpcConfig,
        needs="images",
        accepts=("sequences",),
        backbone="vector",
        against_collapse="its negatives, the other patches of the batch",
        diagnostics=(
            DiagnosticSpec(
                "accuracy",
                "bars",
                "Found, by distance",
                "How often the true patch (or frame) gets the highest score among all of the "
                "batch, for each number of steps ahead. The line is what guessing finds.",
            ),
            DiagnosticSpec(
                "bound",
                "bars",
                "Information proved, by distance",
                "ln N - loss: nats that past and future provably share, for each number of steps "
                "ahead. No more than the line, ln N, can be proved with N candidates.",
            ),
            DiagnosticSpec(
                "found",
                "image_grid",
                "Seen, true, chosen",
                "The last patch (or frame) seen, the true one two steps on, and the one of the "
                "batch that the network expects there.",
            ),
        ),
    )
)
class Cpc(Method[CpcConfig]):
    """Contrastive predictive coding over rows of patches or over frames.

    The batch norms of the encoder that is handed in are replaced by group norms, in place.
    """

    def __init__(self, config: CpcConfig, encoder: Encoder, facts: DataFacts) -> None:
        config.check(facts)
        encoder.backbone = without_batch_norm(encoder.backbone)
        super().__init__(config, encoder, facts)
        width = encoder.dimensions
        self.reader = RowReader(width, config.context)
        self.futures = nn.ModuleList(
            nn.Linear(config.context, width, bias=False) for _ in range(config.ahead)
        )

    @classmethod
    def default_views(cls, config: CpcConfig, facts: DataFacts) -> ViewPlan:
        """``whole`` and ``patches``, a grid of that very view; or ``frames``, changed alike.

        Raises:
            ConfigError: if frames are asked for where there are none.
        """
        config.check(facts)
        size = facts.image_size
        grey: tuple[Step, ...] = (Grey(p=config.grey),) if facts.channels == 3 else ()
        steps = (RandomResizedCrop(scale_low=config.crop_low), HorizontalFlip(), *grey)
        if config.over == "frames":
            return ViewPlan(views=(View(name="frames", size=size, source="frames", steps=steps),))
        side = max(round(2 * size / (config.grid + 1)), 4)
        cut: tuple[Step, ...] = (PatchGrid(grid=config.grid),)
        if config.colour == "drop" and facts.channels == 3:
            cut = (*cut, ChannelDrop())
        return ViewPlan(
            views=(
                View(name="whole", size=size, steps=steps),
                View(name="patches", size=side, of="whole", steps=cut),
            )
        )

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """``z`` (B, V, D) of every patch or frame, ``c`` (B, V, H) the context there."""
        del clock
        z = self._encode(batch)
        each = {"z": z, "c": self.reader(z)}  # images x rows x columns x (D or H)
        return {
            name: one.flatten(0, 2).unflatten(0, (len(batch), -1)) for name, one in each.items()
        }

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """InfoNCE of each step ahead, against all patches or frames of the batch."""
        z, c = (self._grid(projected[name]) for name in ("z", "c"))
        count = math.prod(z.shape[:3])  # N
        losses: list[Tensor] = []
        hits: list[Tensor] = []
        shown: dict[str, Diagnostic] = {}
        for k, scores, target in self._predict(z, c):
            guess = scores.detach().argmax(-1)
            losses.append(cross_entropy(scores, target).mean())
            hits.append((guess == target).float().mean())
            if clock.snapshot and k <= SHOWN_AHEAD:
                shown["found"] = self._found(guess, target, z, k, batch)
        loss = torch.stack(losses).mean()
        bounds = [mutual_information_bound(one, count) for one in losses]
        if clock.snapshot:
            shown |= _by_distance(hits, bounds, count)
        return StepOutput(
            loss=loss,
            terms={
                "accuracy": torch.stack(hits).mean(),
                "bound": torch.stack(bounds).mean(),
                **{f"ahead_{k}": one.detach() for k, one in enumerate(losses, start=1)},
            },
            diagnostics=shown,
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): z is the feature itself."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) the loss of an image against its own patches or frames only."""
        with evaluating(self):
            z = self._encode(batch)
            errors: list[Tensor] = []
            for one, context in zip(z.split(1), self.reader(z).split(1), strict=True):
                parts = [cross_entropy(s, t).mean() for _, s, t in self._predict(one, context)]
                errors.append(torch.stack(parts).mean())
            return torch.stack(errors).unflatten(0, (len(batch), -1)).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Guessing costs ln N, N patches (or frames, where the facts say how many) in a batch."""
        over = self.config.over
        count = self.facts.batch_size
        count *= self.facts.frames if over == "frames" else self.config.grid**2
        return {f"ln {count} (guessing among all {over})": math.log(count)} if count else {}

    def ceilings(self, plan: ViewPlan) -> Mapping[str, float]:
        """The log of N: the true patch (or frame) is told from all of the batch."""
        if self.config.over == "frames" and not self.facts.frames:
            return {}
        return {"bound": math.log(self.batch_rows(plan, self.config.over))}

    def _encode(self, batch: Batch) -> Tensor:
        """Patches or frames to (images, rows, columns, D); frames are rows of one column."""
        return self._grid(self.online(batch.view(self.config.over)).unflatten(0, (len(batch), -1)))

    def _grid(self, flat: Tensor) -> Tensor:
        """(B, V, D) -> (images, rows, columns, D); several copies of an image count as images.

        Raises:
            ValueError: if the views are no such grid, or there is nothing ahead.
        """
        if self.config.over == "frames":
            if flat.shape[1] < 2:
                raise ValueError("CPC needs at least 2 frames in a sequence, got 1")
            return flat[:, :, None]
        side = self.config.grid
        if flat.shape[1] % side**2:
            raise ValueError(
                f"the views give {flat.shape[1]} patches of an image, the method reads grids of "
                f"{side} x {side}; set the grid of the step 'patch_grid' to {side}"
            )
        return flat.unflatten(1, (-1, side, side)).flatten(0, 1)

    def _predict(self, z: Tensor, c: Tensor) -> Iterator[tuple[int, Tensor, Tensor]]:
        """For every step ahead: k, scores (M, N) of all patches, and which is the true one (M,)."""
        numbers = torch.arange(math.prod(z.shape[:3]), device=z.device).reshape(z.shape[:3])
        heads = list(self.futures)[: z.shape[1] - 1]
        for k, future in enumerate(heads, start=1):
            weight = cast("nn.Linear", future).weight
            scores = future_scores(c[:, :-k].flatten(0, 2), weight, z.flatten(0, 2))
            yield k, scores, numbers[:, k:].flatten()

    def _found(self, guess: Tensor, target: Tensor, z: Tensor, k: int, batch: Batch) -> ImageGrid:
        """For the first images: last patch seen in the middle of the picture, truth and guess."""
        images, rows, columns = z.shape[:3]
        row, column = (rows - k) // 2, columns // 2
        place = torch.arange(min(images, pictures.COLUMNS_SHOWN)) * (rows - k) * columns
        place = (place + row * columns + column).to(guess.device)
        seen = target[place] - k * columns
        flat = batch.view(self.config.over)
        shown = {"last seen": seen, f"true, {k} on": target[place], "chosen": guess[place]}
        right = (guess == target)[place].tolist()
        blank = ("",) * len(place)
        return ImageGrid(
            images=np.stack([pictures.pixels(flat[one]) for one in shown.values()]),
            rows=tuple(shown),
            ids=pictures.ids(batch, images)[: len(place)],
            captions=(blank, blank, tuple("right" if one else "wrong" for one in right)),
        )


@full_precision
def future_scores(context: Tensor, weight: Tensor, z: Tensor) -> Tensor:
    """The log-bilinear score z_n^T W_k c_t of every context with every candidate.

    Args:
        context: (M, H) contexts c_t.
        weight: (D, H) the matrix W_k.
        z: (N, D) candidates.

    Returns:
        (M, N).

    Raises:
        ValueError: if the lengths do not fit.
    """
    if weight.shape != (z.shape[-1], context.shape[-1]):
        raise ValueError(
            f"contexts of {context.shape[-1]} and candidates of {z.shape[-1]} numbers need a "
            f"matrix {(z.shape[-1], context.shape[-1])}, got {tuple(weight.shape)}"
        )
    return (context @ weight.T) @ z.T


def _by_distance(hits: list[Tensor], bounds: list[Tensor], count: int) -> dict[str, Diagnostic]:
    labels = tuple(f"{k} ahead" for k in range(1, len(hits) + 1))
    return {
        "accuracy": Bars(
            labels=labels,
            values=pictures.array(torch.stack(hits)),
            axis=f"share found among {count}",
            reference=1.0 / count,
            percent=True,
        ),
        "bound": Bars(
            labels=labels,
            values=pictures.array(torch.stack(bounds)),
            axis="information, nats",
            reference=math.log(count),
        ),
    }
