"""A real, very short SimCLR run on the pictures of the tests, trained once per session."""

import shutil
from functools import cache

from tests.app.panels import trained

BATCH = 8


@cache
def _run(pictures):
    settings = {"schedule.epochs": 2, "schedule.batch_size": BATCH, "run.snapshot_every": 2}
    return trained.recorded(pictures, "simclr", settings)


def run(pictures, path):
    """A copy of the run at a path, to do with as one likes."""
    shutil.copytree(_run(pictures), path)
    return path
