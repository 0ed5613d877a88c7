"""A real, very short CLIP run on captioned pictures, trained once per session."""

import shutil
from functools import cache

from sslcore.data import demo_kinds
from tests.app.panels.trained import recorded

COUNT = 40


@cache
def _run(place):
    folder = demo_kinds.make(place / "captions", "captions", count=COUNT, size=16)
    settings = {
        "data.held_out": 0.2,
        "method.head_output": 8,
        "method.text_width": 16,
        "method.text_layers": 1,
        "schedule.epochs": 3,
        "schedule.warmup_epochs": 0,
        "run.snapshot_every": 4,
        "run.probe_images": 40,
        "run.keep_checkpoints": 10,
    }
    return recorded(folder, "clip", settings)


def run(place, path):
    """A copy of the run at a path, to do with as one likes.

    Args:
        place: a folder of the session, in which pictures and run are made.
        path: where the copy goes.
    """
    shutil.copytree(_run(place), path)
    return path
