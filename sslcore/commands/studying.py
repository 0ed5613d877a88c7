"""``sslcore study``: many short runs that differ in one thing, queued and resumable."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sslcore.commands.console import InputError, note, say, shown
from sslcore.commands.training import INTERRUPTED, adjusted, fresh_recipe, interrupts
from sslcore.config import ConfigError
from sslcore.data.catalogue import Cancelled, Catalogue, scan
from sslcore.engine.control import Control
from sslcore.engine.preparation import narrated, open_data
from sslcore.recipe import Recipe, parse_value
from sslcore.sections import DataSection
from sslcore.study import augmentations, forecast, judging, queue, shipped, table
from sslcore.study.plan import FILE, Study, grid, short

EPOCHS = 10
"""Of a trial, unless said otherwise."""


def run(arguments: argparse.Namespace) -> int:
    """Plan a study, or go on with one; 0 if all trials and what it is closed with were measured."""
    if arguments.list:
        return _listed()
    if arguments.out is None:
        raise InputError("say where the study is kept: sslcore study FOLDER --out DIR ...")
    folder = Path(arguments.out)
    study = _kept(folder, arguments) if (folder / FILE).exists() else _planned(arguments)
    control = Control()
    with interrupts(control) as interrupted:
        left = [one for one in table.rows(folder, study) if one.state != "measured"]
        with suppress(Cancelled):
            _require_sensible(study, left, arguments.shipped, control)
        if left and not control.stopping and (arguments.forecast or not arguments.now):
            expected = forecast.forecast(study, control, left)
            note(
                f"{len(left)} trials, {expected.total_steps:,} steps in all: about "
                f"{_duration(expected.seconds)} on this machine, "
                f"{_duration(expected.measuring)} of it to measure"
            )
        if arguments.forecast:
            return 0
        study.save(folder)
        end = "completed"
        closed = not study.closing or table.closing(folder, study) is not None
        if (left or not closed) and not control.stopping:
            end = queue.work(folder, control, _Bar())
    found = table.rows(folder, study)
    closing = table.closing(folder, study, found)
    if arguments.json:
        say(json.dumps([_as_json(one, study) for one in found]))
    else:
        for one in found:
            say(_line(one))
        for line in closing.finding.lines() if closing is not None else ():
            say(line)
    if end == "stopped" or control.stopping:
        note(f'Go on with: sslcore study --out "{folder}"')
        return INTERRUPTED if interrupted else 0
    if study.closing and closing is None:
        note(_unclosed(table.unclosed(folder, study), study))
        return 1
    return 1 if any(one.state != "measured" for one in found) else 0


def _kept(folder: Path, arguments: argparse.Namespace) -> Study:
    """The study that is there, if it is the one asked for, or none is.

    Raises:
        InputError: if another one is asked for, or too little is said to know.
        ConfigError: if what is asked for cannot be planned.
    """
    study = Study.open(folder)
    given = _given(arguments)
    if not given:
        return study
    named = arguments.method is not None or arguments.recipe is not None
    whole = arguments.kind is not None and named
    if not whole and (arguments.shipped is None or arguments.folder is None):
        raise InputError(
            f"--out {arguments.out}: holds a study already; to go on with it leave out "
            f"{', '.join(given)}, or choose another folder for another study"
        )
    planned = _planned(arguments)
    try:
        planned.save(folder)
    except ConfigError as error:
        raise InputError(f"{error} (to go on, leave out {', '.join(given)})") from None
    return study


def _given(arguments: argparse.Namespace) -> list[str]:
    """Arguments that say which study is meant, as they were written."""
    values = {
        "FOLDER": arguments.folder,
        "--method": arguments.method,
        "--recipe": arguments.recipe,
        "--set": arguments.settings or None,
        "--kind": arguments.kind,
        "--shipped": arguments.shipped,
        "--vary": arguments.vary or None,
        "--epochs": arguments.epochs,
        "--measure": arguments.measure,
        "--both-branches": arguments.both_branches or None,
    }
    return [name for name, value in values.items() if value is not None]


def _listed() -> int:
    """Name the shipped studies."""
    for name, one in shipped.registered().items():
        say(f"{name:<28}{one.title} ({len(one.rows)} trials of {one.epochs} epochs)")
        say(f"{'':<28}{one.question}")
    return 0


def _require_sensible(
    study: Study, left: list[table.Row], name: str | None, control: Control
) -> None:
    """Refuse what cannot be measured, or not be trained on this folder at all.

    Raises:
        ConfigError: saying what to do.
    """
    known: dict[object, Catalogue] = {}

    def read(section: DataSection) -> Catalogue:
        key = (section.folder, section.reading)
        if key not in known:
            known[key] = _catalogue(section, control)
        return known[key]

    if name is not None:
        shipped.require_suited(shipped.find(name), study, read)
    judging.require_measurable(study.measurement, [one.trial for one in left], read)


def _shipped(arguments: argparse.Namespace) -> Study:
    """One of the studies that come with the workbench, on a folder."""
    given = ("FOLDER", "--shipped", "--set", "--epochs", "--measure")
    if more := [one for one in _given(arguments) if one not in given]:
        raise InputError(
            f"--shipped {arguments.shipped}: says methods and trials already; leave out "
            f"{', '.join(more)}"
        )
    study = shipped.planned(
        shipped.find(arguments.shipped),
        lambda recipe: adjusted(recipe, arguments),
        arguments.epochs,
        arguments.measure,
    )
    if not Recipe.from_toml(study.trials[0].recipe).data.folder:
        raise InputError("say which images: sslcore study FOLDER ...")
    return study


def _planned(arguments: argparse.Namespace) -> Study:
    if arguments.shipped is not None:
        return _shipped(arguments)
    if arguments.kind is None:
        raise InputError(
            f"--out {arguments.out}: no study there yet; say which with --kind or --shipped"
        )
    recipe = short(
        fresh_recipe(arguments), EPOCHS if arguments.epochs is None else arguments.epochs
    )
    if not recipe.data.folder:
        raise InputError("say which images: sslcore study FOLDER ...")
    measure = arguments.measure or "linear"
    if arguments.kind == "grid":
        return grid(recipe, _varied(arguments.vary), measure)
    plan = _view_plan(recipe)
    if arguments.kind == "leave-one-out":
        return augmentations.leave_one_out(recipe, plan, measure)
    return augmentations.pairs(recipe, plan, measure, one_branch=not arguments.both_branches)


def _catalogue(section: DataSection, control: Control) -> Catalogue:
    """The folder as trials will find it."""
    return shown(
        narrated(
            "Reading the folder",
            control,
            lambda progress, asked: scan(Path(section.folder), section.reading, progress, asked),
        )
    )


def _view_plan(recipe: Recipe) -> Any:
    """The recipe's own plan, or the method's for this folder."""
    if recipe.views is not None:
        return recipe.views
    material = shown(open_data(recipe.data, Control()))
    try:
        return recipe.view_plan(recipe.facts(material.catalogue))
    finally:
        material.close()


def _varied(given: list[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for text in given:
        path, equals, values = text.partition("=")
        if not equals or not path or not values:
            raise InputError(f"--vary {text}: write PATH=A,B,C, e.g. method.temperature=0.1,0.5")
        found[path] = [parse_value(one.strip()) for one in values.split(",")]
    return found


class _Bar:
    """One progress bar, a trial after the other."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._trial = ""

    def __call__(self, now: queue.Progress) -> None:
        if self._bar is None or now.trial.name != self._trial:
            if self._bar is not None:
                self._bar.close()
            self._trial = now.trial.name
            title = f"{now.number}/{now.total} {now.trial.name}"
            self._bar = tqdm(
                total=100, desc=title, unit="%", file=sys.stderr, leave=False, disable=None
            )
        self._bar.set_postfix_str(now.words, refresh=False)
        self._bar.update(round(100 * now.part) - self._bar.n)


def _line(row: table.Row) -> str:
    if row.score is None:
        return f"{row.trial.name:<40}{row.state:>10}  {row.error}".rstrip()
    reference = "" if row.untrained is None else f"   untrained {row.untrained:.1%}"
    return f"{row.trial.name:<40}{row.score:>10.1%}{reference}"


def _unclosed(why: str, study: Study) -> str:
    """Why there is nothing a study could be closed with."""
    return f"{study.closing}: " + (f"not measured: {why}" if why else "still to be measured")


def _as_json(row: table.Row, study: Study) -> dict[str, Any]:
    recognised = judging.JUDGES[study.measurement].needs_classes
    return {
        "trial": row.trial.name,
        "places": list(row.trial.places),
        "state": row.state,
        "measurement": study.measurement,
        "score": row.score,
        "accuracy": row.score if recognised else None,
        "untrained": row.untrained,
        "error": row.error,
    }


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
