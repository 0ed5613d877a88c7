"""A run with checkpoints on the disk, saved without any training."""

import torch

from sslcore.engine.assembly import assemble
from sslcore.engine.checkpoint import Checkpoint
from sslcore.events import CheckpointSaved
from sslcore.recipe import preset
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from tests.app.panels.replayed import started


def small_recipe(key="simclr", size=16):
    return preset(key).with_set({"data.image_size": size, "backbone.width": 8})


def new_run(path, recipe):
    """A run directory and the record of a run that has begun."""
    record = RunRecord()
    record.apply(started())
    return RunDirectory.create(path, recipe), record


def save(directory, record, facts, step, shift=0.0):
    """Write a checkpoint of a step, its weights moved by noise, and tell the record of it."""
    recipe = directory.recipe()
    method = assemble(recipe, facts, [0.4] * facts.channels, [0.2] * facts.channels)
    generator = torch.Generator().manual_seed(step)
    with torch.no_grad():
        for weight in method.parameters():
            weight += shift * torch.randn(weight.shape, generator=generator)
    files = Checkpoint(
        step, -1, recipe.to_toml(), facts, "", {}, method.state_dict(), {}
    ).files()  # fmt: skip
    path = directory.save_checkpoint(step, files, 2)
    record.apply(CheckpointSaved(step, step / 10, path))
    return method
