"""Change a picture in several ways at once and ask which: to know, one must know what is usual.

Every image is mirrored, turned upside down, made grey, solarized and blurred, each by the toss of
a coin t_j of its own. A linear layer on the features gives one score s_j for each:

    loss = mean over images and transforms j of
           -t_j log sigmoid(s_j) - (1 - t_j) log(1 - sigmoid(s_j))

Paper: Gidaris, Singh and Komodakis 2018, https://arxiv.org/abs/1803.07728, whose task with four
rotations this generalises; predicting transformations as such is Zhang, Qi, Wang and Luo 2019,
https://arxiv.org/abs/1901.04596.

What to watch. Guessing costs ln 2 = 0.693 and is right half of the time. The bars tell how well
each transform is found. Grey, solarized and blurred pictures give themselves away by their values;
they are learnt first and teach little. Which way up is, must be seen in shapes. Left and right are
alike in most photographs: a bar that stays at one half there is no fault of the network. Features
become sensitive to what is asked for, so ask for nothing that your classes should not depend on.

Where our numbers differ. There is no one published list of transforms; the optimiser is that of
rotation prediction. Transforms of colour are left out for images that have none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Self

import numpy as np
from pydantic import model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.geometric import RandomResizedCrop
from sslcore.augment.transforms import TRANSFORMS, Transforms
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, ConfigError, knob
from sslcore.diagnostics import Bars, Diagnostic, DiagnosticSpec, ImageGrid
from sslcore.losses import pictures
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating

VIEW = "changed"
TRUTH = "changed/transforms"
SHORT = {
    "horizontal_flip": "↔",
    "vertical_flip": "↕",
    "grey": "grey",
    "solarize": "solar",
    "gaussian_blur": "blur",
}
"""What fits below a small picture."""


class TransformPredictionConfig(Config):
    """Settings of transform prediction."""

    horizontal_flip: bool = knob(
        True, help="Ask whether left and right were swapped; hard where pictures have no sides."
    )
    vertical_flip: bool = knob(True, help="Ask whether top and bottom were swapped.")
    grey: bool = knob(
        True, help="Ask whether colour was taken out; left out where images have no colour."
    )
    solarize: bool = knob(True, help="Ask whether bright values were turned dark.")
    gaussian_blur: bool = knob(True, help="Ask whether the picture was blurred.")
    crop_low: float = knob(
        0.5, low=0.08, high=1.0, help="Smallest share of the area a crop keeps beforehand."
    )

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if not any(getattr(self, name) for name in TRANSFORMS):
            raise ValueError(f"nothing to ask for; switch on one of {', '.join(TRANSFORMS)}")
        return self

    def split(self, channels: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Transforms asked for, and those left out because the images have no colour.

        Raises:
            ConfigError: if none remains to be asked for.
        """
        chosen = [name for name in TRANSFORMS if getattr(self, name)]
        idle = [name for name in chosen if TRANSFORMS[name].needs_colour and channels != 3]
        if len(idle) == len(chosen):
            raise ConfigError(
                f"method.{idle[0]} = True: these images have {channels} channels and so no colour "
                "to ask for; switch on another transform as well"
            )
        return tuple(name for name in chosen if name not in idle), tuple(idle)


