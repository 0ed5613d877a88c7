"""Predict the frame in the middle from its neighbours: whoever can has seen how things move.

From T frames the middle one is taken out. The encoder f looks at every other frame by itself, and a
decoder g makes the missing one of all their maps:

    pixels:  loss = mean |x_c + g(f(x_1), ..., f(x_T)) - x_m|^p,   p = 2 (squared) or 1 (absolute)
    words:   loss = mean over patches of -log softmax(g(...))_w,   w the visual word of the patch

with x_c the cross-fade of the two neighbours (0 and a sigmoid around g without `residual`).
How unsure it is of a pixel, it says itself. Words: sd = sqrt(sum p w^2 - (sum p w)^2), p the
probability of each w. Pixels: a second small output v on top of g's last layer is fitted to the
squared error e^2 that came; neither g nor e sees its gradient, so nothing else changes (but for a
common limit of gradients, where `optimiser.gradient_clip` is set):

    uncertainty = mean v^b (log v + e^2 / v) / 2,   sd = sqrt(v),   b = 1/2, its v^b a mere number

The squared error is least at the *mean* of all middles that would fit, and a mean of sharp pictures
is blurred. As a choice among visual words (k-means centres of patches) the same network can say
"either here or there" and be sharp: that contrast is the lesson. Train both and compare (the preset
`frame_prediction.words` is the other one).

Paper: Mathieu, Couprie and LeCun 2016, https://arxiv.org/abs/1511.05440 (the blur of L2); words as
targets: Ranzato, Szlam, Bruna, Mathieu, Collobert and Chopra 2014, https://arxiv.org/abs/1412.6604;
the variance as a second output: Nix and Weigend 1994, https://doi.org/10.1109/ICNN.1994.374138,
its weight v^b: Seitzer, Tavakoli, Antic and Martius 2022, https://arxiv.org/abs/2203.09168

What to watch. The bars: the loss has to fall below that of merely blending the two neighbouring
frames, or nothing was learned that a cross-fade does not know. In the grid, "unsure" shows where
motion leaves more than one answer, said before the true frame is seen, and "error" what came of it.
The term "unsure where wrong" is the correlation of the two over all pixels: near 0, the uncertainty
means nothing; the second bars show whether it is as large as it says. Features serve motion and
place better than classes, so kNN may move little.

Where our numbers differ. The papers predict the frame that follows; here it is the missing middle
one, as Ranzato et al. also do for filling gaps. They stack frames as input channels; our encoder
sees one frame at a time, so that it can be kept for single images. No gradient or adversarial loss.
Uncertainty is none of the papers' own. `loss` is that of the frame alone: the second output learns
from its own term beside it, whose gradient reaches nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop, whole
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch, Sample
from sslcore.config import Config, ConfigError, knob
from sslcore.diagnostics import Bars, Diagnostic, DiagnosticSpec, ImageGrid
from sslcore.losses import classification, pictures, uncertainty
from sslcore.losses.clips import VIEW, clips
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
from sslcore.nets.encoder import Encoder
from sslcore.nets.kmeans import assign, kmeans
from sslcore.nets.mode import evaluating
from sslcore.nets.patches import patchify, unpatchify

FRAMES = 5
"""Frames of a sample where the facts do not say."""
POINTS = 50
"""Patches looked at for each visual word."""
UNSURE_WIDTH, UNSURE_RATE = 16, 5.0
"""Channels of the second output's hidden layer, and its learning rate relative to the rest's: it is
small, and has to tell variances apart that span five powers of ten."""


class FramePredictionConfig(Config):
    """Settings of frame prediction."""

    target: Literal["pixels", "words"] = knob(
        "pixels",
        help="What is predicted: pixels (which blurs where the future is open), or for each patch "
        "the most likely of some visual words.",
    )
    loss: Literal["l2", "l1"] = knob(
        "l2", help="Pixels: squared error (the mean of what is possible) or absolute (the median)."
    )
    residual: bool = knob(
        True,
        help="Pixels: begin with the cross-fade of the two neighbours and predict what to change "
        "in it, so that all of the network goes into motion. Off: paint the frame from nothing.",
    )
    words: int = knob(
        128,
        low=2,
        high=65536,
        log=True,
        help="Words: how many there are; centres of k-means over patches of the training frames.",
        paper="10000",
    )
    patch: int = knob(
        4, low=1, high=64, unit="px", help="Words: side of a patch; must divide the image size."
    )
    decoder_width: int = knob(
        128, low=8, high=2048, log=True, help="Channels of the decoder's first layer."
    )


@register(
    MethodCard(
        title="Frame prediction",
        family="generative",
        mechanism="temporal",
        year=2016,
        paper="https://arxiv.org/abs/1511.05440",
        config=FramePredictionConfig,
        needs="sequences",
        backbone="map",
        diagnostics=(
            DiagnosticSpec(
                "frames",
                "image_grid",
                "Before, predicted, true, after",
                "The neighbours of the missing frame, what the network makes of them, the frame "
                "itself, where it says that it is unsure, and where it is wrong: white is most, on "
                "one scale for both.",
            ),
            DiagnosticSpec(
                "yardsticks",
                "bars",
                "Better than a cross-fade?",
                "Mean squared error of the predicted frame beside that of repeating the frame "
                "before, and of blending the two neighbours. Shorter is better.",
            ),
            DiagnosticSpec(
                "reliability",
                "bars",
                "Wrong where it is unsure?",
                "All pixels in four equal groups by how unsure it is: the error it expects of "
                "each, and the true one. Where the true bars grow, it knows what it does not know; "
                "where both are alike, also how much.",
            ),
        ),
    )
)
class FramePrediction(Method[FramePredictionConfig]):
    """The missing middle frame from its neighbours."""

    coupled = False
    words: Tensor

    def __init__(self, config: FramePredictionConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        words = config.target == "words"
        if words and facts.image_size % config.patch:
            raise ConfigError(
                f"method.patch = {config.patch}: patches must fill an image of {facts.image_size} "
                "px; choose a divisor"
            )
        self.frames = facts.frames or FRAMES
        coarser = round(math.log2(config.patch)) if words else 0
        self.decoder = ConvDecoder(
            encoder.dimensions * (self.frames - 1),
            config.words if words else encoder.channels,
            max(doublings(encoder, facts.image_size) - coarser, 0),
            config.decoder_width,
        )
        self.residual = config.residual and not words
        if self.residual:
            with torch.no_grad():  # the first predictions are little more than the cross-fade
                for one in self.decoder.layers[-1].parameters():
                    one.mul_(0.1)
        self.unsure = None if words else _second_output(self.decoder.width + 2 * encoder.channels)
        if self.unsure is not None:
            self.register_load_state_dict_pre_hook(_grown)
        values = config.patch**2 * encoder.channels
        self.register_buffer("words", torch.zeros(config.words if words else 0, values))

    @classmethod
    def default_views(cls, config: FramePredictionConfig, facts: DataFacts) -> ViewPlan:
        """All frames, cropped and flipped alike."""
        steps = (RandomResizedCrop(scale_low=0.5), HorizontalFlip())
        return ViewPlan(
            views=(View(name=VIEW, size=facts.image_size, source="frames", steps=steps),)
        )

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Learn visual words from some patches of the middle frames."""
        if not len(self.words):
            return
        generator = torch.Generator().manual_seed(0)
        wanted = POINTS * self.config.words
        each = math.ceil(wanted / max(self.facts.count, 1))
        found: list[Tensor] = []
        for sample in samples:
            images = whole(sample.image, self.facts.image_size).clamp_(0.0, 1.0)
            cut = patchify(images, self.config.patch)
            order = torch.rand(cut.shape[:2], generator=generator).argsort(1)[:, :each]
            found.append(
                cut.gather(1, order[..., None].expand(-1, -1, cut.shape[-1])).flatten(0, 1)
            )
        points = torch.cat(found)
        # In a tiny folder there are fewer patches than words; words that coincide are never used.
        points = points.repeat(math.ceil(self.config.words / len(points)), 1)
        self.words.copy_(kmeans(points, self.config.words, generator))

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """What is said of the missing frame.

        Returns:
            ``raw`` (B, copies, K or C, h, w) scores of words or raw pixels, and for pixels
            ``unsure`` (B, copies, 1, h, w), a variance before it is squashed.
        """
        said = self._predict(batch)
        return {name: one.unflatten(0, (len(batch), -1)) for name, one in said.items()}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Error of the missing frame, beside that of a cross-fade; and how unsure it was."""
        said = {name: one.flatten(0, 1) for name, one in projected.items()}
        raw = said["raw"]
        before, middle, after = self._around(batch)
        blend = cross_fade(before, after)
        loss = self._error(raw, middle, blend).mean()
        predicted = self._picture(raw.detach(), blend)
        errors = {
            "predicted": predicted,
            "blend of the neighbours": blend,
            "frame before": before,
        }
        squares = {name: squared_errors(one, middle).mean() for name, one in errors.items()}
        terms = {
            "squared error": squares["predicted"],
            "of a cross-fade": squares["blend of the neighbours"],
        }
        if len(self.words):
            words = self._words_of(middle)
            terms["accuracy"] = (raw.detach().flatten(2).argmax(1) == words).float().mean()
        variance, wrong = self._variance(said), squared_errors(predicted, middle)
        if self.unsure is not None:
            doubt = uncertainty.weighted_likelihood(variance, wrong)
            terms["uncertainty"] = doubt.detach()
            loss = loss + (doubt - doubt.detach())  # its gradient, and exactly nothing of its value
        variance = variance.detach()
        terms["unsure where wrong"] = uncertainty.correlation(variance.sqrt(), wrong.sqrt())
        pictured: dict[str, Diagnostic] = {}
        if clock.snapshot:
            pictured = self._pictures(predicted, (variance, wrong), squares, batch)
        return StepOutput(loss=loss, terms=terms, diagnostics=pictured)

    def parameter_groups(self) -> list[ParameterGroup]:
        """The network, and its second output with a rate of its own."""
        own = [] if self.unsure is None else list(self.unsure.parameters())
        numbers = {id(one) for one in own}
        rest = [one for one in self.parameters() if one.requires_grad and id(one) not in numbers]
        second = [ParameterGroup("unsure", own, lr_scale=UNSURE_RATE)] if own else []
        return [ParameterGroup("all", rest), *second]

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): there is no head."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) error of the missing frame, averaged over copies."""
        with evaluating(self):
            before, middle, after = self._around(batch)
            error = self._error(self._predict(batch)["raw"], middle, cross_fade(before, after))
            return error.unflatten(0, (len(batch), -1)).flatten(1).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Every word equally likely: ln K."""
        return {"ln(words)": math.log(len(self.words))} if len(self.words) else {}

    def _clips(self, batch: Batch) -> Tensor:
        return clips(batch, self.frames, 2)

    def _around(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """The frame before, the missing one and the one after (of two frames: the first again)."""
        frames = self._clips(batch)
        middle = self.frames // 2
        return frames[:, middle - 1], frames[:, middle], frames[:, (middle + 1) % self.frames]

    def _predict(self, batch: Batch) -> dict[str, Tensor]:
        frames = self._clips(batch)
        kept = [number for number in range(self.frames) if number != self.frames // 2]
        maps = self.online.feature_map(frames[:, kept].flatten(0, 1))
        joined = maps.unflatten(0, (len(frames), -1)).flatten(1, 2)  # N x (T - 1) D x h x w
        side = frames.shape[-1] // (self.config.patch if len(self.words) else 1)
        hidden = self.decoder.hidden(joined)
        raw = self.decoder.paint(hidden, (side, side))
        if self.unsure is None:
            return {"raw": raw}
        before, _, after = self._around(batch)
        seen = hidden.detach()
        if seen.shape[-2:] != raw.shape[-2:]:
            seen = nn.functional.interpolate(seen, (side, side), mode="nearest")
        moved = uncertainty.level((after - before).square()).to(seen.dtype)
        return {"raw": raw, "unsure": self.unsure(torch.cat((seen, raw.detach(), moved), 1))}

    @full_precision
    def _error(self, raw: Tensor, middle: Tensor, blend: Tensor) -> Tensor:
        """(N, ...) error of every value or patch."""
        if len(self.words):
            scores = raw.flatten(2).transpose(1, 2)  # N x patches x K
            words = self._words_of(middle)
            error = classification.cross_entropy(scores.flatten(0, 1), words.flatten())
            return error.unflatten(0, words.shape)
        apart = (blend + raw if self.residual else raw.sigmoid()) - middle
        return apart.square() if self.config.loss == "l2" else apart.abs()

    def _words_of(self, images: Tensor) -> Tensor:
        """(N, C, h, w) -> (N, patches) int64."""
        cut = patchify(images, self.config.patch)
        return full_precision(assign)(cut.flatten(0, 1), self.words).unflatten(0, cut.shape[:2])

    def _picture(self, raw: Tensor, blend: Tensor) -> Tensor:
        """The predicted frame: pixels, or the most likely words laid side by side."""
        raw = raw.float()
        if not len(self.words):
            return blend + raw if self.residual else raw.sigmoid()
        grid = (raw.shape[-2], raw.shape[-1])
        return unpatchify(self.words[raw.flatten(2).argmax(1)], grid, self.online.channels)

    def _variance(self, said: Mapping[str, Tensor]) -> Tensor:
        """(N, 1, h, w): how far off each pixel is expected to be, squared; mean of its channels."""
        if self.unsure is not None:
            return uncertainty.variance(said["unsure"])
        raw = said["raw"].detach()
        grid = (raw.shape[-2], raw.shape[-1])
        scores = raw.flatten(2).transpose(1, 2).flatten(0, 1)  # (N patches) x K
        spread = uncertainty.mixture_variance(scores, self.words).unflatten(0, (len(raw), -1))
        return unpatchify(spread, grid, self.online.channels).mean(1, keepdim=True)

    def _pictures(
        self,
        predicted: Tensor,
        off: tuple[Tensor, Tensor],
        squares: Mapping[str, Tensor],
        batch: Batch,
    ) -> dict[str, Diagnostic]:
        before, middle, after = self._around(batch)
        shown = slice(0, pictures.COLUMNS_SHOWN)
        unsure, error = (one[shown].float().sqrt() for one in off)
        white = torch.maximum(unsure.amax(), error.amax()).clamp(min=1e-6)
        rows = {
            "before": before[shown],
            "predicted": predicted[shown],
            "true": middle[shown],
            "after": after[shown],
            "unsure": unsure / white,
            "error": error / white,
        }
        return {
            "frames": ImageGrid(
                images=np.stack([pictures.pixels(one) for one in rows.values()]),
                rows=tuple(rows),
                ids=pictures.ids(batch, len(middle))[shown],
            ),
            "yardsticks": Bars(
                labels=tuple(squares),
                values=np.array([float(one) for one in squares.values()], dtype=np.float32),
                axis="mean squared error",
            ),
            "reliability": uncertainty.reliability(*off),
        }


@full_precision
def cross_fade(before: Tensor, after: Tensor) -> Tensor:
    """What lies half-way between two frames, pixel by pixel."""
    return (before + after) / 2


@full_precision
def squared_errors(said: Tensor, true: Tensor) -> Tensor:
    """The squared difference of each pixel, mean of its channels: (N, C, h, w) -> (N, 1, h, w)."""
    return (said - true).square().mean(1, keepdim=True)


def _second_output(inputs: int) -> nn.Sequential:
    """From what the decoder knows of a pixel and its surroundings to one number."""
    return nn.Sequential(
        nn.Conv2d(inputs, UNSURE_WIDTH, 1),
        nn.ReLU(),
        nn.Conv2d(UNSURE_WIDTH, 1, 3, 1, 1, padding_mode="replicate"),
    )


def _grown(module: nn.Module, state: dict[str, Tensor], prefix: str, *_: object) -> None:
    """Checkpoints older than the second output go on; theirs is as it was made, untrained."""
    own = {name: one for name, one in module.state_dict().items() if name.startswith("unsure.")}
    if not any(f"{prefix}{name}" in state for name in own):
        state.update({f"{prefix}{name}": one for name, one in own.items()})
