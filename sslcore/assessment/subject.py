"""What is measured: the encoder of a run, the images it was trained on, and what it must beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.assessment import outside
from sslcore.assessment.trained import Trained, open_trained
from sslcore.assessment.watch import Watch
from sslcore.engine.preparation import Material, open_data
from sslcore.evaluation import features
from sslcore.method import Method
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory

TRAINED, UNTRAINED, PIXELS = "trained", "untrained", "pixels"
Layer = Literal["features", "projection"]
Encode = Callable[[Tensor], Tensor]
"""Images (B, C, H, W) in [0, 1] on the subject's device -> (B, D)."""


@dataclass(frozen=True)
class Parts:
    """Numbers of the images of both splits.

    Attributes:
        bank: (N, ...) of the training images, in the order of ``Subject.bank``.
        queries: (Q, ...) of the held-out images, in the order of ``Subject.queries``.
    """

    bank: NDArray[Any]
    queries: NDArray[Any]


class Subject:
    """A run opened to be measured. For one thread at a time; close it, or use it in ``with``.

    Use :meth:`open`.

    Attributes:
        directory: of the run.
        opened: recipe, checkpoint, method and device.
        material: images and split.
        outside: further encoders by name, measured beside the run's own.
        omitted: names of encoders that are not measured beside the trained one.
        found: features networks gave, by (name, layer); may be handed on to a subject of the same
            checkpoint and images.
    """

    def __init__(
        self, directory: RunDirectory, opened: Trained, material: Material, watch: Watch
    ) -> None:
        self.directory = directory
        self.opened = opened
        self.material = material
        self.outside: dict[str, Encode] = {}
        self.beside()
        self.omitted: frozenset[str] = frozenset()
        self._watch = watch
        self._untrained: Method[Any] | None = None
        self.found: dict[tuple[str, Layer], Parts] = {}

    @classmethod
    def open(cls, directory: RunDirectory, which: str = "auto", watch: Watch | None = None) -> Self:
        """Open a run and its images.

        Args:
            directory: of the run.
            which: "auto" for the newest whole checkpoint, or one by name.
            watch: told of progress now and later.

        Raises:
            CheckpointError: if there is no checkpoint yet, or it is damaged.
            ConfigError, CatalogueError: if the images are not there any more.
            Cancelled: if it was called off.
        """
        watch = watch or Watch()
        opened = open_trained(directory, which)
        section = opened.recipe.data
        material = watch.through(lambda control: open_data(section, control))
        return cls(directory, opened, material, watch)

    def watched(self, watch: Watch) -> None:
        """Tell somebody else of progress from now on."""
        self._watch = watch

    def close(self) -> None:
        """Let go of files and threads."""
        self.material.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def beside(self, more: Sequence[str] = ()) -> None:
        """Measure beside the encoders that the run's list names, and more.

        Args:
            more: texts of encoders, see :mod:`sslcore.assessment.outside`.

        Raises:
            ValueError: if the list is damaged, or two encoders have one name.
        """
        size, channels = self.recipe.data.image_size, self.material.pixels.channels
        self.outside = {**outside.of(self.directory, channels, size, self.device, more)}

    # What there is

    @property
    def recipe(self) -> Recipe:
        """Of the run."""
        return self.opened.recipe

    @property
    def device(self) -> torch.device:
        """Where networks compute."""
        return self.opened.device

    @property
    def changed(self) -> bool:
        """Whether the folder is not what it was when the run began."""
        return self.opened.checkpoint.catalogue != self.material.catalogue.fingerprint

    @property
    def bank(self) -> NDArray[np.int64]:
        """(N,) catalogue rows of the training split, from which a classifier may learn."""
        return self.material.split.train

    @property
    def queries(self) -> NDArray[np.int64]:
        """(Q,) catalogue rows of the held-out split, which never entered training."""
        return self.material.split.held_out

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; a label is a place in it."""
        return tuple(self.material.catalogue.classes)

    @property
    def labels(self) -> Parts:
        """Class numbers of both splits, -1 where an image has none."""
        labels = self.material.catalogue.labels
        return Parts(labels[self.bank], labels[self.queries])

    def require_queries(self) -> None:
        """Refuse a run without held-out images.

        Raises:
            ValueError: saying which field to change.
        """
        if not len(self.queries):
            raise ValueError("no image was held out from training; set data.held_out above 0")

    def require_labels(self) -> None:
        """Refuse a run without labelled images on both sides of the split.

        Raises:
            ValueError: saying what gives labels and what can be measured without.
        """
        self.require_queries()
        labels = self.labels
        if not (labels.bank >= 0).any() or not (labels.queries >= 0).any():
            raise ValueError(
                f"{self.material.catalogue.root}: no labels to measure accuracy with; use at least "
                "two sub-folders as classes (a single one tells nothing) or a CSV with a column "
                "'label'. Without labels, collapse, invariance, energy and shortcuts can still be "
                "measured"
            )

    # Encoders and features

    @property
    def encoders(self) -> tuple[str, ...]:
        """Names of everything that makes features here, the trained encoder first."""
        every = (TRAINED, UNTRAINED, PIXELS, *self.outside)
        return tuple(name for name in every if name not in self.omitted)

    def method(self, name: Literal["trained", "untrained"] = "trained") -> Method[Any]:
        """The run's method as its checkpoint holds it, or as it was before its first step."""
        if name == TRAINED:
            return self.opened.method
        if self._untrained is None:
            self._untrained = self.opened.untrained()
        return self._untrained

    def encode(self, name: str, layer: Layer = "features") -> Encode:
        """The encoder of a name as a function of images at the size of training.

        Raises:
            ValueError: if there is none of that name.
        """
        if name == PIXELS:
            return features.flattened
        if name in self.outside:
            return self.outside[name]
        if name not in (TRAINED, UNTRAINED):
            raise ValueError(f"{name!r}: no such encoder; there are: {', '.join(self.encoders)}")
        method = self.method(TRAINED if name == TRAINED else UNTRAINED)
        return lambda images: method.embed(images, layer)

    def features(self, name: str, layer: Layer = "features") -> Parts:
        """Features of all images of both splits, (N, D) and (Q, D) float32.

        What networks gave is kept until :meth:`close`, so that measurements share it.

        Args:
            name: one of :attr:`encoders`.
            layer: "projection" for what the run's head makes of the features.

        Raises:
            Cancelled: if it was called off.
        """
        key = (name, layer)
        if key in self.found:
            return self.found[key]
        rows = np.concatenate([self.bank, self.queries])
        found = features.extract(
            self.encode(name, layer),
            self.material.pixels,
            rows,
            device=self.device,
            progress=self._watch.stage(f"Features, {name}"),
            cancelled=self._watch.cancelled,
            image_size=self.recipe.data.image_size,
        )
        parts = Parts(found[: len(self.bank)], found[len(self.bank) :])
        if name != PIXELS:  # quickly read again, and large
            self.found[key] = parts
        return parts

    def images(self, rows: NDArray[np.int64]) -> Tensor:
        """(B, C, H, W) floats in [0, 1] at the size of training, on the subject's device."""
        images = self.material.pixels.read(rows).to(self.device)
        return features.resized(images, self.recipe.data.image_size)

    def each_encoder(self, layer: Layer = "features") -> Mapping[str, Parts]:
        """Features under every encoder, by its name."""
        return {name: self.features(name, layer) for name in self.encoders}
