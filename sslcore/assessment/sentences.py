"""A run opened to be searched by sentences: a checkpoint's text encoder and its images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.assessment.moments import Moment
from sslcore.assessment.trained import Trained, open_trained
from sslcore.assessment.watch import Watch
from sslcore.data.catalogue import Catalogue
from sslcore.data.pixel_store import PixelStore
from sslcore.evaluation.features import extract
from sslcore.evaluation.sentences import SentenceSearch, reader
from sslcore.runs.directory import RunDirectory

_CHUNK = 4096
"""Features that go through the head at once."""


@dataclass(frozen=True, eq=False)
class SearchAt:
    """A search in what one checkpoint makes of some images.

    Attributes:
        step, epoch: of the checkpoint.
        rows: (N,) int64 catalogue rows of the images; what is found counts in these.
        search: answers sentences.
    """

    step: int
    epoch: float
    rows: NDArray[np.int64]
    search: SentenceSearch


def search_at(
    directory: RunDirectory,
    which: str,
    moment: Moment,
    catalogue: Catalogue | None,
    cache_folder: Path | None = None,
    watch: Watch | None = None,
) -> SearchAt:
    """Open a checkpoint and embed images where its sentences lie.

    Where the checkpoint is of the moment's step, the features that the run kept then only go
    through the head, and no image is read. Else the images are embedded anew: features of two
    encoders have nothing to say to each other.

    Args:
        directory: of the run.
        which: "auto" for the newest whole checkpoint, or one by name or path.
        moment: the images, and their kept features.
        catalogue: the run's images; None where they are not open.
        cache_folder: where decoded images lie; None is the default.
        watch: told of progress, asked before every batch.

    Raises:
        CheckpointError: if there is no checkpoint yet, or it is damaged.
        ValueError: if the method cannot embed sentences, the projections are not finite, or images
            must be read and are not open.
        Cancelled: if it was called off.
    """
    watch = watch or Watch()
    opened = open_trained(directory, which)
    reader(opened.method)  # refuse before any work
    if opened.checkpoint.step == moment.step:
        projections = _projected(opened, moment.features, watch)
    elif catalogue is None:
        raise ValueError(
            f"the map shows step {moment.step:,}, the checkpoint is of step "
            f"{opened.checkpoint.step:,}, and the run's images are not open to be looked at again; "
            "open them, or stand at the end of the timeline"
        )
    else:
        projections = _embedded(opened, catalogue, moment.rows, cache_folder, watch)
    longest = opened.recipe.data.caption_words
    search = SentenceSearch(opened.method, projections, longest, watch.cancelled)
    return SearchAt(opened.checkpoint.step, opened.epoch, moment.rows, search)


def _projected(opened: Trained, features: NDArray[np.float32], watch: Watch) -> NDArray[np.float32]:
    """(N, D) kept features -> (N, d) projections."""
    parts: list[NDArray[np.float32]] = []
    with torch.no_grad():
        for start in range(0, len(features), _CHUNK):
            watch.check()
            part = torch.from_numpy(np.ascontiguousarray(features[start : start + _CHUNK]))
            parts.append(opened.method.projection(part.to(opened.device)).float().cpu().numpy())
    return np.concatenate(parts)


def _embedded(
    opened: Trained,
    catalogue: Catalogue,
    rows: NDArray[np.int64],
    cache_folder: Path | None,
    watch: Watch,
) -> NDArray[np.float32]:
    """(N, d) projections of images that are read for it."""
    size = opened.recipe.data.image_size
    with PixelStore.open(
        catalogue,
        size,
        cache_folder=cache_folder,
        budget_bytes=0,
        cancelled=watch.cancelled,
    ) as pixels:
        return extract(
            lambda images: opened.method.embed(images, "projection"),
            pixels,
            rows,
            device=opened.device,
            progress=watch.stage("Projections"),
            cancelled=watch.cancelled,
            image_size=size,
        )
