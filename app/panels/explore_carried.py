"""A mask carried along a clip with a run's checkpoint; for workers."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from app.core import Core
    from app.panels.explore_probe import Probe
    from app.tasks import Ticket
    from sslcore.events import CheckpointSaved

LONGEST = 384
"""Longest side in pixels of a frame as it is shown."""
COLOUR = 3
"""Channels of images that masks are carried in."""
NO_CHECKPOINT = (
    "this run has no checkpoint yet, so nothing can carry a mask; let it come to its first one, "
    "then try again"
)


@dataclass(frozen=True, eq=False)
class Carried:
    """What became of a mask.

    Attributes:
        step: of the checkpoint.
        frames: (T, h, w, 3) uint8 as shown.
        masks: (T, h, w) what of them is marked.
    """

    step: int
    frames: NDArray[np.uint8]
    masks: NDArray[np.bool_]


def carries_masks(core: Core | None, probe: Probe | None) -> bool:
    """Whether the method behind a map can carry masks, and its images are frames in colour."""
    if core is None or probe is None or probe.recipe is None or probe.catalogue is None:
        return False
    method: Any = core.method.find(probe.recipe.method.key)
    frames = probe.catalogue.sequences is not None and probe.catalogue.channels == COLOUR
    return frames and issubclass(method, core.method.CarriesMasks)


def shown_frame(path: Path) -> NDArray[np.uint8]:
    """(h, w, 3) of a frame as it is shown.

    Raises:
        UnreadableError: if it cannot be read.
    """
    picture: Any = importlib.import_module("sslcore.assessment.carrying").read_frame(path)
    return _shown(picture)


def carried(
    run: Path,
    checkpoints: Sequence[CheckpointSaved],
    step: int,
    frames: Sequence[Path],
    mask: NDArray[np.bool_],
    ticket: Ticket,
) -> Carried:
    """Carry a mask with the checkpoint of a step where that is there, else with the newest.

    Args:
        run: directory of the run.
        checkpoints: that were saved.
        step: that is wanted.
        frames: files in order of time.
        mask: (h, w) what is marked in the first, as it is shown.
        ticket: told of progress, asked whether to go on.

    Raises:
        ValueError: with a sentence for a person, if it cannot be carried.
        Cancelled: if the ticket says so.
    """
    if not checkpoints:
        raise ValueError(NO_CHECKPOINT)
    module: Any = importlib.import_module("sslcore.assessment.carrying")
    watch: Any = importlib.import_module("sslcore.assessment.watch").Watch
    carrier = _opened(run, checkpoints, step)

    def told(_: str, done: int, total: int) -> None:
        ticket.progress(done, total)

    found = module.carry(
        carrier, frames, mask.astype(np.int64), watch=watch(told, ticket.cancelled)
    )
    pictures: list[NDArray[np.uint8]] = []
    masks: list[NDArray[np.bool_]] = []
    for picture, labels in found:
        pictures.append(_shown(picture))
        masks.append(labels == 1)
    return Carried(carrier.step, np.stack(pictures), np.stack(masks))


def _opened(run: Path, checkpoints: Sequence[CheckpointSaved], step: int) -> Any:
    module: Any = importlib.import_module("sslcore.assessment.carrying")
    directory: Any = importlib.import_module("sslcore.runs.directory").RunDirectory.open(run)
    missing: Any = importlib.import_module("sslcore.engine.store").CheckpointError
    for saved in (one for one in checkpoints if one.step == step):
        try:
            return module.open_carrier(directory, saved.path)
        except missing:
            continue  # older checkpoints are removed as training goes on
    return module.open_carrier(directory, checkpoints[-1].path)


def _shown(picture: Any) -> NDArray[np.uint8]:
    small = picture.copy()
    small.thumbnail((LONGEST, LONGEST))
    return np.asarray(small, np.uint8)
