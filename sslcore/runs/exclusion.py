"""The run's own copy of its list of excluded images: what was left out stays known for ever."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sslcore.runs import atomic

if TYPE_CHECKING:
    from sslcore.recipe import Recipe

COPIES = "excluded-*.txt"
"""Names of the copies in a run directory."""


def own(folder: Path, recipe: Recipe) -> Recipe:
    """A recipe that names the copy in a run directory, which is made if need be.

    Args:
        folder: the run directory; made with the copy.
        recipe: may name any list, or a copy of this run from when it lay elsewhere.

    Raises:
        ConfigError: if there is a list, but no copy, and it cannot be read.
        SaveError: if the copy cannot be written.
    """
    # Imported late: the command line opens run directories before it pays for pydantic.
    from sslcore.data import exclusion

    given = recipe.data.excluded
    if not given:
        return recipe
    copy = folder / Path(given).name
    if not (exclusion.is_named(copy.name) and copy.is_file()):
        name, content = exclusion.named(exclusion.read(Path(given)))
        copy = folder / name
        if not copy.is_file():
            atomic.write(copy, content)
    return recipe.with_set({"data.excluded": str(copy.absolute())})


def as_written(recipe: Recipe) -> Recipe:
    """The recipe as ``recipe.toml`` beside the copy has it: the run may be moved."""
    if not recipe.data.excluded:
        return recipe
    return recipe.with_set({"data.excluded": Path(recipe.data.excluded).name})
