"""A real, very short run of video colourisation on demo clips, trained once per session."""

import shutil
from functools import cache

from sslcore.data import demo_kinds
from tests.app.panels.trained import recorded


@cache
def _run(place):
    folder = demo_kinds.make(place / "clips", "sequences", count=4, size=16)
    settings = {
        "data.held_out": 0.25,
        "method.embedding": 4,
        "method.colours": 4,
        "schedule.epochs": 2,
        "schedule.batch_size": 16,
        "schedule.warmup_epochs": 0,
        "run.snapshot_every": 2,
        "run.keep_checkpoints": 10,
    }
    return recorded(folder, "video_colorization", settings)


def run(place, path):
    """A copy of the run at a path, to do with as one likes.

    Args:
        place: a folder of the session, in which clips and run are made.
        path: where the copy goes.
    """
    shutil.copytree(_run(place), path)
    return path
