"""Whether the feature map knows where things are: depth or classes of every pixel, read linearly.

From a folder of pairs (``rgb/x.png`` with ``depth/x.png`` or ``labels/x.png``), a linear layer on
each position of the frozen feature map reads depth or classes, its answer enlarged bilinearly to
the size of the target (the linear evaluation of DINOv2, Oquab et al. 2023,
https://arxiv.org/abs/2304.07193, section 7.4). Depth is fitted by ridge regression and measured by
the root mean squared error, the mean relative error and the part of pixels within a factor of 1.25;
classes by a softmax, measured by the mean intersection by union and the part of pixels.

What to expect. Beside the trained encoder stand the untrained one, the colours of the pixels, every
encoder from outside, and a constant: the mean depth, or the most frequent class, everywhere. A map
of few positions (4 x 4 for images of 32 px) cannot draw outlines, whoever trained it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from sslcore.assessment import elsewhere
from sslcore.assessment.contract import Finding, Plain, assessment, percent
from sslcore.assessment.elsewhere import Elsewhere, Known
from sslcore.assessment.outside import Outside
from sslcore.assessment.subject import PIXELS, TRAINED, UNTRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, ConfigError, knob
from sslcore.data import pairs
from sslcore.data.folder import CatalogueError, find_images
from sslcore.data.table import read_table
from sslcore.engine.preparation import sampled
from sslcore.evaluation import dense, dense_scores
from sslcore.evaluation.dense import DenseProbe, EncodeMap
from sslcore.evaluation.features import resized
from sslcore.sections import DataSection

EXAMPLES, LARGEST = 8, 96
"""Held-out images whose prediction is kept to be looked at, and their side in pixels at most."""


class DenseConfig(Config):
    """Settings of the dense evaluation."""

    folder: str = knob("", help="A folder of pairs; empty for the run's own.")
    target: str = knob(
        "auto", help="Name of the folder of targets: 'depth', 'labels', ..., or 'auto'."
    )
    images: int = knob(
        2000,
        low=10,
        high=100_000,
        log=True,
        help="Images of each part, training and held out, at most.",
    )
    pixels: int = knob(
        20_000,
        low=500,
        high=1_000_000,
        log=True,
        help="Pixels a linear layer is fitted on, from all training images together.",
    )
    void: int | None = knob(
        255, low=0, high=65_535, help="Class number of pixels that count for nothing."
    )
    held_out: float = knob(
        0.2, low=0.05, high=0.9, help="Part that is held out, where the folder has no split."
    )
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of the split and of the pixels.")


class DenseRow(Plain):
    """One encoder; what does not belong to the kind of target is None.

    Attributes:
        rmse: in the unit of the targets.
        abs_rel: mean of |error| / depth.
        delta: part of the pixels within a factor of 1.25.
        mean_iou: mean intersection by union of the classes that occur.
        accuracy: part of the pixels of the right class.
    """

    rmse: float | None = None
    abs_rel: float | None = None
    delta: float | None = None
    mean_iou: float | None = None
    accuracy: float | None = None


class Example(Plain):
    """One held-out image, small, as PNG files in base64.

    Attributes:
        path: of the image in its folder.
        image: in colour or grey.
        target: grey from 0 (nearest, first class) to 254; 255 is not measured.
        read: the same as each encoder reads it, by its name.
    """

    path: str
    image: str
    target: str
    read: dict[str, str]


class DenseFinding(Finding):
    """Every encoder and the constant.

    Attributes:
        folder: its name.
        target: name of the folder of targets.
        kind: what they hold.
        training, held_out: images with a target.
        classes: class numbers that occur; empty for depth.
        low, high: depth that is drawn as 0 and as 254.
        scores: by name of the encoder, the constant last.
        examples: to be looked at.
    """

    folder: str
    target: str
    kind: Literal["depth", "classes"]
    training: int
    held_out: int
    classes: tuple[int, ...]
    low: float
    high: float
    scores: dict[str, DenseRow]
    examples: tuple[Example, ...]

    def headline(self) -> str:
        """Relative error, or mean overlap, of the trained encoder."""
        row = self.scores[TRAINED]
        if row.mean_iou is not None:
            return f"mean IoU {percent(row.mean_iou)}"
        return f"depth off by {percent(row.abs_rel or 0.0)}"

    def lines(self) -> list[str]:
        """A row an encoder."""
        wide = max(20, *(len(name) + 2 for name in self.scores))
        head = f"{f'{self.target} of {self.folder}':<{wide}}"
        if self.kind == "depth":
            rows = [f"{head}{'RMSE':>10}{'abs rel':>10}{'within 1.25':>13}"]
            for name, one in self.scores.items():
                numbers = f"{one.rmse or 0:>10.3g}{one.abs_rel or 0:>10.1%}{one.delta or 0:>13.1%}"
                rows.append(f"{name:<{wide}}{numbers}")
            return rows
        rows = [f"{head}{'mean IoU':>10}{'pixels':>10}"]
        return [
            *rows,
            *(
                f"{name:<{wide}}{one.mean_iou or 0:>10.1%}{one.accuracy or 0:>10.1%}"
                for name, one in self.scores.items()
            ),
        ]


def holds_targets(section: DataSection) -> bool:
    """Whether a run's own folder has depth or class numbers beside its images; lists it."""
    place = Path(section.folder).expanduser()
    try:
        paths = find_images(place).images if place.is_dir() else read_table(place).paths
        found = pairs.match(paths)
    except (ValueError, OSError):
        return False
    return bool(found.partner) and pairs.TARGETS.get(found.folder.lower()) != "picture"


