"""Small runs of several methods on 160 pictures of the demo set, trained once for all tests."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sslcore.assessment.subject import Subject
from sslcore.data import demo
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory

COUNT = 160


@contextmanager
def opened(place: Path, key: str, **method: object) -> Iterator[Subject]:
    """A run of a method, one epoch long.

    Args:
        place: where the pictures and runs lie; what is there already is used again.
        key: of the method.
        method: its settings.
    """
    folder = demo.make(place / "demo", COUNT, 32)
    name = "_".join([key, *(f"{one}_{value}" for one, value in method.items())])
    path = place / name
    if not path.exists():
        values = {
            "data": {"folder": str(folder), "image_size": 32, "held_out": 0.5},
            "method": {"key": key, **method},
            "backbone": {"name": "convnet", "width": 4},
            "schedule": {"epochs": 1, "batch_size": 16},
            "run": {"device": "cpu", "threads": 1, "snapshot_every": 50, "probe_images": 10},
        }
        recipe = Recipe.parse(values)
        with closing(RunDirectory.create(path, recipe)) as directory:
            for event in train(recipe, Control(), directory):
                directory.append(event)
    with Subject.open(RunDirectory.open(path)) as subject:
        yield subject
