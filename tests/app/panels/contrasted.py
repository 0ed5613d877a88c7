"""A real, very short SimCLR run on the pictures of the tests, trained once per session."""

import shutil
from functools import cache

from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.recipe import preset
from sslcore.runs.directory import RunDirectory

BATCH = 8


@cache
def _run(pictures):
    recipe = preset("simclr").with_set(
        {
            "data.folder": str(pictures),
            "data.image_size": 16,
            "backbone.width": 8,
            "schedule.epochs": 2,
            "schedule.batch_size": BATCH,
            "run.snapshot_every": 2,
            "run.probe_images": 20,
            "run.threads": 1,
            "run.device": "cpu",
        }
    )
    directory = RunDirectory.create(pictures.parent / f"{pictures.name}-simclr", recipe)
    for _ in directory.record(train(recipe, Control(), directory)):
        pass
    directory.close()
    return directory.path


def run(pictures, path):
    """A copy of the run at a path, to do with as one likes."""
    shutil.copytree(_run(pictures), path)
    return path
