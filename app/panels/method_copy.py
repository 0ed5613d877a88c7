"""The recipe as something to paste elsewhere: TOML, a command line, a Python script."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from app.wording import run_name

if TYPE_CHECKING:
    from sslcore.recipe import Recipe

OWN_OPTIONS = ("data.folder", "method.key")
"""Paths that the command line says otherwise."""
END = "END OF RECIPE"
"""Line after the recipe in a shell; no line of a recipe reads so."""


def differences(recipe: Recipe, base: Recipe) -> dict[str, Any]:
    """Dotted paths whose values differ from another recipe of the same method; no view plan."""
    here, there = _flat(recipe), _flat(base)
    return {
        path: value
        for path, value in here.items()
        if path not in OWN_OPTIONS and value is not None and there.get(path) != value
    }


def as_command(recipe: Recipe, base: Recipe) -> str:
    """One ``sslcore train`` that does what Start does.

    Args:
        recipe: what to run.
        base: the preset the command starts from.

    A command cannot say edited views or emptied fields, so such a recipe goes through a file,
    which the pasted lines (of a POSIX shell) write first. Every copy names a run of its own: into
    the same directory the command would go on with the run that is there.
    """
    folder = recipe.data.folder or "FOLDER"
    out = shlex.quote(_run(recipe))
    emptied = any(
        value is None and _flat(base).get(path) is not None for path, value in _flat(recipe).items()
    )
    if recipe.views is not None or emptied:
        return (
            f"cat > recipe.toml <<'{END}'\n{recipe.to_toml().strip()}\n{END}\n"
            f"sslcore train {shlex.quote(folder)} --recipe recipe.toml --out {out}"
        )
    words = ["sslcore", "train", shlex.quote(folder), "--method", recipe.method.key]
    for path, value in differences(recipe, base).items():
        words += ["--set", shlex.quote(f"{path}={_toml(value)}")]
    return " ".join([*words, "--out", out])


def as_python(recipe: Recipe) -> str:
    """A script that trains the recipe and writes a run directory."""
    return f'''from pathlib import Path

from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory

RECIPE = """
{recipe.to_toml().strip()}
"""

recipe = Recipe.from_toml(RECIPE)
directory = RunDirectory.create(Path({_run(recipe)!r}), recipe)
for event in train(recipe, Control(), directory):
    directory.append(event)
    print(event)
'''


def _run(recipe: Recipe) -> str:
    return f"runs/{run_name(recipe.method.key, Path(recipe.data.folder).name)}"


def _flat(recipe: Recipe) -> dict[str, Any]:
    values = recipe.model_dump(mode="json", exclude={"views"})
    return {
        f"{section}.{name}": value
        for section, table in values.items()
        if isinstance(table, Mapping)
        for name, value in cast("Mapping[str, Any]", table).items()
    }


def _toml(value: Any) -> str:
    """A value as ``--set`` reads it; JSON's numbers, truth values and lists are TOML too."""
    return value if isinstance(value, str) else json.dumps(value)
