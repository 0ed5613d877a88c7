"""A run opened for work on its encoder: evaluation, embedding, export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from sslcore.engine import devices
from sslcore.engine.assembly import assemble
from sslcore.engine.checkpoint import Checkpoint
from sslcore.engine.store import CheckpointError
from sslcore.method import Method
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory


@dataclass(frozen=True)
class Trained:
    """A method as a checkpoint holds it, on the device of its recipe.

    Attributes:
        recipe: of the run.
        checkpoint: what was loaded.
        method: trained, in evaluation mode.
        device: where it computes.
    """

    recipe: Recipe
    checkpoint: Checkpoint
    method: Method[Any]
    device: torch.device

    @property
    def epoch(self) -> float:
        """Passes over the training images that the checkpoint has behind it."""
        steps, total = self.checkpoint.step, self.checkpoint.facts.total_steps
        return steps * self.recipe.schedule.epochs / max(total, 1)

    def untrained(self) -> Method[Any]:
        """The same method before its first step: same seed, same normalisation."""
        encoder = self.method.encoder()
        mean, std = encoder.mean.flatten().tolist(), encoder.std.flatten().tolist()
        method = assemble(self.recipe, self.checkpoint.facts, mean, std)
        return method.to(self.device).eval()


def open_trained(directory: RunDirectory, which: str = "auto") -> Trained:
    """The trained method of a run.

    Args:
        directory: of the run.
        which: "auto" or a checkpoint.

    Raises:
        CheckpointError: if there is no checkpoint yet, or it is damaged.
    """
    loaded = directory.load(which)
    if loaded is None:
        raise CheckpointError(f"{directory.path}: no checkpoint yet; train first")
    checkpoint = Checkpoint.read(loaded.files, loaded.path)
    recipe = directory.own(Recipe.from_toml(checkpoint.recipe))
    try:
        device = devices.place(recipe.run).device
    except ValueError:
        # The run may come from a machine with a device that this one does not have.
        device = devices.place(recipe.run.changed(device="auto", precision="auto")).device
    method = checkpoint.method().to(device)
    return Trained(recipe, checkpoint, method, device)
