"""Predict one view of a scene from another: its depth, its parts, or its colours from grey.

From an image x the network says, for every pixel, what the other view y shows there:

    measures (depth, HHA, colour):  loss = mean over pixels of |y^ - (y - m) / s|
    classes (segmentation):         loss = mean over pixels of -log p(y)

with m the mean of y over the folder and s its mean distance from m. Whoever can tell how far away
things are, or where one ends, has learned what things are; the other view costs nothing where a
sensor gives it. In a folder without pairs the other view is the image's own colour, and the
network sees lightness only.

Paper: Zhang, Isola and Efros 2017 (cross-channel prediction, also between RGB and depth),
https://arxiv.org/abs/1611.09842; HHA: Gupta, Girshick, Arbelaez and Malik 2014,
https://arxiv.org/abs/1407.5736

What to watch. A loss of 1 is the same value everywhere. The grid: input, predicted, target, and
where they differ: first the common layout (floor near, wall far), then things, last their edges.
The mean distance asks for the *median* of all that could be there, so doubtful edges stay soft.

Where our numbers differ. There is no one published recipe: the papers regress or classify with
large networks. Depth pixels of 0 are holes of the sensor and do not count. HHA (disparity, height
above ground, angle with gravity) is a target like any three-channel picture; `sslcore hha FOLDER`,
or the button in Data, makes it from depth, after which data.target is "hha".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.photometric import hue_turned
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch, Sample
from sslcore.config import Config, ConfigError, knob
from sslcore.diagnostics import DiagnosticSpec, ImageGrid
from sslcore.losses import pictures
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets.colour_encoder import LightnessEncoder, lightness
from sslcore.nets.decoders import ConvDecoder, doublings
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating

VIEW = "input"
MOST_CHANNELS = 4
"""Of a target of measures."""
IGNORED = -1
"""Class of pixels that do not count."""


class CrossViewConfig(Config):
    """Settings of cross-view prediction."""

    target: Literal["auto", "pair", "colour"] = knob(
        "auto",
        help="What is predicted: the target that belongs to each image, or its own colours from "
        "grey. 'auto' takes pairs where the folder has them.",
    )
    loss: Literal["auto", "l1", "cross_entropy"] = knob(
        "auto", help="Distance for measures, cross-entropy for class numbers; 'auto' looks."
    )
    classes: int = knob(
        64, low=4, high=1024, help="Most classes that targets of class numbers may have."
    )
    void: int = knob(
        255, low=-1, high=65535, help="Class number that does not count; -1 if all do."
    )
    zero_is_missing: bool = knob(
        True, help="Whether 0 in a depth image means that nothing was measured there."
    )
    crop_low: float = knob(0.5, low=0.08, high=1.0, help="Smallest share of the area a crop keeps.")
    decoder_width: int = knob(
        128, low=8, high=2048, log=True, help="Channels of the decoder's first layer."
    )


@register(
    MethodCard(
        title="Cross-view prediction",
        family="generative",
        mechanism="context",
        year=2017,
        paper="https://arxiv.org/abs/1611.09842",
        config=CrossViewConfig,
        needs="pairs",
        accepts=("images",),
        backbone="map",
        diagnostics=(
            DiagnosticSpec(
                "predictions",
                "image_grid",
                "Input, predicted, target",
                "What the network saw, what it says the other view shows, what that shows indeed, "
                "and where they differ (white is the largest error shown). Black pixels of a "
                "target were not measured.",
            ),
        ),
    )
)
class CrossView(Method[CrossViewConfig]):
    """Cross-view prediction: from an image to what another sensor or a person made of it."""

    coupled = False
    classified: Tensor
    channels: Tensor
    values: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, config: CrossViewConfig, encoder: Encoder, facts: DataFacts) -> None:
        paired = config.target == "pair" or (config.target == "auto" and "pairs" in facts.kinds)
        _check(config, facts, paired)
        super().__init__(config, encoder if paired else LightnessEncoder.of(encoder), facts)
        self.paired = paired
        self.register_buffer("classified", torch.tensor(False))
        self.register_buffer("channels", torch.tensor(0))
        self.register_buffer("values", torch.full((config.classes,), torch.iinfo(torch.int64).max))
        self.register_buffer("mean", torch.zeros(MOST_CHANNELS))
        self.register_buffer("scale", torch.ones(MOST_CHANNELS))
        self.decoder = ConvDecoder(
            encoder.dimensions,
            MOST_CHANNELS if config.loss == "l1" else max(config.classes, MOST_CHANNELS),
            doublings(encoder, facts.image_size),
            config.decoder_width,
        )

    @classmethod
    def default_views(cls, config: CrossViewConfig, facts: DataFacts) -> ViewPlan:
        """One view, cropped and flipped; the target moves along."""
        steps = (RandomResizedCrop(scale_low=config.crop_low), HorizontalFlip())
        return ViewPlan(views=(View(name=VIEW, size=facts.image_size, steps=steps),))

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Learn what the targets are: which classes, or mean and spread of measures.

        Raises:
            ConfigError: if there are no targets, or they do not fit the settings.
        """
        first = next((self._other(one.target, one.image) for one in samples), None)
        if first is None:
            raise ConfigError("data.folder: no image to learn from what targets are like")
        if self.config.loss == "cross_entropy" and first.is_floating_point():
            raise ConfigError(
                "method.loss = 'cross_entropy': the targets are measures, not class numbers; set "
                "it to 'l1'"
            )
        classified = not first.is_floating_point() and self.config.loss != "l1"
        channels = first.shape[1]
        if channels > (1 if classified else MOST_CHANNELS):
            kind = "class numbers" if classified else "measures"
            raise ConfigError(f"data.folder: targets of {kind} cannot have {channels} channels")
        self.classified.fill_(classified)
        self.channels.fill_(channels)
        others = (self._other(one.target, one.image) for one in samples)
        if classified:
            self._learn_classes(others)
        else:
            mean = self._average(others, None)
            others = (self._other(one.target, one.image) for one in samples)
            self.mean[:channels] = mean
            self.scale[:channels] = self._average(others, mean).clamp(min=1e-6)

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """What is said of every pixel: ``raw`` (B, K, h, w)."""
        return {"raw": self._say(self._seen(batch))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Distance to the measures, or cross-entropy of the classes, where there are any."""
        raw, other = projected["raw"], self._other(batch.target, self._seen(batch))
        error, counts = self._error(raw, other)
        said = self._decode(raw.detach())
        right = (said - other).abs().mean(1) if not self.classified else (said == other)[:, 0]
        name = "accuracy" if self.classified else "distance"
        return StepOutput(
            loss=per_image(error, counts).mean(),
            terms={name: per_image(right.to(error.dtype), counts).mean()},
            diagnostics={"predictions": self._grid(said, other, error.detach(), batch)}
            if clock.snapshot
            else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): there is no head."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) the loss of every image."""
        with evaluating(self):
            seen = self._seen(batch)
            return per_image(*self._error(self._say(seen), self._other(batch.target, seen)))

    def constants(self) -> Mapping[str, float]:
        """What it costs to say the mean everywhere, or that all classes are alike."""
        if self.classified:
            return {"ln K (guessing)": math.log(max(int(self._known.sum()), 1))}
        return {"1 (the mean everywhere)": 1.0}

    @property
    def _known(self) -> Tensor:
        """(classes,) bool: places of the table that are in use."""
        return self.values < torch.iinfo(torch.int64).max

    def _seen(self, batch: Batch) -> Tensor:
        """(B, C, h, w): the first copy, whose crop the target followed."""
        return batch.views[VIEW][:, 0]

    def _say(self, images: Tensor) -> Tensor:
        features = self.online.feature_map(images)
        return self.decoder(features, (images.shape[-2], images.shape[-1]))

    def _other(self, target: Tensor | None, images: Tensor) -> Tensor:
        """The other view of some images: (B, C', h, w)."""
        if not self.paired:
            return images[:, :3]
        if target is None:
            raise ConfigError(
                "method.target = 'pair': these images have no targets; put them into a folder "
                "beside (rgb/x.png, depth/x.png) or set method.target = 'colour'"
            )
        return target

    def _counts(self, other: Tensor) -> Tensor:
        """(B, h, w) bool: pixels of measures that were measured."""
        whole = other.isfinite().all(1) if other.is_floating_point() else (other == other)[:, 0]
        holes = self.paired and self.config.zero_is_missing and other.shape[1] == 1
        return whole & (other[:, 0] > 0) if holes else whole

    def _average(self, others: Iterable[Tensor], centre: Tensor | None) -> Tensor:
        """(C',) float64 mean, or mean distance from a centre, over the pixels that count."""
        total, count = torch.zeros(int(self.channels), dtype=torch.float64), 0
        for other in others:
            where = self._counts(other)
            values = torch.where(where[:, None], other, 0).double()
            if centre is not None:
                values = (values - centre[:, None, None]).abs() * where[:, None]
            total += values.sum((0, 2, 3))
            count += int(where.sum())
        if not count:
            raise ConfigError("data.folder: no target has a single measured pixel")
        return total / count

    def _learn_classes(self, others: Iterable[Tensor]) -> None:
        found = torch.cat([other.unique() for other in others]).unique().long()
        found = found[found != self.config.void]
        if not 1 <= len(found) <= self.config.classes:
            raise ConfigError(
                f"method.classes = {self.config.classes}: the targets hold {len(found)} different "
                "numbers; raise it (up to 1024), or set method.loss = 'l1' if they are measures"
            )
        self.values[: len(found)] = found

    def _error(self, raw: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
        """(B, h, w) error of every pixel, and whether it counts."""
        if not self.channels:
            raise ValueError("prepare() has not seen the targets yet; call it first")
        if self.classified:
            place = class_places(other[:, 0], self.values)
            return class_error(raw[:, : int(self._known.sum())], place), place != IGNORED
        counts = self._counts(other)
        mean, scale = self._moments()
        wanted = torch.where(counts[:, None], (other - mean) / scale, 0)
        return distance(raw[:, : other.shape[1]], wanted), counts

    def _moments(self) -> tuple[Tensor, Tensor]:
        channels = int(self.channels)
        return self.mean[:channels, None, None], self.scale[:channels, None, None]

    def _decode(self, raw: Tensor) -> Tensor:
        """What was said, as targets are: (B, C', h, w) measures or (B, 1, h, w) classes."""
        if self.classified:
            return self.values[raw[:, : int(self._known.sum())].argmax(1, keepdim=True)]
        mean, scale = self._moments()
        return mean + scale * raw[:, : int(self.channels)].float()

    def _grid(self, said: Tensor, other: Tensor, error: Tensor, batch: Batch) -> ImageGrid:
        shown = slice(0, pictures.COLUMNS_SHOWN)
        seen = self._seen(batch)[shown]
        wrong = error[shown, None] / error[shown].amax().clamp(min=1e-6)
        rows = {
            "input": seen if self.paired else lightness(seen),
            "predicted": self._visible(said[shown]),
            "target": self._visible(other[shown]),
            "error": wrong,
        }
        return ImageGrid(
            images=np.stack([pictures.pixels(one) for one in rows.values()]),
            rows=tuple(rows),
            ids=pictures.ids(batch, len(batch))[shown],
        )

    def _visible(self, other: Tensor) -> Tensor:
        """A target as a picture: classes in colours, single measures from dark to bright."""
        if self.classified:
            return class_colours(class_places(other[:, 0], self.values))
        if other.shape[1] != 1:
            return other
        mean, scale = self._moments()
        bright = (0.5 + (other - mean) / (4.0 * scale)).clamp(0.1, 1.0)
        return torch.where(self._counts(other)[:, None], bright, 0.0)


@full_precision
def distance(said: Tensor, wanted: Tensor) -> Tensor:
    """(B, c, h, w), (B, c, h, w) -> (B, h, w): mean absolute difference of the channels.

    Raises:
        ValueError: if shapes differ.
    """
    if said.shape != wanted.shape:
        raise ValueError(
            f"prediction {tuple(said.shape)} and target {tuple(wanted.shape)} differ in shape"
        )
    return (said - wanted).abs().mean(1)


@full_precision
def class_error(logits: Tensor, place: Tensor) -> Tensor:
    """(B, K, h, w), (B, h, w) -> (B, h, w): -log p of the class, 0 where it is -1."""
    return F.cross_entropy(logits, place, ignore_index=IGNORED, reduction="none")


def class_places(numbers: Tensor, values: Tensor) -> Tensor:
    """Class numbers (B, h, w) to their places in a sorted table, -1 for those not in it."""
    place = torch.searchsorted(values, numbers.long().contiguous()).clamp(max=len(values) - 1)
    return torch.where(values[place] == numbers, place, IGNORED)


def class_colours(place: Tensor) -> Tensor:
    """(B, h, w) classes -> (B, 3, h, w) pictures: hues far apart for neighbours, black for -1."""
    golden = torch.remainder(place.flatten() * 0.618034, 1.0)
    red = golden.new_tensor([0.9, 0.25, 0.2]).view(1, 3, 1, 1).expand(len(golden), -1, -1, -1)
    hues = hue_turned(red, golden).view(*place.shape, 3).movedim(-1, 1)
    return torch.where(place[:, None] == IGNORED, 0.0, hues)


def per_image(error: Tensor, counts: Tensor) -> Tensor:
    """(B, h, w), (B, h, w) bool -> (B,): mean over the pixels that count, 0 if none does."""
    where = counts.to(error.dtype)
    total = torch.where(counts, error, 0.0).sum((1, 2))
    return total / where.sum((1, 2)).clamp(min=1.0)


def _check(config: CrossViewConfig, facts: DataFacts, paired: bool) -> None:
    """Refuse what this folder cannot serve.

    Raises:
        ConfigError: naming what to do instead.
    """
    if paired and "pairs" not in facts.kinds:
        raise ConfigError(
            "method.target = 'pair': this folder has no pairs; put targets into a folder beside "
            "the images (rgb/x.png, depth/x.png) or set method.target = 'colour'"
        )
    if not paired and facts.channels < 3:
        raise ConfigError(
            f"method.target = {config.target!r}: without pairs colours are predicted, these images "
            "have none; choose denoising_autoencoder or rotation, which need no colour"
        )
