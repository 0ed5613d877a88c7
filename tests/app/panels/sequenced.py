"""A real, very short run of video colourisation on demo clips, trained once per session."""

import shutil
from functools import cache

from sslcore.data import demo_kinds
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.recipe import preset
from sslcore.runs.directory import RunDirectory


@cache
def _run(place):
    folder = demo_kinds.make(place / "clips", "sequences", count=4, size=16)
    recipe = preset("video_colorization").with_set(
        {
            "data.folder": str(folder),
            "data.image_size": 16,
            "data.held_out": 0.25,
            "backbone.width": 8,
            "method.embedding": 4,
            "method.colours": 4,
            "schedule.epochs": 2,
            "schedule.batch_size": 16,
            "schedule.warmup_epochs": 0,
            "run.snapshot_every": 2,
            "run.probe_images": 20,
            "run.keep_checkpoints": 10,
            "run.threads": 1,
            "run.device": "cpu",
        }
    )
    directory = RunDirectory.create(place / "run", recipe)
    for _ in directory.record(train(recipe, Control(), directory)):
        pass
    directory.close()
    return directory.path


def run(place, path):
    """A copy of the run at a path, to do with as one likes.

    Args:
        place: a folder of the session, in which clips and run are made.
        path: where the copy goes.
    """
    shutil.copytree(_run(place), path)
    return path
