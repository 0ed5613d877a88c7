"""Findings on the disk: ``RUN/evaluations/KEY-step_XXXXXXXX-DIGEST.json``.

There is one of each step and settings (the name has their digest; older files have none). It holds
everything that is needed to show it again, so the window, the report and a table of runs read it
without a network and without the images.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sslcore.assessment.contract import Assessment, Finding, find, registry
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, ConfigError
from sslcore.engine.store import SaveError
from sslcore.runs import atomic
from sslcore.runs.directory import RunDirectory

FOLDER = "evaluations"
CHANGED = (
    "The folder was not what it was when the run began. Held-out images are drawn from the folder "
    "as it is, so some of them may have been trained on, and figures may be too good. Bring back "
    "the images of that time, or train again, and measure then."
)
"""What is said beside every finding that was measured so."""


@dataclass(frozen=True)
class Kept:
    """A finding and what it is of.

    Attributes:
        key: of the measurement.
        step, epoch: of the checkpoint that was measured.
        made: seconds since 1970.
        seconds: the measuring took.
        images: (training, held-out) images at that time.
        settings: of the measurement.
        finding: what was found.
        changed: whether the folder was no longer what it was when the run began. The split is
            drawn from the folder as it is, so images the run was trained on may have been held out.
        unsaved: why it could not be written into the run, so that it is lost when it is let go;
            "" where it lies there.
    """

    key: str
    step: int
    epoch: float
    made: float
    seconds: float
    images: tuple[int, int]
    settings: Config
    finding: Finding
    changed: bool = False
    unsaved: str = ""

    @property
    def caution(self) -> str:
        """What is to be known of any figure here; "" for nothing."""
        return CHANGED if self.changed else ""


def measure(one: Assessment, subject: Subject, settings: Config, watch: Watch) -> Kept:
    """Measure and keep.

    What was measured may have taken hours: where only the writing fails, it is given all the same,
    with the reason in ``unsaved``.

    Raises:
        ValueError: for what cannot be measured.
        Cancelled: if it was called off; what was kept before stays.
    """
    begun = time.monotonic()
    finding = one.measure(subject, settings, watch)
    kept = Kept(
        key=one.key,
        step=subject.opened.checkpoint.step,
        epoch=subject.opened.epoch,
        made=time.time(),
        seconds=time.monotonic() - begun,
        images=(len(subject.bank), len(subject.queries)),
        settings=settings,
        finding=finding,
        changed=subject.changed,
    )
    try:
        save(subject.directory, kept)
    except SaveError as error:
        return replace(kept, unsaved=str(error))
    return kept


def save(directory: RunDirectory, kept: Kept) -> Path:
    """Write a finding whole, in place of one of the same step with the same settings.

    Raises:
        SaveError: if it cannot be written.
    """
    settings = kept.settings.model_dump(mode="json")
    digest = hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=4)
    name = f"{kept.key}-step_{kept.step:08d}-{digest.hexdigest()}.json"
    path = directory.path / FOLDER / name
    document: dict[str, Any] = {
        "measurement": kept.key,
        "step": kept.step,
        "epoch": kept.epoch,
        "made": kept.made,
        "seconds": kept.seconds,
        "images": list(kept.images),
        "changed": kept.changed,
        "settings": settings,
        "finding": kept.finding.model_dump(mode="json"),
    }
    atomic.write(path, json.dumps(document, indent=1, allow_nan=False).encode())
    _drop_older(path.with_name(f"{kept.key}-step_{kept.step:08d}.json"), kept.settings)
    return path


def _drop_older(path: Path, settings: Config) -> None:
    """Remove a file of before settings had a digest if the same was measured again."""
    if not path.exists():
        return
    try:
        same = read(path).settings == settings
    except ValueError:
        same = True  # it cannot be read, and would be told of at every opening
    if same:
        path.unlink(missing_ok=True)


def read(path: Path) -> Kept:
    """A finding from its file.

    Raises:
        ValueError: if the file is damaged or of a measurement that does not exist (any more).
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        one = find(document["measurement"])
        training, held_out = document["images"]
        return Kept(
            key=one.key,
            step=int(document["step"]),
            epoch=float(document["epoch"]),
            made=float(document["made"]),
            seconds=float(document["seconds"]),
            images=(int(training), int(held_out)),
            settings=one.config.parse({**one.before, **document["settings"]}),
            finding=one.finding.model_validate(document["finding"]),
            changed=bool(document.get("changed", False)),  # not in files of before
        )
    except (OSError, KeyError, TypeError, ValueError, ValidationError) as error:
        reason = str(error) if isinstance(error, ConfigError) else "not a whole finding"
        raise ValueError(f"{path}: {reason}; delete it and measure again") from None


def files(directory: RunDirectory, key: str) -> dict[int, list[Path]]:
    """Files of one measurement by the step they are of, oldest step first."""
    named = re.compile(rf"{re.escape(key)}-step_(\d{{8,}})(?:-[0-9a-f]{{8}})?\.json")
    found: dict[int, list[Path]] = {}
    for path in sorted((directory.path / FOLDER).glob(f"{key}-step_*.json")):
        if match := named.fullmatch(path.name):
            found.setdefault(int(match[1]), []).append(path)
    return dict(sorted(found.items()))


def newest(directory: RunDirectory, key: str) -> Kept | None:
    """The whole finding of the latest step, of several the one made last; None if there is none.

    Raises:
        ValueError: if something was measured, but no file of it is whole; naming the latest.
    """
    damaged: ValueError | None = None
    for paths in reversed(files(directory, key).values()):
        whole: list[Kept] = []
        for path in paths:
            try:
                whole.append(read(path))
            except ValueError as error:
                damaged = damaged or error
        if whole:
            return max(whole, key=lambda one: one.made)
    if damaged is not None:
        raise damaged
    return None


def history(directory: RunDirectory, key: str) -> tuple[list[Kept], list[str]]:
    """Every finding of a measurement, the newest first, and what is wrong with damaged files."""
    found: list[Kept] = []
    problems: list[str] = []
    for path in (one for paths in files(directory, key).values() for one in paths):
        try:
            found.append(read(path))
        except ValueError as error:
            problems.append(str(error))
    return sorted(found, key=lambda one: (one.step, one.made), reverse=True), problems


def everything(directory: RunDirectory) -> tuple[dict[str, Kept], list[str]]:
    """The newest finding of every measurement by key, and what is wrong where none is whole."""
    found: dict[str, Kept] = {}
    problems: list[str] = []
    for key in registry():
        try:
            kept = newest(directory, key)
        except ValueError as error:
            problems.append(str(error))
        else:
            if kept is not None:
                found[key] = kept
    return found, problems


def histories(directory: RunDirectory) -> tuple[dict[str, list[Kept]], list[str]]:
    """Every finding of every measurement that was made, by its key, the newest first."""
    found = {key: history(directory, key) for key in registry()}
    problems = [one for _, wrong in found.values() for one in wrong]
    return {key: kept for key, (kept, _) in found.items() if kept}, problems
