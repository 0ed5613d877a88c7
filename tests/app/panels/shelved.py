"""Runs on a shelf, made from events alone, for the tests of the Runs place."""

from pathlib import Path

from app.panels.runs_shelf import Shelf
from tests.app.panels import replayed

WAIT = 20_000


def write(opened, *names, **changes):
    """Run directories in the runs folder, each with a seed of its own."""
    paths = []
    for number, name in enumerate(names):
        recipe = opened.recipe.with_set({"run.seed": number, **changes})
        paths.append(replayed.write(opened.settings.runs_folder / name, recipe))
    return paths


def shelf(opened, qtbot, *names, **changes):
    """A shelf that has read these runs."""
    paths = write(opened, *names, **changes)
    made = Shelf(opened)
    with qtbot.waitSignal(made.listed, timeout=WAIT):
        made.refresh()
    return made, [Path(one) for one in paths]


def choose(made, qtbot, paths):
    """Choose runs and wait for their records."""
    made.choose(paths)
    qtbot.waitUntil(lambda: all(path in made.records for path in paths), timeout=WAIT)
