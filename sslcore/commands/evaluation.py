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
from sslcore.recipe import parse_value

USUAL = "knn"
"""Measured if nothing was asked for."""


def run(arguments: argparse.Namespace) -> int:
    """Measure what was asked for on the held-out split."""
    known = registry()
    asked = [known[key] for key in known if key in set(arguments.measurements)] or [known[USUAL]]
    settings = _settings(asked, arguments.settings)
    meters = _Meters()
    results: dict[str, Any] = {}
    lines: list[str] = []
    try:
        with Subject.open(open_run(arguments.run), arguments.checkpoint, Watch(meters)) as subject:
            subject.beside(arguments.outside)
            if subject.changed:
                note(f"Warning: {kept.CHANGED}")
                results["folder_changed"] = True
            for one in asked:
                found = kept.measure(one, subject, settings[one.key], Watch(meters)).finding
                results |= _as_json(one.key, found)
                said = getattr(found, "remarks", ())
                if said:  # of small classes
                    results.setdefault("remarks", {})[one.key] = list(said)
                lines += [*([""] if lines else []), *found.lines()]
    finally:
        meters.close()
    say(json.dumps(results) if arguments.json else "\n".join(lines))
    return 0


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