@assessment(
    title="Dense prediction",
    order=80,
    config=DenseConfig,
    finding=DenseFinding,
    suits=holds_targets,
)
def measure(subject: Subject, config: DenseConfig, watch: Watch) -> DenseFinding:
    """A linear layer on every encoder's feature map, asked on held-out images."""
    try:
        with elsewhere.folder(
            subject, config.folder, watch, kind="pairs", target=config.target
        ) as opened:
            return _Dense(subject, config, watch, opened).measured()
    except CatalogueError as error:
        if config.folder:
            raise
        raise ConfigError(f"{error}; set dense.folder to a folder of pairs") from None


class _Dense:
    """The measurement, with everything it passes around."""

    def __init__(
        self, subject: Subject, config: DenseConfig, watch: Watch, opened: Elsewhere
    ) -> None:
        targets = opened.catalogue.targets
        assert targets is not None  # a folder of pairs was asked for
        assert opened.targets is not None
        if targets.role == "picture":
            raise ConfigError(
                f"{opened.catalogue.root}: {targets.folder}/ holds pictures, not depth or class "
                "numbers; name another folder of targets"
            )
        self.subject, self.config, self.watch = subject, config, watch
        self.catalogue, self.folder = opened.catalogue, targets.folder
        self.categories = targets.role == "labels"
        # No class has a number below 0, and depth that was not measured is 0.
        self.void = -1 if config.void is None else config.void
        self.images = opened.images
        self.truth = Known(opened.targets, self.void if self.categories else 0.0)
        split = opened.catalogue.split(config.seed, config.held_out)
        usable = targets.rows[~np.isin(targets.rows, list(opened.broken))]
        self.bank, self.queries = (
            sampled(part[np.isin(part, usable)], config.images, "dense", config.seed)
            for part in (split.train, split.held_out)
        )
        if len(self.bank) < 2 or not len(self.queries):
            raise ConfigError(
                f"{opened.catalogue.root}: {len(self.bank)} images with a target to learn from and "
                f"{len(self.queries)} held out; at least 2 and 1 are needed"
            )
        self.size = subject.recipe.data.image_size

    def measured(self) -> DenseFinding:
        """Every encoder and the constant."""
        scores: dict[str, DenseRow] = {}
        read: dict[str, NDArray[Any]] = {}
        shown = self.queries[:EXAMPLES]
        truth = self.truth.read(shown)[:, 0].numpy()
        flat: DenseProbe | None = None
        constant: DenseRow | None = None
        classes: set[int] = set()
        for name in self.subject.encoders:
            encode = self._map(name)
            bank = dense.collect(
                encode,
                self.images,
                self.truth,
                self.bank,
                categories=self.categories,
                pixels=self.config.pixels,
                void=self.void,
                seed=self.config.seed,
                image_size=self.size,
                device=self.subject.device,
                progress=self.watch.stage(f"Feature maps, {name}"),
                cancelled=self.watch.cancelled,
            )
            probe = self._fit(bank, name)
            scores[name] = self._score(probe, encode, name)
            if name in (TRAINED, UNTRAINED):
                images = resized(self.images.read(shown), self.size).to(self.subject.device)
                with torch.no_grad():
                    read[name] = probe.predict(encode(images), truth.shape[-2:]).numpy()
            if flat is None:  # targets are the same for all
                flat = dense.constant(bank, categories=self.categories)
                classes = set(bank.targets.tolist()) if self.categories else set()
                constant = self._score(flat, encode, "a constant")
        assert flat is not None
        assert constant is not None
        scores["most frequent class" if self.categories else "mean depth"] = constant
        classes |= {int(one) for one in np.unique(truth)} if self.categories else set()
        classes.discard(self.void)
        low, high = (0.0, 0.0) if self.categories else (flat.low, flat.high)
        paint = _painter(sorted(classes), low, high)
        return DenseFinding(
            folder=Path(self.catalogue.root).name,
            target=self.folder,
            kind="classes" if self.categories else "depth",
            training=len(self.bank),
            held_out=len(self.queries),
            classes=tuple(sorted(classes)),
            low=low,
            high=high,
            scores=scores,
            examples=tuple(
                Example(
                    path=self.catalogue.paths[row],
                    image=_picture(self.images.read(shown[place : place + 1])[0]),
                    target=paint(truth[place]),
                    read={name: paint(maps[place]) for name, maps in read.items()},
                )
                for place, row in enumerate(shown.tolist())
            ),
        )

    def _map(self, name: str) -> EncodeMap:
        if name == PIXELS:
            return lambda images: images
        if name in (TRAINED, UNTRAINED):
            method = self.subject.method(TRAINED if name == TRAINED else UNTRAINED)
            return method.encoder().eval().feature_map
        outside = self.subject.outside[name]
        if not isinstance(outside, Outside):
            raise ConfigError(f"{name}: this encoder from outside gives no feature maps")
        return outside.feature_map

    def _fit(self, bank: dense.Bank, name: str) -> DenseProbe:
        seed, device = self.config.seed, self.subject.device
        if not self.categories:
            return dense.fit_depth(bank, seed=seed, device=device, cancelled=self.watch.cancelled)
        return dense.fit_classes(
            bank,
            seed=seed,
            device=device,
            progress=self.watch.stage(f"Linear layer, {name}"),
            cancelled=self.watch.cancelled,
        )

    def _score(self, probe: DenseProbe, encode: EncodeMap, name: str) -> DenseRow:
        common: dict[str, Any] = {
            "image_size": self.size,
            "device": self.subject.device,
            "progress": self.watch.stage(f"Asking, {name}"),
            "cancelled": self.watch.cancelled,
        }
        where = (probe, encode, self.images, self.truth, self.queries)
        if self.categories:
            found = dense_scores.measure_classes(*where, void=self.void, **common)
            return DenseRow(mean_iou=found.mean_iou, accuracy=found.accuracy)
        depth = dense_scores.measure_depth(*where, **common)
        return DenseRow(rmse=depth.rmse, abs_rel=depth.abs_rel, delta=depth.delta)


