"""To know which way up a picture is, a network must know what is in it.

Every image enters four times, turned by 0, 90, 180 and 270 degrees. A linear layer on the features
says which:

    loss = mean over images and angles of  -log p(angle | turned image)

Paper: Gidaris, Singh and Komodakis 2018, https://arxiv.org/abs/1803.07728

What to watch. Chance is ln 4 = 1.386 and 25 %. The confusion matrix shows which angles are mixed
up: 0 with 180 and 90 with 270 means the network sees that something is upright or lying, but not
which end is up. Images without an up side (flowers, cells, satellite pictures) cannot be learned
from, and a black corner or a watermark gives the answer away. The features become sensitive to
orientation, so they serve classes that have one.

Where our numbers differ. The paper trains a Network-in-Network or AlexNet with SGD (Nesterov) at
0.1, five times less after 30, 60 and 80 % of 200 epochs. We use the same optimiser on a residual
network, with a cosine in the small preset. Batch size counts images, as in the paper: a step sees
four times as many pictures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.patches import Rotations
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec, ImageGrid, heatmap
from sslcore.losses import pictures
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating

ANGLES = 4
VIEW = "rotated"
TRUTH = "rotated/rotations"


class RotationConfig(Config):
    """Settings of rotation prediction."""

    crop_low: float = knob(
        0.5,
        low=0.08,
        high=1.0,
        help="Smallest share of the area a crop keeps before the picture is turned. Low values "
        "make it harder to see what is up.",
        paper="crops of 32 from 40 px (CIFAR-10)",
    )


@register(
    MethodCard(
        title="Rotation prediction",
        family="predictive",
        mechanism="context",
        year=2018,
        paper="https://arxiv.org/abs/1803.07728",
        config=RotationConfig,
        needs="images",
        backbone="vector",
        diagnostics=(
            DiagnosticSpec(
                "confusion",
                "heatmap",
                "Which angles are mixed up",
                "Share of pictures turned by the row's angle that are taken for the column's. "
                "The aim is a diagonal of ones; chance is 0.25 everywhere.",
            ),
            DiagnosticSpec(
                "guesses",
                "image_grid",
                "Turned pictures and guesses",
                "The same images in all four positions; below each, the angle the network says.",
            ),
        ),
    )
)
class Rotation(Method[RotationConfig]):
    """Rotation prediction: a 4-way classification whose answers come for free."""

    coupled = False

    def __init__(self, config: RotationConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        self.classifier = nn.Linear(encoder.dimensions, ANGLES)

    @classmethod
    def default_views(cls, config: RotationConfig, facts: DataFacts) -> ViewPlan:
        """One view, cropped and flipped, then shown in all four positions."""
        steps = (RandomResizedCrop(scale_low=config.crop_low), HorizontalFlip(), Rotations())
        return ViewPlan(views=(View(name=VIEW, size=facts.image_size, steps=steps),))

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Scores of the four angles for every picture: ``logits`` (B, V, 4)."""
        logits = self.classifier(self.online(batch.view(VIEW)))
        return {"logits": logits.unflatten(0, (len(batch), -1))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Cross-entropy of the angle that was drawn."""
        logits = projected["logits"].flatten(0, 1)  # B V x 4
        angle = batch.truth[TRUTH].flatten()  # B V
        loss = cross_entropy(logits, angle).mean()
        guess = logits.detach().argmax(-1)
        return StepOutput(
            loss=loss,
            terms={"accuracy": (guess == angle).float().mean()},
            diagnostics=_pictures(guess, angle, batch) if clock.snapshot else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): the classifier is no projection."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) -log p(true angle), averaged over the pictures of an image."""
        with evaluating(self):
            logits = self.classifier(self.online(batch.view(VIEW)))
            error = cross_entropy(logits, batch.truth[TRUTH].flatten())
            return error.unflatten(0, (len(batch), -1)).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Guessing costs ln 4."""
        return {"ln 4 (guessing)": math.log(ANGLES)}


@full_precision
def cross_entropy(logits: Tensor, angle: Tensor) -> Tensor:
    """(N, 4) scores and (N,) int64 quarter turns -> (N,) -log p(angle).

    Raises:
        ValueError: if there is not one angle for every row of scores.
    """
    if logits.shape != (len(angle), ANGLES):
        raise ValueError(
            f"need {ANGLES} scores for each of {len(angle)} pictures, got {tuple(logits.shape)}"
        )
    return F.cross_entropy(logits, angle, reduction="none")


def confusion(guess: Tensor, angle: Tensor) -> Tensor:
    """(N,), (N,) int64 -> (4, 4) float64: row = true angle, column = guess; rows add up to 1.

    The row of an angle that did not occur is zero.
    """
    pairs = torch.bincount(angle.cpu() * ANGLES + guess.cpu(), minlength=ANGLES**2)
    counts = pairs.reshape(ANGLES, ANGLES).double()
    return counts / counts.sum(1, keepdim=True).clamp(min=1)


def _pictures(guess: Tensor, angle: Tensor, batch: Batch) -> dict[str, Diagnostic]:
    images = batch.views[VIEW]
    views = images.shape[1]
    shown = min(len(batch), pictures.COLUMNS_SHOWN)
    guesses = (guess.reshape(-1, views)[:shown].T * 90).tolist()  # V x N
    truths = (angle.reshape(-1, views)[0] * 90).tolist()
    degrees = [f"{90 * one}°" for one in range(ANGLES)]
    return {
        "confusion": heatmap(
            pictures.array(confusion(guess, angle)),
            low=0.0,
            high=1.0,
            diverging=False,
            row_label="turned by",
            column_label="taken for",
            row_names=degrees,
            column_names=degrees,
        ),
        "guesses": ImageGrid(
            images=np.stack([pictures.pixels(images[:shown, view]) for view in range(views)]),
            rows=tuple(f"turned by {one}°" for one in truths),
            ids=pictures.ids(batch, len(batch))[:shown],
            captions=tuple(tuple(f"{one}°" for one in row) for row in guesses),
        ),
    }
