"""In which fields recipes differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ABSENT = "–"
"""Written where a recipe has no such field."""
SECTIONS = ("data", "method", "views", "backbone", "optimiser", "schedule", "run")


@dataclass(frozen=True)
class Difference:
    """One field that is not the same everywhere.

    Attributes:
        path: dotted, as ``--set`` takes it.
        values: one text a recipe, in their order.
    """

    path: str
    values: tuple[str, ...]


def differences(recipes: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """Fields that differ, in the order of sections.

    Args:
        recipes: dotted path -> value, as :func:`sslcore.runs.summary.flat` makes them.
    """
    paths = dict.fromkeys(path for recipe in recipes for path in recipe)
    found: list[Difference] = []
    for path in sorted(paths, key=_place):
        values = tuple(written(recipe[path]) if path in recipe else ABSENT for recipe in recipes)
        if len(set(values)) > 1:
            found.append(Difference(path, values))
    return found


def written(value: Any) -> str:
    """A value as a person reads it: ``0.001``, ``yes``, ``0.6, 0.8``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(written(one) for one in value)
    return str(value)


def _place(path: str) -> tuple[int, str]:
    section = path.partition(".")[0]
    # The key of the method explains every other difference in its section.
    key = "" if path == "method.key" else path
    return (SECTIONS.index(section) if section in SECTIONS else len(SECTIONS), key)