@register(
    MethodCard(
        title="Transform prediction",
        family="predictive",
        mechanism="context",
        year=2018,
        paper="https://arxiv.org/abs/1803.07728",
        config=TransformPredictionConfig,
        needs="images",
        backbone="vector",
        diagnostics=(
            DiagnosticSpec(
                "accuracy",
                "bars",
                "How well each transform is found",
                "Share of pictures for which the network says rightly whether the transform "
                "happened. Guessing gives 0.5.",
            ),
            DiagnosticSpec(
                "guesses",
                "image_grid",
                "Changed pictures and guesses",
                "Each picture before and after; above what was done to it, below what the network "
                "says was done. ↔ is a flip of left and right, ↕ of top and bottom.",
            ),
        ),
    )
)
class TransformPrediction(Method[TransformPredictionConfig]):
    """Transform prediction: several yes-or-no questions whose answers come for free."""

    coupled = False

    def __init__(
        self, config: TransformPredictionConfig, encoder: Encoder, facts: DataFacts
    ) -> None:
        super().__init__(config, encoder, facts)
        self.asked, self.left_out = config.split(facts.channels)
        self.classifier = nn.Linear(encoder.dimensions, len(self.asked))

    @classmethod
    def default_views(cls, config: TransformPredictionConfig, facts: DataFacts) -> ViewPlan:
        """A cropped view, ``whole``, and ``changed``, made of that very view."""
        asked, _ = config.split(facts.channels)
        size = facts.image_size
        crop = RandomResizedCrop(scale_low=config.crop_low)
        change = Transforms.parse({name: name in asked for name in TRANSFORMS})
        return ViewPlan(
            views=(
                View(name="whole", size=size, steps=(crop,)),
                View(name=VIEW, size=size, of="whole", steps=(change,)),
            )
        )

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """One score for every picture and transform: ``scores`` (B, V, J)."""
        del clock
        scores = self.classifier(self.online(batch.view(VIEW)))
        return {"scores": scores.unflatten(0, (len(batch), -1))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Binary cross-entropy of the coins that were tossed."""
        scores = projected["scores"].flatten(0, 1)  # B V x J
        answer = self._answer(batch)  # B V x J
        right = ((scores.detach() > 0) == answer.bool()).float()
        return StepOutput(
            loss=binary_cross_entropy(scores, answer).mean(),
            terms={"accuracy": right.mean()},
            diagnostics=self._pictures(scores.detach() > 0, answer > 0, batch)
            if clock.snapshot
            else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): the classifier is no projection."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) mean cross-entropy of an image's answers, over its pictures and transforms."""
        with evaluating(self):
            scores = self.classifier(self.online(batch.view(VIEW)))
            error = binary_cross_entropy(scores, self._answer(batch))
            return error.unflatten(0, (len(batch), -1)).flatten(1).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Guessing costs ln 2."""
        return {"ln 2 (guessing)": math.log(2)}

    def _answer(self, batch: Batch) -> Tensor:
        """(B V, J) int64, 0 or 1, of the transforms asked for.

        Raises:
            ValueError: if the views do not apply one of them.
        """
        numbers = [list(TRANSFORMS).index(name) for name in self.asked]
        answer = batch.truth[TRUTH].flatten(0, 1)[:, numbers]
        for name, never in zip(self.asked, (answer < 0).any(0).tolist(), strict=True):
            if never:
                raise ValueError(
                    f"the views no longer apply {name!r}, which the method asks for; switch it on "
                    f"in the step 'transforms' or set method.{name} = false"
                )
        return answer

    def _pictures(self, guess: Tensor, answer: Tensor, batch: Batch) -> dict[str, Diagnostic]:
        titles = [TRANSFORMS[name].title.lower() for name in self.asked]
        short = [SHORT[name] for name in self.asked]
        reason = f" (no colour, so not asked: {', '.join(self.left_out)})" if self.left_out else ""
        changed, whole = batch.view(VIEW), batch.view("whole")
        whole = whole.repeat_interleave(len(changed) // len(whole), 0)
        shown = slice(0, pictures.COLUMNS_SHOWN)
        rows = {"before": whole[shown], "after": changed[shown]}
        return {
            "accuracy": Bars(
                labels=tuple(titles),
                values=pictures.array((guess == answer).float().mean(0)),
                axis=f"share of pictures answered rightly{reason}",
                reference=0.5,
                percent=True,
            ),
            "guesses": ImageGrid(
                images=np.stack([pictures.pixels(one) for one in rows.values()]),
                rows=("before; done to it:", "after; the network says:"),
                ids=pictures.ids(batch, len(changed))[shown],
                captions=(_said(answer[shown], short), _said(guess[shown], short)),
            ),
        }


@full_precision
def binary_cross_entropy(scores: Tensor, answer: Tensor) -> Tensor:
    """(N, J) scores and (N, J) answers 0 or 1 -> (N, J) -log of the probability of the answer.

    Raises:
        ValueError: if there is not one answer for every score.
    """
    if scores.shape != answer.shape:
        raise ValueError(
            f"need an answer for every score, got {tuple(answer.shape)} answers for "
            f"{tuple(scores.shape)} scores"
        )
    return F.binary_cross_entropy_with_logits(scores, answer.to(scores.dtype), reduction="none")


def _said(said: Tensor, names: list[str]) -> tuple[str, ...]:
    """(N, J) bool -> N texts naming the transforms that are true."""
    return tuple(
        " ".join(name for name, yes in zip(names, row, strict=True) if yes) or "nothing"
        for row in said.tolist()
    )
