"""Everything a run says, as frozen values. Training yields them, disks keep them, panels fold them.

Each event becomes one JSON line by :func:`to_line` and comes back by :func:`from_line`. Diagnostics
are arrays; their store writes them beside the line and puts them back (see ``runs.directory``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.diagnostics import Diagnostic, DiagnosticSpec

Reason = Literal["completed", "stopped", "failed"]


@dataclass(frozen=True)
class RunStarted:
    """The first word of a run, and of every resume.

    Attributes:
        method: key of the method.
        title: the method's name as people write it.
        total_steps, steps_per_epoch, epochs: length of the whole run.
        first_step: 0, or where a resumed run goes on.
        images: images in the training split; held_out: images kept away for evaluation.
        classes: class names, empty without labels.
        device, precision: where and how it computes.
        diagnostics: what the method promises to show.
        constants: known tell-tale values of the loss (name -> value), e.g. ln(2B - 1).
        environment: versions of python, torch, sslcore; host system.
        time: seconds since 1970.
        ceilings: what terms can never exceed (name of a term -> value): of ``bound`` the log of
            the candidates. Empty in runs of before it was kept.
    """

    method: str
    title: str
    total_steps: int
    steps_per_epoch: int
    epochs: int
    first_step: int
    images: int
    held_out: int
    classes: tuple[str, ...]
    device: str
    precision: str
    diagnostics: tuple[DiagnosticSpec, ...]
    constants: Mapping[str, float]
    environment: Mapping[str, str]
    time: float
    ceilings: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Preparing:
    """Work before the first step (decoding into the pixel cache, statistics), with its progress."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class StepDone:
    """One optimiser step.

    Attributes:
        step: number of steps done so far (the first step gives 1).
        epoch: epochs done so far, fractional.
        loss: the sum that was minimised.
        terms: named parts of the loss, and named accuracies of a pretext task.
        learning_rate: of the first parameter group.
        images_per_second: training speed, averaged over the last steps.
        memory: bytes in use by the device (or by the process, on the CPU).
        skipped: whether the update was left out because gradients were not finite.
    """

    step: int
    epoch: float
    loss: float
    terms: Mapping[str, float]
    learning_rate: float
    images_per_second: float
    memory: int
    skipped: bool = False


@dataclass(frozen=True)
class Snapshot:
    """What the method shows at one moment: declared diagnostics by name."""

    step: int
    epoch: float
    diagnostics: Mapping[str, Diagnostic]


@dataclass(frozen=True)
class Evaluated:
    """Measured on the probe images with the kept encoder.

    Attributes:
        metrics: name -> value. Names: ``knn_20``, ``knn_200`` (accuracy in 0..1), ``feature_std``,
            ``rank_me``, ``alignment``, ``uniformity``, ``view_retrieval``, ``online_linear``
            (accuracy in 0..1 of the readout that was trained along), ``projection_spread``
            (deviation of projections relative to 1 / sqrt(d): about 1 spread out, 0 collapsed).
        reference: whether this is the untrained encoder, measured before the first step.
    """

    step: int
    epoch: float
    metrics: Mapping[str, float]
    reference: bool = False


@dataclass(frozen=True)
class CheckpointSaved:
    """A checkpoint lies on the disk, whole (the event is yielded after the write)."""

    step: int
    epoch: float
    path: str


@dataclass(frozen=True)
class EmbeddingSaved:
    """Features of the probe images lie on the disk.

    The file (npz) holds ``index`` (N,) int64 catalogue rows, ``features`` (N, D) float32 and
    ``paths``, the images' paths as :func:`packed` bytes: rows mean others once files are added.
    """

    step: int
    epoch: float
    path: str
    count: int
    dimensions: int


def packed(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Texts without NUL as one array of bytes, a fraction of what numpy's own texts take."""
    return np.frombuffer("\0".join(texts).encode("utf-8", "surrogateescape"), np.uint8)


def unpacked(array: NDArray[np.uint8]) -> tuple[str, ...]:
    """The texts again; none of an empty array."""
    joined = array.tobytes().decode("utf-8", "surrogateescape")
    return tuple(joined.split("\0")) if joined else ()


@dataclass(frozen=True)
class Warned:
    """Something a person should know, with a remedy; training goes on."""

    step: int
    code: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Paused:
    """Training waits; nothing is lost."""

    step: int


@dataclass(frozen=True)
class Resumed:
    """Training goes on after a pause."""

    step: int


@dataclass(frozen=True)
class RunStopped:
    """The last word of a run: ``completed``, ``stopped`` by a person, or ``failed`` with why."""

    step: int
    reason: Reason
    error: str = ""
    time: float = 0.0


RunEvent = (
    RunStarted
    | Preparing
    | StepDone
    | Snapshot
    | Evaluated
    | CheckpointSaved
    | EmbeddingSaved
    | Warned
    | Paused
    | Resumed
    | RunStopped
)
EVENTS: dict[str, type[RunEvent]] = {
    one.__name__: one
    for one in (
        RunStarted,
        Preparing,
        StepDone,
        Snapshot,
        Evaluated,
        CheckpointSaved,
        EmbeddingSaved,
        Warned,
        Paused,
        Resumed,
        RunStopped,
    )
}


def to_line(event: RunEvent, extra: Mapping[str, Any] | None = None) -> str:
    """One JSON line (no newline at its end). A snapshot's arrays are not in it.

    Args:
        event: any event.
        extra: keys to add, such as where a snapshot's arrays were written.
    """
    values: dict[str, Any] = {"event": type(event).__name__}
    if isinstance(event, Snapshot):
        values |= {"step": event.step, "epoch": event.epoch}
    else:
        values |= asdict(event)
    return json.dumps({**values, **(extra or {})}, allow_nan=True, ensure_ascii=False)


def from_line(line: str, diagnostics: Mapping[str, Diagnostic] | None = None) -> RunEvent:
    """The event of one JSON line; keys this version does not know are passed over.

    Args:
        line: as written by :func:`to_line`.
        diagnostics: what to put back into a ``Snapshot``.

    Raises:
        ValueError: if the line is no event (a write cut short by a killed process).
    """
    try:
        values = json.loads(line)
        kind = EVENTS[values["event"]]
        known = {item.name for item in fields(kind)}
        arguments = {name: value for name, value in values.items() if name in known}
        if kind is Snapshot:
            arguments["diagnostics"] = dict(diagnostics or {})
        elif kind is RunStarted:
            arguments["classes"] = tuple(arguments["classes"])
            arguments["diagnostics"] = tuple(
                DiagnosticSpec(**spec) for spec in arguments["diagnostics"]
            )
        return kind(**arguments)
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"not an event: {line[:80]!r} ({error})") from None
