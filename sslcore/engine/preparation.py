"""From a recipe to data ready for training, with progress as events and a way to call it off."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.augment.view import mixed_seed
from sslcore.batch import Sample
from sslcore.config import ConfigError
from sslcore.data.captions import Vocabulary
from sslcore.data.catalogue import Cancelled, Catalogue, scan
from sslcore.data.pairs import Targets
from sslcore.data.pixel_store import PixelStore
from sslcore.data.source import Source
from sslcore.data.split import Split
from sslcore.engine.control import Control
from sslcore.events import Preparing
from sslcore.method import DataFacts
from sslcore.recipe import Recipe
from sslcore.sections import DataSection

T = TypeVar("T")
Progress = Callable[[int, int], None]
Asked = Callable[[], bool]

_EVERY = 0.1
"""Seconds between two words about progress."""
_SAMPLE = 2000
"""Images looked at for mean and deviation."""


@dataclass(frozen=True)
class Material:
    """Data ready for training.

    Attributes:
        catalogue: all images of the folder.
        pixels: their pixels, at training size or a little larger.
        split: rows trained on and rows held out.
        targets: what belongs to each image, where pairs were asked for.
    """

    catalogue: Catalogue
    pixels: PixelStore
    split: Split
    targets: PixelStore | None = None

    def source(self, recipe: Recipe, facts: DataFacts) -> Source:
        """Reads samples as the method of a recipe needs them."""
        section = recipe.data
        return Source(
            self.catalogue,
            recipe.served(self.catalogue),
            self.pixels,
            targets=self.targets,
            window=section.window,
            vocabulary=Vocabulary(facts.vocabulary),
            length=section.caption_words,
        )

    def close(self) -> None:
        """Let go of files and threads."""
        self.pixels.close()
        if self.targets is not None:
            self.targets.close()

    @property
    def missing(self) -> Mapping[int, str]:
        """Row -> reason of images and targets that could not be decoded."""
        return {**(self.targets.missing if self.targets else {}), **self.pixels.missing}

    @property
    def notices(self) -> Sequence[str]:
        """What a person should know of how the pixels came about."""
        return (*self.pixels.notices, *(self.targets.notices if self.targets else ()))


class TrainingImages:
    """All training images as samples, to be gone through as often as a method needs.

    Args:
        sample: reads catalogue rows.
        rows: catalogue rows.
        asked: whether the work was called off; checked before every batch.
        progress: told (images, images in all) after every batch.
    """

    def __init__(
        self,
        sample: Callable[[NDArray[np.int64]], Sample],
        rows: NDArray[np.int64],
        asked: Asked,
        progress: Progress,
    ) -> None:
        self._sample = sample
        self._rows = rows
        self._asked = asked
        self._progress = progress

    def __iter__(self) -> Iterator[Sample]:
        for start in range(0, len(self._rows), 256):
            if self._asked():
                raise Cancelled("preparing was called off")
            rows = self._rows[start : start + 256]
            yield self._sample(rows)
            self._progress(min(start + 256, len(self._rows)), len(self._rows))


def narrated(
    stage: str, control: Control, work: Callable[[Progress, Asked], T]
) -> Generator[Preparing, None, T]:
    """Do work in a thread and tell how far it is.

    Args:
        stage: what is done, in words.
        control: a stop calls the work off.
        work: gets a progress callback (done, total) and a question whether it was called off.

    Returns:
        What the work returns; what it raises is raised here.
    """
    told: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
    results: list[T] = []
    errors: list[BaseException] = []
    abandoned = threading.Event()

    def asked() -> bool:
        return control.stopping or abandoned.is_set()

    def run() -> None:
        try:
            results.append(work(lambda done, total: told.put((done, total)), asked))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, name=f"prepare {stage}", daemon=True)
    thread.start()
    try:
        yield Preparing(stage, 0, 0)
        spoken = time.monotonic()
        while thread.is_alive():
            thread.join(0.02)
            if time.monotonic() - spoken >= _EVERY:
                newest = _newest(told)
                if newest is not None:
                    spoken = time.monotonic()
                    yield Preparing(stage, *newest)
        newest = _newest(told)
        if newest is not None:
            yield Preparing(stage, *newest)
    finally:
        abandoned.set()
        thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _newest(told: queue.SimpleQueue[tuple[int, int]]) -> tuple[int, int] | None:
    newest: tuple[int, int] | None = None
    while not told.empty():
        newest = told.get()
    return newest


def open_data(
    section: DataSection, control: Control, targets: bool = False
) -> Generator[Preparing, None, Material]:
    """Scan the folder, split it and open its pixels.

    Args:
        section: which images.
        control: a stop calls the work off.
        targets: whether those of pairs are wanted too, if there are any.

    Raises:
        ConfigError, CatalogueError: if there is nothing to train on.
        Cancelled: if the control was asked to stop.
    """
    if not section.folder:
        raise ConfigError("data.folder: empty; choose a folder of images")
    catalogue = yield from narrated(
        "Reading the folder",
        control,
        lambda progress, asked: scan(Path(section.folder), section.reading, progress, asked),
    )
    split = section.split(catalogue)
    if len(split.train) < 2:
        raise ConfigError(
            f"data.folder = {section.folder!r}: at least 2 images are needed to train on, there "
            f"are {len(split.train)}; hold out or exclude fewer, or choose another folder"
        )
    stores: list[PixelStore] = []
    what: list[tuple[str, Catalogue | Targets]] = [("images", catalogue)]
    if targets and catalogue.targets is not None:
        what.append(("targets", catalogue.targets))
    try:
        for name, listed in what:
            store = yield from narrated(
                f"Decoding {name}",
                control,
                lambda progress, asked, listed=listed: PixelStore.open(
                    listed,
                    section.image_size,
                    budget_bytes=int(section.cache_gigabytes * 2**30),
                    progress=progress,
                    cancelled=asked,
                ),
            )
            stores.append(store)
    except BaseException:
        for store in stores:
            store.close()
        raise
    return Material(catalogue, stores[0], split, *stores[1:])


def channel_statistics(
    material: Material, progress: Progress, asked: Asked
) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of every channel over (a sample of) the training images.

    A channel without any variation gets 0.01, so that it can be divided by.
    """
    rows = sampled(material.split.train, _SAMPLE, "statistics")
    total = torch.zeros(material.pixels.channels, dtype=torch.float64)
    squares, count = total.clone(), 0
    for start in range(0, len(rows), 256):
        if asked():
            raise Cancelled("preparing was called off")
        images = material.pixels.read(rows[start : start + 256]).double()
        total += images.sum((0, 2, 3))
        squares += images.square().sum((0, 2, 3))
        count += images.numel() // images.shape[1]
        progress(min(start + 256, len(rows)), len(rows))
    mean = total / count
    std = (squares / count - mean.square()).clamp_min(0).sqrt().clamp_min(0.01)
    return mean.tolist(), std.tolist()


def sampled(rows: NDArray[np.int64], count: int, *purpose: int | str) -> NDArray[np.int64]:
    """At most ``count`` of the rows, the same ones for the same purpose, in order."""
    if len(rows) <= count:
        return rows
    generator = np.random.default_rng(mixed_seed(*purpose))
    return np.sort(generator.choice(rows, count, replace=False))
