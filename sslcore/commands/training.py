"""``sslcore train``: a run without a screen, to be stopped, resumed and steered from outside."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

from sslcore.commands.console import InputError, Meter, note, say
from sslcore.config import ConfigError
from sslcore.data.folder import well_named
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import Evaluated, Preparing, RunEvent, RunStarted, RunStopped, StepDone, Warned
from sslcore.method import find
from sslcore.recipe import Recipe, parse_value, preset, presets
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from sslcore.runs.remote import Remote

INTERRUPTED = 130
"""Exit code after Ctrl+C, as shells expect it."""


def run(arguments: argparse.Namespace) -> int:
    """Train; 0 if completed, 2 for bad input, 130 after Ctrl+C, 1 if the run failed."""
    directory, recipe, resume = _open(arguments)
    control, record = Control(), RunRecord()
    with (
        interrupts(control) as interrupted,
        Remote(directory.path / "control.jsonl", control),
    ):
        try:
            for event in _shown(directory.record(train(recipe, control, directory, resume))):
                if isinstance(event, RunStarted):
                    # Not before: a recipe that does not fit must not replace the one that did.
                    directory.replace_recipe(recipe)
                record.apply(event)
        finally:
            directory.close()
    return _end(record, directory, bool(interrupted))


def settings(lines: list[str]) -> dict[str, Any]:
    """``["path=value", ...]`` -> path -> value.

    Raises:
        InputError: for a line without "=".
    """
    found: dict[str, Any] = {}
    for line in lines:
        path, equals, value = line.partition("=")
        if not equals or not path.strip():
            raise InputError(f"--set {line!r}: write it as path=value, e.g. schedule.epochs=3")
        found[path.strip()] = parse_value(value.strip())
    return found


def fresh_recipe(arguments: argparse.Namespace) -> Recipe:
    """The recipe of a new run: a file, or the method's preset, with folder and settings on top.

    Raises:
        ConfigError, InputError: if something does not fit.
    """
    if arguments.recipe is not None:
        recipe = Recipe.from_file(Path(arguments.recipe))
        if arguments.method not in (None, recipe.method.key):
            raise InputError(
                f"--method {arguments.method}: {arguments.recipe} is a recipe for "
                f"{recipe.method.key}; leave --method or --recipe out"
            )
    elif arguments.method is not None:
        find(arguments.method)
        shipped = arguments.method in presets()
        recipe = (
            preset(arguments.method)
            if shipped
            else Recipe.parse({"method": {"key": arguments.method}})
        )
    else:
        raise InputError("say which method: --method KEY or --recipe FILE (see: sslcore methods)")
    return adjusted(recipe, arguments)


def adjusted(recipe: Recipe, arguments: argparse.Namespace) -> Recipe:
    """A recipe with the folder and the settings of a command line on top.

    Raises:
        ConfigError, InputError: if something does not fit.
    """
    changes = settings(arguments.settings)
    if excluded := str(changes.get("data.excluded", "")):
        changes["data.excluded"] = str(Path(excluded).expanduser().absolute())
    if arguments.folder is not None:
        folder = Path(arguments.folder).expanduser()
        if not folder.exists():
            raise InputError(f"{arguments.folder}: there is no such folder")
        if not well_named(str(folder.resolve())):
            shown = os.fsencode(folder).decode("utf-8", "replace")
            raise InputError(f"{shown}: its name is not valid UTF-8; rename the folder")
        changes.setdefault("data.folder", str(folder.resolve()))
    return recipe.with_set(changes)


def _open(arguments: argparse.Namespace) -> tuple[RunDirectory, Recipe, str | None]:
    """The run directory, its recipe, and what to resume from."""
    directory, recipe, resume = _found(arguments)
    return directory, directory.own(recipe), resume


def _found(arguments: argparse.Namespace) -> tuple[RunDirectory, Recipe, str | None]:
    path, resume = Path(arguments.out), str(arguments.resume)
    if not any((path / name).exists() for name in ("recipe.toml", "events.jsonl")):
        if resume not in ("auto", "never"):
            raise InputError(f"--resume {resume}: {path} is no run directory")
        recipe = fresh_recipe(arguments)
        if not recipe.data.folder:
            raise InputError("say which images: sslcore train FOLDER ...")
        return RunDirectory.create(path, recipe), recipe, None
    if resume == "never":
        raise InputError(f"--out {path}: holds a run already; use --resume auto or another folder")
    # A recipe that is given stands in for one that was lost.
    directory = RunDirectory.open(path) if arguments.recipe is None else RunDirectory(path)
    if resume == "auto" and not directory.shelf.entries():
        # It never got as far as a checkpoint: begin anew, with what is asked for now.
        named = arguments.method is not None or arguments.recipe is not None
        recipe = fresh_recipe(arguments) if named else adjusted(_kept(directory), arguments)
        return directory, recipe, None
    base = (
        _kept(directory) if arguments.recipe is None else Recipe.from_file(Path(arguments.recipe))
    )
    if arguments.method not in (None, base.method.key):
        raise InputError(
            f"--method {arguments.method}: the run in {path} trains {base.method.key}; "
            "choose another --out"
        )
    return directory, adjusted(base, arguments), resume


def _kept(directory: RunDirectory) -> Recipe:
    try:
        return directory.recipe()
    except ConfigError as error:
        raise InputError(f"{error}; correct it, or bring another with --recipe FILE") from None


@contextmanager
def interrupts(control: Control) -> Generator[list[int]]:
    """Ctrl+C and SIGTERM ask for a stop; a second Ctrl+C ends at once. Yields the signals seen."""
    seen: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        if seen:
            raise KeyboardInterrupt
        seen.append(number)
        note("Stopping after this step and saving; once more to quit at once.")
        control.stop()

    before: Mapping[signal.Signals, Any] = {
        one: signal.signal(one, ask) for one in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield seen
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _shown(events: Iterator[RunEvent]) -> Iterator[RunEvent]:
    """Pass events on while a progress bar on the standard error follows them."""
    bar: tqdm[Any] | None = None
    meter: Meter | None
    accuracy = ""
    stage, meter = "", None
    try:
        for event in events:
            match event:
                case Preparing():
                    if meter is None or event.stage != stage:
                        if meter is not None:
                            meter.close()
                        stage, meter = event.stage, Meter(event.stage)
                    meter(event.done, event.total)
                case RunStarted():
                    if meter is not None:
                        meter.close()
                    bar = tqdm(
                        total=event.total_steps,
                        initial=event.first_step,
                        desc=event.title,
                        unit="step",
                        file=sys.stderr,
                        dynamic_ncols=True,
                        # A log file wants a line now and then, a terminal a moving bar.
                        mininterval=0.1 if sys.stderr.isatty() else 10.0,
                    )
                    note(
                        f"{event.title} on {event.device} ({event.precision}): {event.images} "
                        f"images, {event.held_out} held out"
                    )
                case StepDone() if bar is not None:
                    speed = f"{event.images_per_second:.0f} images/s"
                    bar.set_postfix_str(f"loss {event.loss:.4f}, {speed}{accuracy}", refresh=False)
                    bar.update(1)
                case Evaluated() if "knn_20" in event.metrics:
                    accuracy = f", kNN {event.metrics['knn_20']:.1%}"
                case Warned():
                    note(f"Warning: {_ended(event.message)} {event.remedy}".rstrip())
                case _:
                    pass
            yield event
    finally:
        for one in (meter, bar):
            if one is not None:
                one.close()


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _end(record: RunRecord, directory: RunDirectory, interrupted: bool) -> int:
    stopped = record.stopped or RunStopped(record.step, "failed", "ended without a reason")
    path = directory.path
    if stopped.reason == "failed":
        if record.started is None:
            directory.discard()
        note(f"sslcore: {stopped.error}")
        return 2 if record.started is None else 1
    if stopped.reason == "completed":
        say(f"Completed {record.step} steps: {path}")
        return 0
    say(f"Stopped after {record.step} steps: {path}")
    say(f'Go on with: sslcore train --resume auto --out "{path}"')
    return INTERRUPTED if interrupted else 0
