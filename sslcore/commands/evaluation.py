"""``sslcore evaluate``: the trained encoder beside the untrained one, raw pixels and others.

Every measurement of :mod:`sslcore.assessment.kinds` has a flag of its name. What is found is also
kept in the run directory, where the window shows it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sslcore.assessment import kept
from sslcore.assessment.contract import Assessment, Finding, registry
from sslcore.assessment.kinds.knn import KnnFinding
from sslcore.assessment.kinds.linear import LinearFinding
from sslcore.assessment.subject import TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.commands.console import InputError, Meter, note, open_run, say
from sslcore.config import Config
from sslcore.engine import failure
from sslcore.recipe import parse_value

USUAL = "knn"
"""Measured if nothing was asked for."""


def run(arguments: argparse.Namespace) -> int:
    """Measure what was asked for on the held-out split.

    A measurement that cannot be made does not keep the others from being told: its reason is said
    at the end, and the exit code is 2.
    """
    known = registry()
    asked = [known[key] for key in known if key in set(arguments.measurements)] or [known[USUAL]]
    settings = _settings(asked, arguments.settings)
    meters = _Meters()
    told = _Told()
    try:
        with Subject.open(open_run(arguments.run), arguments.checkpoint, Watch(meters)) as subject:
            subject.beside(arguments.outside)
            if subject.changed:
                note(f"Warning: {kept.CHANGED}")
                told.results["folder_changed"] = True
            for one in asked:
                try:
                    found = kept.measure(one, subject, settings[one.key], Watch(meters))
                except failure.EXPECTED as error:
                    told.errors[one.key] = failure.sentence(error)
                else:
                    told.take(found)
    finally:
        meters.close()
    told.tell(as_json=arguments.json)
    return 2 if told.errors else 0


class _Told:
    """What is printed at the end.

    Attributes:
        results: for JSON.
        lines: for a terminal.
        errors: what could not be measured, by key, with the reason.
    """

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}
        self.lines: list[str] = []
        self.errors: dict[str, str] = {}

    def take(self, found: kept.Kept) -> None:
        """One more finding."""
        self.results |= _as_json(found.key, found.finding)
        said = getattr(found.finding, "remarks", ())
        if said:  # of small classes
            self.results.setdefault("remarks", {})[found.key] = list(said)
        if found.unsaved:
            note(f"Warning: {found.key} was measured but not kept: {found.unsaved}")
            self.results.setdefault("not_kept", {})[found.key] = found.unsaved
        self.lines += [*([""] if self.lines else []), *found.finding.lines()]

    def tell(self, *, as_json: bool) -> None:
        """Findings on the standard output, what could not be measured on the standard error."""
        if as_json:
            say(json.dumps({**self.results, **({"errors": self.errors} if self.errors else {})}))
        elif self.lines:
            say("\n".join(self.lines))
        for key, reason in self.errors.items():
            note(f"sslcore: {key}: {reason}")


class _Meters:
    """One progress bar at a time, a new one for every stage."""

    def __init__(self) -> None:
        self._stage = ""
        self._meter: Meter | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._meter is None or stage != self._stage:
            self.close()
            self._stage, self._meter = stage, Meter(stage)
        self._meter(done, total)

    def close(self) -> None:
        if self._meter is not None:
            self._meter.close()
            self._meter = None


def _settings(asked: Sequence[Assessment], given: Sequence[str]) -> Mapping[str, Config]:
    """Settings of every measurement, ``knn.neighbours=5`` and the like put in.

    Raises:
        InputError: for a measurement that is not asked for.
        ConfigError: for a field or value that it does not take.
    """
    values: dict[str, dict[str, Any]] = {one.key: {} for one in asked}
    for text in given:
        path, equals, value = text.partition("=")
        key, dot, field = path.partition(".")
        if not equals or not dot or key not in values:
            raise InputError(
                f"--set {text}: give MEASUREMENT.FIELD=VALUE of one that is asked for: "
                f"{', '.join(values)}"
            )
        values[key][field] = parse_value(value)
    return {one.key: one.config.parse(values[one.key], one.key) for one in asked}


def _as_json(key: str, found: Finding) -> dict[str, Any]:
    if isinstance(found, KnnFinding):
        scores = {
            name: dict(zip(map(str, found.neighbours), row, strict=True))
            for name, row in found.accuracy.items()
        }
        return {"knn": scores.pop(TRAINED), **scores}
    if isinstance(found, LinearFinding):
        kept_out = {"predicted"}  # a number an image; the file in the run directory has it
        scores = {name: one.model_dump(exclude=kept_out) for name, one in found.scores.items()}
        return {key: scores, "classes": list(found.classes)}
    return {key: found.model_dump(mode="json")}
