"""Two patches of one picture: who knows what things look like knows where the second one lies.

A patch a from the middle of a 3 x 3 grid and one of its eight neighbours b go through the same
encoder f; a small network g reads both features together and says which neighbour it was:

    loss = mean over images of  -log p(position | g([f(a), f(b)]))

Paper: Doersch, Gupta and Efros 2015, https://arxiv.org/abs/1505.05192

What to watch. Chance is ln 8 = 2.079 and 12.5 %. The pictures lay both patches out, as they were
and as the network says. A network that is right too early has found a shortcut: lines that run on
across too small a gap, or colours that a lens parts towards the border of a photograph (chromatic
aberration), which tell where any patch was without looking at what it shows. Train once with
`colour = "keep"` and once with "drop": if the accuracy falls and the neighbours get better, it was
a shortcut. Pictures of one thing on an even ground have patches that cannot be told apart.

Where our numbers differ. The paper cuts patches of 96 px, 48 px apart, moved by up to 7 px, out of
large photographs, with a network made for 96 px; for images of 32 px these are 7, 3 and 1. It takes
the grid from anywhere in the image and moves patches freely; here the whole grid stays inside, so
that the place of the first patch says nothing. Four pairs are cut out of every image at a step
instead of one: patches are cheap beside images. Dropped channels become middle grey with noise, as
the paper's become the mean; projected colours are a third weaker, to stay in range. The paper also
shrinks some patches to as few as 100 pixels in all and enlarges them again, so that the network
learns to do without sharp detail; that is not built.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from sslcore.augment.aberration import ChannelDrop, ColourProjection
from sslcore.augment.geometric import RandomResizedCrop
from sslcore.augment.neighbours import POSITIONS, Neighbours
from sslcore.augment.step import Step
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, ConfigError, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec, ImageGrid, heatmap
from sslcore.losses import board, pictures
from sslcore.losses.classification import confusion, cross_entropy
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import check_rows, mlp
from sslcore.nets.mode import evaluating

VIEW = "patches"
TRUTH = "patches/neighbours"
CENTRE = 4
"""Cell of the first patch on a board of 3 x 3."""


class RelativePositionConfig(Config):
    """Settings of relative position prediction."""

    patch: float = knob(
        0.22,
        low=0.05,
        high=0.33,
        help="Side of a patch as a share of the image's side. Three of them and two gaps must fit.",
        paper="96 of 384 px",
    )
    gap: float = knob(
        0.45,
        low=0.0,
        high=2.0,
        help="Room between the patches as a share of a patch's side. At 0, lines run on from one "
        "to the other and give the answer away.",
        paper="1/2",
    )
    jitter: float = knob(
        0.1,
        low=0.0,
        high=0.5,
        help="How far each patch is moved at random, as a share of its side.",
        paper="7 of 96 px",
    )
    colour: Literal["drop", "project", "keep"] = knob(
        "drop",
        help="Against the coloured fringes of lenses: 'drop' leaves one channel of each patch, "
        "'project' turns green and magenta grey, 'keep' lets the shortcut in.",
        paper="drop 2 of 3 channels, or project",
    )
    pairs: int = knob(
        4,
        low=1,
        high=64,
        help="Pairs cut out of every image at a step. Small patches are cheap, and more pairs "
        "give a steadier answer.",
        paper="1",
    )
    crop_low: float = knob(
        0.64, low=0.08, high=1.0, help="Smallest share of the area a crop keeps beforehand."
    )
    head_hidden: int = knob(
        256,
        low=8,
        high=16384,
        log=True,
        help="Width of the network that reads both patches.",
        paper="4096",
    )


@register(
    MethodCard(
        title="Relative position",
        family="predictive",
        mechanism="context",
        year=2015,
        paper="https://arxiv.org/abs/1505.05192",
        config=RelativePositionConfig,
        needs="images",
        backbone="vector",
        diagnostics=(
            DiagnosticSpec(
                "pairs",
                "image_grid",
                "Where the second patch lies",
                "Both patches laid out as they were in the image, and as the network says. The "
                "first lies in the middle.",
            ),
            DiagnosticSpec(
                "confusion",
                "heatmap",
                "Which places are mixed up",
                "Share of patches from the row's place that are put in the column's. The aim is a "
                "diagonal of ones; chance is 0.125 everywhere.",
            ),
        ),
    )
)
class RelativePosition(Method[RelativePositionConfig]):
    """Relative position: an 8-way classification of pairs of patches."""

    coupled = False

    def __init__(self, config: RelativePositionConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        check_rows(facts.batch_size, config.pairs, "pairs of patches")
        self.head = mlp(2 * encoder.dimensions, config.head_hidden, len(POSITIONS), 2)

    @classmethod
    def default_views(cls, config: RelativePositionConfig, facts: DataFacts) -> ViewPlan:
        """``whole``, cropped, and ``patches``, one or more pairs of that very view.

        Raises:
            ConfigError: if the patches do not fit into an image.
        """
        size = facts.image_size
        cut = Neighbours(patch=config.patch, gap=config.gap, jitter=config.jitter)
        try:
            side, _, _ = cut.pixels((size, size))
        except ValueError as error:
            raise ConfigError(f"method: {error}") from None
        colour: dict[str, tuple[Step, ...]] = {
            "drop": (ChannelDrop(),),
            "project": (ColourProjection(),),
            "keep": (),
        }
        steps = colour[config.colour] if facts.channels == 3 else ()
        crop = RandomResizedCrop(scale_low=config.crop_low)
        return ViewPlan(
            views=(
                View(name="whole", size=size, steps=(crop,)),
                View(
                    name=VIEW,
                    size=max(side, 4),
                    of="whole",
                    copies=config.pairs,
                    steps=(cut, *steps),
                ),
            )
        )

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Scores of the eight places for every pair: ``scores`` (B, pairs, 8)."""
        del clock
        return {"scores": self._scores(batch).unflatten(0, (len(batch), -1))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Cross-entropy of the place that was drawn."""
        scores = projected["scores"].flatten(0, 1)  # pairs x 8
        position = batch.truth[TRUTH].flatten()  # pairs
        guess = scores.detach().argmax(-1)
        return StepOutput(
            loss=cross_entropy(scores, position).mean(),
            terms={"accuracy": (guess == position).float().mean()},
            diagnostics=_pictures(guess, position, batch) if clock.snapshot else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): the head reads pairs, so it is no projection of one image."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) -log p(true place), averaged over the pairs of an image."""
        with evaluating(self):
            error = cross_entropy(self._scores(batch), batch.truth[TRUTH].flatten())
            return error.unflatten(0, (len(batch), -1)).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Guessing costs ln 8."""
        return {"ln 8 (guessing)": math.log(len(POSITIONS))}

    def _scores(self, batch: Batch) -> Tensor:
        """Features of both patches side by side, read by the head: (pairs, 8)."""
        features = self.online(batch.view(VIEW))
        return self.head(features.unflatten(0, (-1, 2)).flatten(1))


def _pictures(guess: Tensor, position: Tensor, batch: Batch) -> dict[str, Diagnostic]:
    pairs = len(position) // len(batch)
    shown = slice(0, pairs * pictures.COLUMNS_SHOWN, pairs)  # the first pair of every image
    patches = batch.view(VIEW).unflatten(0, (-1, 2))[shown]
    rows = {"as it was": position, "as the network says": guess}
    boards = [_board(patches, one[shown]) for one in rows.values()]
    captions = [tuple(POSITIONS[place] for place in one[shown].tolist()) for one in rows.values()]
    matrix = pictures.array(confusion(guess, position, len(POSITIONS)))
    return {
        "pairs": ImageGrid(
            images=np.stack([pictures.pixels(one) for one in boards]),
            rows=tuple(rows),
            ids=pictures.ids(batch, len(position))[shown],
            captions=tuple(captions),
        ),
        "confusion": heatmap(
            matrix,
            low=0.0,
            high=1.0,
            diverging=False,
            row_label="true place",
            column_label="said place",
            row_names=POSITIONS,
            column_names=POSITIONS,
        ),
    }


def _board(patches: Tensor, position: Tensor) -> Tensor:
    """(N, 2, C, s, s) patches with the second at (N,) positions -> (N, C, 3 s, 3 s)."""
    cell = position + (position >= CENTRE)
    return board.laid_out(patches, torch.stack((torch.full_like(cell, CENTRE), cell), 1))
