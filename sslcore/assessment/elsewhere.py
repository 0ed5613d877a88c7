"""Another folder opened to be measured on, as the run's encoders take images."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.config import ConfigError
from sslcore.data.catalogue import scan
from sslcore.data.contents import Catalogue
from sslcore.data.kinds import Kind
from sslcore.data.pixel_store import PixelStore
from sslcore.data.reading import Reading
from sslcore.evaluation.features import channels_fit, fit_channels


class Fitted:
    """Images of a folder with the channels that the run's encoder was made for.

    Args:
        store: of the folder.
        channels: of the run's images.
    """

    def __init__(self, store: PixelStore, channels: int) -> None:
        self._store, self._channels = store, channels

    def read(self, rows: NDArray[np.int64], /) -> Tensor:
        """(B, C, side, side) floats in [0, 1]."""
        return fit_channels(self._store.read(rows), self._channels)


class Known:
    """Targets of a folder; one that turns out to be damaged says nothing, instead of 0.

    Args:
        store: of the targets.
        void: number of pixels that count for nothing.
    """

    def __init__(self, store: PixelStore, void: float) -> None:
        self._store, self._void = store, void

    def read(self, rows: NDArray[np.int64], /) -> Tensor:
        """(B, 1, side, side) depth or class numbers."""
        values = self._store.read(rows)
        damaged = np.isin(rows, list(self._store.missing))
        values[torch.from_numpy(damaged)] = self._void
        return values


@dataclass(frozen=True)
class Elsewhere:
    """A folder that is open.

    Attributes:
        catalogue: its images.
        images: reads them.
        targets: holds what belongs to each, where pairs were asked for.
        broken: rows of images known to be damaged.
    """

    catalogue: Catalogue
    images: Fitted
    targets: PixelStore | None
    broken: frozenset[int]


@contextmanager
def folder(
    subject: Subject,
    path: str,
    watch: Watch,
    *,
    labels: str = "auto",
    kind: Kind = "images",
    target: str = "auto",
) -> Generator[Elsewhere]:
    """Open a folder for the time.

    Args:
        subject: whose image size and channels count.
        path: of the folder, or a CSV file; "" for the run's own.
        watch: told of reading and decoding.
        labels: where classes come from.
        kind: "images", or "pairs" for a folder with targets.
        target: name of the folder of targets.

    Raises:
        ConfigError, CatalogueError: if it cannot be opened.
        Cancelled: if called off.
    """
    section = subject.recipe.data
    place = Path(path.strip() or section.folder).expanduser()
    own = bool(section.folder) and place.resolve() == Path(section.folder).expanduser().resolve()
    groups = section.groups if own else "auto"
    reading = Reading(labels, kind, target, groups, channels=section.channels)
    catalogue = scan(place, reading, watch.stage("Reading the folder"), watch.cancelled)
    budget = int(section.cache_gigabytes * 2**30)
    with ExitStack() as stack:

        def opened(what: str, source: Catalogue | object) -> PixelStore:
            return stack.enter_context(
                PixelStore.open(
                    source,  # pyright: ignore[reportArgumentType] - a catalogue or its targets
                    section.image_size,
                    budget_bytes=budget,
                    progress=watch.stage(f"Decoding {what}"),
                    cancelled=watch.cancelled,
                )
            )

        store = opened("images", catalogue)
        targets = None
        if kind == "pairs":
            if catalogue.targets is None:  # scan says it, too
                raise ConfigError(f"{place}: no targets beside the images")
            targets = opened("targets", catalogue.targets)
        channels = subject.opened.checkpoint.facts.channels
        if not channels_fit(catalogue.channels, channels):
            raise ConfigError(
                f"{place}: images of {catalogue.channels} channels, the encoder was made for "
                f"{channels}"
            )
        yield Elsewhere(catalogue, Fitted(store, channels), targets, frozenset(store.missing))