def _painter(classes: list[int], low: float, high: float) -> Callable[[NDArray[Any]], str]:
    """(H, W) depth or class numbers -> a grey PNG: 0 to 254, and 255 where nothing is known."""

    def paint(values: NDArray[Any]) -> str:
        values = _thinned(values)
        if classes:
            place = np.searchsorted(classes, values).clip(0, len(classes) - 1)
            known = np.asarray(classes)[place] == np.rint(values)
            shades = place * (254 // max(len(classes) - 1, 1))
        else:
            known = values > 0
            shades = np.rint(254 * (values - low) / max(high - low, 1e-9)).clip(0, 254)
        return _png(np.where(known, shades, 255).astype(np.uint8))

    return paint


def _thinned(values: NDArray[Any]) -> NDArray[Any]:
    """Every so many pixels of (H, W) numbers, none of them mixed."""
    side = min(len(values), LARGEST)
    places = ((np.arange(side) + 0.5) * len(values) / side).astype(np.int64)
    return values[places[:, None], places]


def _picture(image: Tensor) -> str:
    image = resized(image[None], min(image.shape[-1], LARGEST))[0].clamp(0.0, 1.0)
    pixels = (image * 255).round().byte().permute(1, 2, 0).numpy()
    return _png(pixels[..., :3] if pixels.shape[-1] >= 3 else pixels[..., 0])


def _png(pixels: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")
