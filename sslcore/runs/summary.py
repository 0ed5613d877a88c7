"""What a table of runs says of each, read from the ends of its files: without torch, at once."""

from __future__ import annotations

import json
import math
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, cast

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.events import Evaluated, RunEvent, RunStarted, RunStopped, StepDone, from_line
from sslcore.runs import notes
from sslcore.runs.claim import Claim
from sslcore.runs.notes import Notes

State = Literal["new", "training", "completed", "stopped", "failed", "interrupted"]
_BLOCK = 1 << 18
DEEPEST = 3
"""Folders below the one that is looked through in which runs are found."""


@dataclass(frozen=True)
class Summary:
    """One run at a glance.

    Attributes:
        path: its directory.
        name: the directory's name, with those of folders between it and the one looked through.
        method, title: key and name of the method; "" where the recipe is damaged.
        folder: of its images.
        backbone: name of the network.
        started: seconds since 1970, or None before the first step.
        epoch, epochs: done and planned.
        step: steps done.
        images: trained on, 0 if unknown.
        state: how it stands.
        error: why it failed, or "".
        loss: of the last step, or None.
        knn: last kNN accuracy (k = 20) measured while it trained, 0 to 1, or None.
        linear: last linear accuracy measured afterwards, 0 to 1, or None.
        recipe: dotted path of every field -> its value.
        notes: tags and a note of the person.
        problem: what could not be read, or "".
    """

    path: Path
    name: str
    method: str = ""
    title: str = ""
    folder: str = ""
    backbone: str = ""
    started: float | None = None
    epoch: float = 0.0
    epochs: int = 0
    step: int = 0
    images: int = 0
    state: State = "new"
    error: str = ""
    loss: float | None = None
    knn: float | None = None
    linear: float | None = None
    recipe: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    notes: Notes = field(default_factory=Notes)
    problem: str = ""


def find(folder: Path, deepest: int = DEEPEST) -> list[Path]:
    """Run directories in a folder, sorted by path; nothing is looked for inside a run."""
    found: list[Path] = []
    try:
        entries = sorted(os.scandir(folder), key=lambda one: one.name)
    except OSError:  # not there yet, or not readable: no runs
        return found
    for entry in entries:
        if entry.name.startswith(".") or not entry.is_dir():
            continue
        path = Path(entry.path)
        if (path / "recipe.toml").is_file() or (path / "events.jsonl").is_file():
            found.append(path)
        elif deepest > 0 and not entry.is_symlink():
            found += find(path, deepest - 1)
    return found


