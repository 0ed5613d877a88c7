"""Cut a picture into nine tiles, shuffle them, and ask how they belong together.

The tiles come in one of P orders that differ as much as possible from one another. Every tile t_k
goes through the same encoder f by itself; only then a network g reads all nine features in the
order shown and says which of the orders it is:

    loss = mean over images of  -log p(order | g([f(t_1), ..., f(t_9)]))

Paper: Noroozi and Favaro 2016, https://arxiv.org/abs/1603.09246

What to watch. Chance is ln P (4.605 for 100 orders) and 1 / P. The boards show the tiles as the
network got them, put back as it says, and put back rightly; `tiles_right` counts tiles that it puts
where they belong. Shortcuts are what the gap (lines that run on), the standardised tiles (equal
brightness) and the grey images (colour) are against: switch one off and the accuracy rises while
the features get worse. More orders make the task harder and, up to a point, the features better;
orders that are too alike make it ambiguous. An encoder that has only seen standardised tiles is at
a loss before whole images, which nobody standardises: neighbours judge it too harshly.

Where our numbers differ. The paper cuts tiles of 64 px out of cells of 75 px, trains for 350,000
steps of 256 puzzles, and draws a new order for an image at every visit, as we do; for images of 32
px the tiles are 8 of 10 px. Its greedy choice of orders looks at the mean distance; ours looks at
the nearest order first, which gives the same mean (8.08 of 9 for 100 orders) and a minimum of 6
instead of 2. Its head has layers of 4096; the colour channels that it also shifts by up to 2 px
stay where they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.levels import Standardise
from sslcore.augment.patches import Tiles
from sslcore.augment.permutations import permutation_set
from sslcore.augment.photometric import Grey
from sslcore.augment.step import Step
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Bars, Diagnostic, DiagnosticSpec, ImageGrid
from sslcore.losses import board, pictures
from sslcore.losses.classification import cross_entropy
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import check_rows, mlp
from sslcore.nets.mode import evaluating

GRID, TILES = 3, 9
VIEW = "tiles"
TRUTH = "tiles/tiles"

__all__ = ["Jigsaw", "JigsawConfig", "permutation_set"]


class JigsawConfig(Config):
    """Settings of the jigsaw puzzle."""

    permutations: int = knob(
        100,
        low=2,
        high=10_000,
        log=True,
        help="How many orders there are to tell apart. More is harder and asks for finer features; "
        "choosing 1000 of them takes some seconds.",
        paper="P = 100 or 1000",
    )
    gap: float = knob(
        0.2,
        low=0.0,
        high=0.6,
        help="Share of a cell's side that its tile leaves free, at a random place in the cell. At "
        "0, lines run on from tile to tile and give the answer away.",
        paper="11 of 75 px",
    )
    grey: float = knob(
        0.7,
        low=0.0,
        high=1.0,
        help="Share of images without colour, so that colours cannot be matched; has no effect on "
        "images that have none.",
        paper="0.7",
    )
    standardise: bool = knob(
        True, help="Bring every tile to the same brightness and contrast, so that neither tells."
    )
    crop_low: float = knob(
        0.64, low=0.08, high=1.0, help="Smallest share of the area a crop keeps beforehand."
    )
    tile_features: int = knob(
        64, low=4, high=4096, log=True, help="Numbers kept of every tile.", paper="512"
    )
    head_hidden: int = knob(
        512,
        low=8,
        high=16384,
        log=True,
        help="Width of the network that reads all nine tiles.",
        paper="4096",
    )


@register(
    MethodCard(
        title="Jigsaw",
        family="predictive",
        mechanism="context",
        year=2016,
        paper="https://arxiv.org/abs/1603.09246",
        config=JigsawConfig,
        needs="images",
        backbone="vector",
        diagnostics=(
            DiagnosticSpec(
                "puzzles",
                "image_grid",
                "Shuffled, solved, truth",
                "The tiles as the network got them, put back as it says (how many of the nine are "
                "right), and put back rightly.",
            ),
            DiagnosticSpec(
                "cells",
                "bars",
                "Which tiles find their place",
                "For every cell of the picture, how often its tile is put there. Chance is one "
                "ninth.",
            ),
        ),
    )
)
class Jigsaw(Method[JigsawConfig]):
    """Jigsaw: which of P orders nine tiles come in."""

    coupled = False
    orders: Tensor

    def __init__(self, config: JigsawConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        check_rows(facts.batch_size, 1, "puzzles")
        width = config.tile_features
        self.squeeze = nn.Sequential(nn.Linear(encoder.dimensions, width), nn.ReLU())
        self.head = mlp(TILES * width, config.head_hidden, config.permutations, 2)
        self.register_buffer("orders", permutation_set(config.permutations))

    @classmethod
    def default_views(cls, config: JigsawConfig, facts: DataFacts) -> ViewPlan:
        """``whole``, cropped, flipped and mostly grey, and ``tiles``, nine of that very view."""
        size = facts.image_size
        cell = size // GRID
        grey: tuple[Step, ...] = (Grey(p=config.grey),) if facts.channels == 3 else ()
        cut = Tiles(grid=GRID, gap=config.gap, permutations=config.permutations)
        even = Standardise(enabled=config.standardise)
        crop = RandomResizedCrop(scale_low=config.crop_low)
        return ViewPlan(
            views=(
                View(name="whole", size=size, steps=(crop, HorizontalFlip(), *grey)),
                View(
                    name=VIEW,
                    size=max(round(cell * (1.0 - config.gap)), 4),
                    of="whole",
                    steps=(cut, even),
                ),
            )
        )

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Scores of the P orders for every puzzle: ``scores`` (B, puzzles, P)."""
        del clock
        return {"scores": self._scores(batch).unflatten(0, (len(batch), -1))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Cross-entropy of the order that was drawn."""
        scores = projected["scores"].flatten(0, 1)  # puzzles x P
        number = self._number(batch)  # puzzles
        loss = cross_entropy(scores, number).mean()
        guess = scores.detach().argmax(-1)
        said, true = self.orders[guess], self.orders[number]  # puzzles x 9
        return StepOutput(
            loss=loss,
            terms={
                "accuracy": (guess == number).float().mean(),
                "tiles_right": (said == true).float().mean(),
            },
            diagnostics=_pictures(said, true, batch) if clock.snapshot else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, d): what the head reads of a tile."""
        return self.squeeze(features)

    def energy(self, batch: Batch) -> Tensor:
        """(B,) -log p(true order), averaged over the puzzles of an image."""
        with evaluating(self):
            error = cross_entropy(self._scores(batch), self._number(batch))
            return error.unflatten(0, (len(batch), -1)).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Guessing costs ln P."""
        count = self.config.permutations
        return {f"ln {count} (guessing)": math.log(count)}

    def _scores(self, batch: Batch) -> Tensor:
        """Every tile by itself, then all nine side by side: (puzzles, P)."""
        tiles = self.projection(self.online(batch.view(VIEW)))
        return self.head(tiles.unflatten(0, (-1, TILES)).flatten(1))

    def _number(self, batch: Batch) -> Tensor:
        """(puzzles,) int64, which order was drawn.

        Raises:
            ValueError: if the tiles come in any order, which has no number.
        """
        truth = batch.truth[TRUTH]
        if truth.dim() > 2:
            raise ValueError(
                "the step 'tiles' must count its orders: set its permutations to "
                f"{self.config.permutations}, its grid to {GRID} and shuffled to true"
            )
        return truth.flatten()


def _pictures(said: Tensor, true: Tensor, batch: Batch) -> dict[str, Diagnostic]:
    shown = slice(0, pictures.COLUMNS_SHOWN)
    tiles = batch.view(VIEW).unflatten(0, (-1, TILES))[shown]
    as_given = torch.arange(TILES, device=true.device).expand(len(tiles), -1)
    right = (said == true).float()
    rows = {"shuffled": as_given, "as the network says": said[shown], "truth": true[shown]}
    boards = [board.laid_out(tiles, cells) for cells in rows.values()]
    counts = [int(one) for one in cast("list[float]", right[shown].sum(1).tolist())]
    found = torch.zeros(TILES, device=true.device).index_add_(0, true.flatten(), right.flatten())
    return {
        "puzzles": ImageGrid(
            images=np.stack([pictures.pixels(one) for one in boards]),
            rows=tuple(rows),
            ids=pictures.ids(batch, len(true))[shown],
            captions=(
                ("",) * len(tiles),
                tuple(f"{one} of {TILES}" for one in counts),
                ("",) * len(tiles),
            ),
        ),
        "cells": Bars(
            labels=tuple(
                f"{down} {across}" if down != across else down
                for down in ("top", "middle", "bottom")
                for across in ("left", "middle", "right")
            ),
            values=pictures.array(found / len(true)),
            axis="share of tiles put in their place",
            reference=1.0 / TILES,
            percent=True,
        ),
    }
