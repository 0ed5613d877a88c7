"""The probe images of a run: features as they were last saved, classes, pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch.nn import functional

from sslcore.assessment.watch import Watch
from sslcore.data.catalogue import scan
from sslcore.data.contents import Catalogue
from sslcore.data.pixel_store import PixelStore
from sslcore.losses import pictures
from sslcore.runs.directory import RunDirectory, RunError
from sslcore.runs.record import RunRecord
from sslcore.sections import DataSection


@dataclass(frozen=True, eq=False)
class Probe:
    """What is left of a run's probe images.

    Attributes:
        step: of the features; -1 without any.
        index: (N,) catalogue rows.
        features: (N, D) float32.
        catalogue: the folder they are in, or None if it is gone or has changed.
        reason: why there are no features or no images, in a sentence; or "".
    """

    step: int
    index: NDArray[np.int64]
    features: NDArray[np.float32]
    catalogue: Catalogue | None
    reason: str

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,) class numbers, -1 where there is none."""
        if self.catalogue is None:
            return np.full(len(self.index), -1, np.int64)
        return self.catalogue.labels[self.index]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        return () if self.catalogue is None else self.catalogue.classes

    def pixels(self, rows: NDArray[np.int64], side: int) -> NDArray[np.uint8]:
        """(K, side, side, 3) of catalogue rows; mid-grey where an image cannot be read.

        Of more than three channels the first three are seen.

        Raises:
            ValueError: without a catalogue.
        """
        if self.catalogue is None:
            raise ValueError(self.reason)
        with PixelStore.open(self.catalogue, side, budget_bytes=0) as store:
            found = store.read(rows)
        # Stores are a little larger than what was asked for, so that crops need not enlarge.
        found = functional.interpolate(found, (side, side), mode="bilinear", antialias=True)
        return pictures.pixels(found)


def probe(
    directory: RunDirectory,
    record: RunRecord,
    section: DataSection,
    fingerprint: str | None,
    watch: Watch,
) -> Probe:
    """The newest saved features of a run and, if it is still there, the folder they are of.

    Args:
        directory: of the run.
        record: its log, folded.
        section: of its recipe: which images.
        fingerprint: of the folder at that time; None if nobody knows, then it is taken as it is.
        watch: told of the reading.

    Raises:
        Cancelled: if it was called off.
    """
    step, index, features, reason = _features(directory, record)
    try:
        catalogue = scan(
            Path(section.folder),
            section.reading,
            watch.stage("Reading the folder"),
            watch.cancelled,
        )
    except (OSError, ValueError) as error:
        return Probe(step, index, features, None, reason or f"The images are gone: {error}.")
    if fingerprint not in (None, catalogue.fingerprint):
        changed = "The folder has changed since the run, so its images are not shown."
        return Probe(step, index, features, None, reason or changed)
    return Probe(step, index, features, catalogue, reason)


def _features(
    directory: RunDirectory, record: RunRecord
) -> tuple[int, NDArray[np.int64], NDArray[np.float32], str]:
    reason = "No features were saved."
    for saved in reversed(record.embeddings):
        try:
            index, features = directory.embedding(saved.step)
        except RunError as error:
            reason = str(error)
            continue
        if len(index) and np.isfinite(features).all():
            return saved.step, index, features, ""
        reason = f"The features of step {saved.step} are not finite."
    nothing = np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
    return -1, *nothing, reason