def survey(
    folder: Path,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> list[Summary]:
    """All runs in a folder.

    Raises:
        Cancelled: if it was called off.
    """
    paths = find(folder)
    made: list[Summary] = []
    for number, path in enumerate(paths):
        raise_if_cancelled(cancelled)
        if progress is not None:
            progress(number, len(paths))
        made.append(read(path, path.relative_to(folder).as_posix()))
    return made


def read(path: Path, name: str = "") -> Summary:
    """One run; what is damaged is left out and told in ``problem``."""
    problems: list[str] = []
    recipe: dict[str, Any] = {}
    try:
        recipe = flat(tomllib.loads((path / "recipe.toml").read_text("utf-8-sig")))
    except (OSError, ValueError) as error:
        problems.append(f"recipe.toml cannot be read ({error})")
    known: dict[str, Any] = {}
    try:
        known = _logged(path)
    except OSError as error:
        problems.append(f"events.jsonl cannot be read ({error.strerror})")
    try:
        kept = notes.read(path)
    except ValueError as error:
        kept = Notes()
        problems.append(str(error))
    method = str(recipe.get("method.key", ""))
    return Summary(
        path=path,
        name=name or path.name,
        method=method,
        title=str(known.pop("title", method)),
        folder=str(recipe.get("data.folder", "")),
        backbone=str(recipe.get("backbone.name", "")),
        epochs=int(known.pop("epochs", recipe.get("schedule.epochs", 0))),
        linear=_linear(path),
        recipe=recipe,
        notes=kept,
        problem="; ".join(problems),
        **known,
    )


def flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Nested tables as dotted paths; lists of tables by their number."""
    made: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{before}{name}"
        if isinstance(value, dict):
            made |= flat(cast("dict[str, Any]", value), f"{path}.")
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            numbered = {str(at): one for at, one in enumerate(cast("list[Any]", value))}
            made |= flat(numbered, f"{path}.")
        else:
            made[path] = value
    return made


def _logged(path: Path) -> dict[str, Any]:
    """What the end of the log says of a run."""
    found: dict[str, Any] = {}
    stopped: RunStopped | None = None
    started: RunStarted | None = None
    step: StepDone | None = None
    knn: float | None = None
    newest = math.inf
    """Steps beyond it were done anew after a resume, and do not count."""
    for event in _backwards(path / "events.jsonl"):
        match event:
            case RunStopped() if started is None and stopped is None and step is None:
                stopped = event
            case StepDone() if step is None and event.step <= newest:
                step = event
            case Evaluated(reference=False) if event.step <= newest and knn is None:
                knn = event.metrics.get("knn_20")
            case RunStarted():
                started = started or event
                newest = min(newest, event.first_step)
                if event.first_step == 0:
                    break
                # What came before it is only of use as far as it was gone on from.
            case _:
                pass
    if started is not None:
        done = started.first_step if step is None else step.step
        found |= {
            "title": started.title,
            "epochs": started.epochs,
            "started": started.time,
            "images": started.images,
            "step": done,
            "epoch": done / max(started.steps_per_epoch, 1),
        }
    if step is not None and math.isfinite(step.loss):
        found["loss"] = step.loss
    if knn is not None and math.isfinite(knn):
        found["knn"] = knn
    found["state"] = _state(path, started, stopped)
    if stopped is not None and stopped.reason == "failed":
        found["error"] = stopped.error
    return found


def _state(path: Path, started: RunStarted | None, stopped: RunStopped | None) -> State:
    if Claim(path / "run.lock").held:
        return "training"
    if stopped is not None:
        return stopped.reason
    return "new" if started is None else "interrupted"


_OF_USE = tuple(
    f'{{"event": "{name}"'.encode() for name in ("RunStarted", "RunStopped", "Evaluated")
)
_STEP = b'{"event": "StepDone"'


def _backwards(path: Path) -> Iterator[RunEvent]:
    """Events from the last to the first; of steps only the last of each start, unread else."""
    try:
        lines = _lines_backwards(path)
        wanted = True
        for line in lines:
            if line.startswith(_STEP):
                if not wanted:
                    continue
                wanted = False
            elif not line.startswith(_OF_USE):
                continue
            try:
                event = from_line(line.decode())
            except ValueError:  # cut short by a killed process
                wanted = wanted or line.startswith(_STEP)
                continue
            wanted = wanted or isinstance(event, RunStarted)
            yield event
    except FileNotFoundError:
        return


def _lines_backwards(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        at = file.seek(0, os.SEEK_END)
        rest = b""
        while at > 0:
            size = min(_BLOCK, at)
            at -= size
            file.seek(at)
            first, *lines = (file.read(size) + rest).split(b"\n")
            yield from reversed(lines)
            rest = first
        if rest:
            yield rest


def _step_of(finding: Path) -> str:
    return finding.stem.split("-")[1]


def _linear(path: Path) -> float | None:
    """Top-1 accuracy of the newest linear evaluation of the trained encoder."""
    files = sorted((path / "evaluations").glob("linear-step_*.json"), reverse=True)
    # Files hold a number an image: only those of the latest step are read.
    for _, alike in groupby(files, _step_of):
        found: list[tuple[float, float]] = []
        for file in alike:
            try:
                document: Any = json.loads(file.read_text("utf-8"))
                score = float(document["finding"]["scores"]["trained"]["top_1"])
                found.append((float(document["made"]), score))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        if found:
            return max(found)[1]
    return None
