"""What commands share: where they speak, and how bad input ends them."""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from sslcore.engine import failure
from sslcore.engine.store import SaveError
from sslcore.events import Preparing
from sslcore.runs.directory import RunDirectory

T = TypeVar("T")


class InputError(Exception):
    """Something a person gave cannot be used: exit code 2 and one line."""


def say(text: str) -> None:
    """A line of results, on the standard output."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line about what is going on, on the standard error; does not break a progress bar."""
    tqdm.write(text, file=sys.stderr)


class Stages:
    """Fed with (stage, done, total): every stage is named once, on the standard error."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, stage: str, _done: int, _total: int) -> None:
        """Name the stage if it is a new one."""
        if stage not in self._said:
            self._said.add(stage)
            note(stage)


class Meter:
    """A progress bar on the standard error fed with (done, total); none where that is a file."""

    def __init__(self, title: str) -> None:
        self._bar = tqdm(
            desc=title, total=None, file=sys.stderr, leave=False, unit="image", disable=None
        )

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        self._bar.total = total or None
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()


def shown(work: Generator[Preparing, None, T]) -> T:
    """Run a preparation to its end with a progress bar for every stage."""
    meter: Meter | None = None
    stage = ""
    try:
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                return end.value
            if meter is None or event.stage != stage:
                if meter is not None:
                    meter.close()
                stage, meter = event.stage, Meter(event.stage)
            meter(event.done, event.total)
    finally:
        if meter is not None:
            meter.close()


def open_run(path: str) -> RunDirectory:
    """A run directory named on the command line (``RunError`` if it is none)."""
    return RunDirectory.open(Path(path))


def writable(path: Path) -> Path:
    """A file to write to, its folder made.

    Raises:
        InputError: if the folder cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {path}: cannot make its folder ({error.strerror})") from None
    return path


BAD_INPUT = (InputError, ValueError, SaveError, OSError)
"""Errors that end a command with exit code 2; ConfigError, RunError and others are ValueErrors."""


def sentence(error: Exception) -> str:
    """What one of these errors says, in one line."""
    return failure.sentence(error) if isinstance(error, OSError) else " ".join(str(error).split())
