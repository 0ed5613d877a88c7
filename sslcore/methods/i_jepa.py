"""Predict what a network would make of hidden blocks, not the pixels in them.

From an image, T target blocks b_1..b_T are drawn, and a large context block x without them. Context
network f sees x alone, target network f' the whole image; predictor g gets the context's tokens
and the places of a target block:

    loss = mean over targets t and their patches j of  smooth_l1(g(f(x), places of b_t)_j, s_j)
    s = layer_norm(f'(image));   after every step:  theta' <- m theta' + (1 - m) theta

Features can leave out what nobody can predict (every blade of grass), pixels cannot; so no copies
that are cropped and recoloured by hand are needed. The momentum m rises to 1 over the run.

Paper: Assran, Duval, Misra, Bojanowski, Vincent, Rabbat, LeCun and Ballas 2023,
https://arxiv.org/abs/2301.08243

What to watch. The masks over the image, and where the prediction errs. The loss by itself is no
measure of quality, for the targets move with the network; hold it against the error of the mean
target, drawn beside it: only the gap shows that places and image are used. If that mean itself
comes near 0, targets have collapsed to one vector: raise the momentum or lower the learning rate.

Where our numbers differ. The paper's code cuts contexts to the smallest of the batch in reading
order, which always costs the bottom of the image; ours cuts patches at random places, and draws
the blocks of an image anew while they leave it less than 15 % of the patches. The momentum rises in
a straight line as in the paper's code. Small preset: a predictor of 2 blocks of 64 numbers instead
of 12 of 384, batch 128 instead of 2048, and half the learning rate.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.context_targets import ContextTargets
from sslcore.augment.geometric import RandomResizedCrop
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec, ImageGrid, histogram
from sslcore.losses import pictures
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets import ema, patches, vit
from sslcore.nets.completion import Completion
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating


class IJepaConfig(Config):
    """Settings of I-JEPA."""

    targets: int = knob(
        4, low=1, high=16, help="Blocks to predict in every image; they may overlap.", paper="4"
    )
    momentum: float = knob(
        0.996,
        low=0.0,
        high=1.0,
        help="How slowly the target network follows at the start; at the end it stands still. Low "
        "values let targets run away with the network and collapse.",
        paper="0.996 → 1",
    )
    predictor_width: int = knob(
        64,
        low=16,
        high=4096,
        log=True,
        help="Numbers per patch inside the predictor. Narrower than the encoder, so that "
        "understanding stays in the encoder.",
        paper="384",
    )
    predictor_depth: int = knob(
        2, low=1, high=32, help="Blocks of the predictor. The paper gains by depth.", paper="12"
    )


@register(
    MethodCard(
        title="I-JEPA",
        family="bootstrapping",
        mechanism="context",
        year=2023,
        paper="https://arxiv.org/abs/2301.08243",
        config=IJepaConfig,
        needs="images",
        backbone="tokens",
        against_collapse="stop-gradient and the slow target encoder (method.momentum)",
        diagnostics=(
            DiagnosticSpec(
                "blocks",
                "image_grid",
                "Context, targets and error",
                "The image, its context with the target blocks in light grey, and how far off the "
                "prediction of each target patch was (white is the largest error shown).",
            ),
            DiagnosticSpec(
                "target_errors",
                "histogram",
                "Error per target block",
                "Errors of the predicted blocks. The line is what guessing the mean target would "
                "cost: only errors well left of it use the image.",
            ),
        ),
    )
)
class IJepa(Method[IJepaConfig]):
    """I-JEPA: from the features of a context to the features of blocks elsewhere."""

    coupled = False

    def __init__(self, config: IJepaConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        width = config.predictor_width
        self.predictor = Completion(encoder.dimensions, width, config.predictor_depth)
        self.outward = nn.Linear(width, encoder.dimensions)
        vit.begin(self.outward)
        self.target = ema.follower(encoder)

    @classmethod
    def default_views(cls, config: IJepaConfig, facts: DataFacts) -> ViewPlan:
        """A crop, ``whole``, and the same parted into context and targets, ``blocks``."""
        size = facts.image_size
        parted = ContextTargets(patch=vit.patch_size(size), targets=config.targets)
        return ViewPlan(
            views=(
                View(name="whole", size=size, steps=(RandomResizedCrop(scale_low=0.3),)),
                View(name="blocks", size=size, of="whole", steps=(parted,)),
            )
        )

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Features of T blocks of M patches, ``predicted`` and ``wanted`` (B, T, M, D)."""
        predicted, wanted = self._both(batch)
        return {"predicted": predicted, "wanted": wanted}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Smooth L1 of predicted and wanted features."""
        predicted, wanted = projected["predicted"], projected["wanted"].detach()
        error = patch_error(predicted, wanted)
        loss = error.mean()
        mean_guess = patch_error(wanted.mean((0, 1, 2)).expand_as(wanted), wanted).mean()
        return StepOutput(
            loss=loss,
            terms={"prediction": loss.detach(), "guessing the mean": mean_guess},
            diagnostics=self._pictures(error.detach(), mean_guess, batch) if clock.snapshot else {},
        )

    def after_step(self, tensors: Mapping[str, Tensor], clock: Clock) -> None:
        """The target network follows, ever more slowly."""
        start = self.config.momentum
        ema.update(self.target, self.online, start + (1.0 - start) * clock.progress)

    def encoder(self) -> Encoder:
        """The target network, which the paper evaluates."""
        return self.target

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): there is no head."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) error of the predicted blocks, averaged over copies."""
        with evaluating(self):
            error = patch_error(*self._both(batch))
            return error.unflatten(0, (len(batch), -1)).flatten(1).mean(1)

    def _asked(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Whole images, and (B, 1 + T, N) bool: the context, then the targets."""
        return patches.masked(batch, "blocks", ContextTargets().kind, self.online.patch)

    def _both(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Predicted and wanted features of the targets, (B, T, M, D) each."""
        images, blocks = self._asked(batch)
        count = blocks.shape[1] - 1
        context = patches.numbers(blocks[:, 0])
        places = patches.numbers(blocks[:, 1:].flatten(0, 1))
        with torch.no_grad():
            everything = F.layer_norm(self.target.tokens(images), (self.target.dimensions,))
            wanted = vit.picked(everything.repeat_interleave(count, 0), places)
        tokens = self.online.tokens(images, context)
        grid = self.online.grid(images)
        # Each block is predicted by itself: T rows for every image.
        tokens, context = (one.repeat_interleave(count, 0) for one in (tokens, context))
        predicted = self.outward(self.predictor(tokens, context, places, grid))
        return predicted.unflatten(0, (-1, count)), wanted.unflatten(0, (-1, count))

    def _pictures(self, error: Tensor, mean_guess: Tensor, batch: Batch) -> dict[str, Diagnostic]:
        shown = slice(0, pictures.COLUMNS_SHOWN)
        images, blocks = (one[shown] for one in self._asked(batch))
        targets = blocks[:, 1:]
        # Error of a patch: the mean over the blocks that cover it.
        spread = torch.zeros(targets.shape, dtype=error.dtype, device=error.device)
        spread = spread.masked_scatter(targets, error[shown])
        heat = spread.sum(1) / targets.sum(1).clamp(min=1)
        heat = heat / heat.amax().clamp(min=1e-6)
        rows = {
            "image": images,
            "context and targets": batch.view("blocks")[shown],
            "error": F.interpolate(
                heat.unflatten(1, (1, *self.online.grid(images))), images.shape[-2:], mode="nearest"
            ),
        }
        return {
            "blocks": ImageGrid(
                images=np.stack([pictures.pixels(one) for one in rows.values()]),
                rows=tuple(rows),
                ids=pictures.ids(batch, len(error))[shown],
            ),
            "target_errors": histogram(
                {"block": pictures.array(error.mean(2)).ravel()},
                axis="mean error of a block",
                low=0.0,
                marks={"mean target": float(mean_guess)},
            ),
        }


@full_precision
def patch_error(predicted: Tensor, wanted: Tensor) -> Tensor:
    """Smooth L1 of features, half a square below 1 and linear above (beta = 1).

    Args:
        predicted: (..., D).
        wanted: (..., D).

    Returns:
        (...,) mean over the D numbers.

    Raises:
        ValueError: if shapes differ.
    """
    if predicted.shape != wanted.shape:
        raise ValueError(
            f"predicted features {tuple(predicted.shape)} and wanted ones {tuple(wanted.shape)} "
            "differ in shape"
        )
    return F.smooth_l1_loss(predicted, wanted, reduction="none").mean(-1)
