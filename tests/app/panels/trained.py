"""A real, very short Barlow Twins run on the pictures of the tests, trained once per session."""

import shutil
from functools import cache

from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.recipe import preset
from sslcore.runs.directory import RunDirectory

DIMENSIONS = 12


def recorded(pictures, key, settings):
    """Train a small preset for a moment; returns the path of the run."""
    recipe = preset(key).with_set(
        {
            "data.folder": str(pictures),
            "data.image_size": 16,
            "backbone.width": 8,
            "schedule.batch_size": 8,
            "run.probe_images": 20,
            "run.threads": 1,
            "run.device": "cpu",
            **settings,
        }
    )
    directory = RunDirectory.create(pictures.parent / f"{pictures.name}-{key}", recipe)
    for _ in directory.record(train(recipe, Control(), directory)):
        pass
    directory.close()
    return directory.path


@cache
def _run(pictures):
    settings = {
        "method.head_hidden": 16,
        "method.head_output": DIMENSIONS,
        "schedule.epochs": 3,
        "run.snapshot_every": 1,
        "run.keep_checkpoints": 10,
    }
    return recorded(pictures, "barlow_twins", settings)


def run(pictures, path):
    """A copy of the run at a path, to do with as one likes."""
    shutil.copytree(_run(pictures), path)
    return path


def open_run(qtbot, workspace, path):
    """Open a run in a workspace and wait for its images."""
    with qtbot.waitSignal(workspace.record_changed, timeout=20_000):
        workspace.open_run(path)
    qtbot.waitUntil(
        lambda: workspace.catalogue is not None and not workspace.tasks.running(), timeout=20_000
    )
