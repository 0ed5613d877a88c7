"""What is exported: the encoder of a run at one checkpoint, with all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from sslcore.assessment import kept
from sslcore.assessment.kept import Kept
from sslcore.assessment.trained import Trained, open_trained
from sslcore.assessment.watch import Watch
from sslcore.export.probe import Probe, probe
from sslcore.export.standalone import Encoder as PortableEncoder
from sslcore.export.standalone import portable
from sslcore.method import DataFacts, MethodCard, find
from sslcore.nets.encoder import Encoder
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord


def public(recipe: Recipe) -> Recipe:
    """A recipe as strangers may read it: the folder by its name, not by its place."""
    folder = recipe.data.folder.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    return recipe.with_set({"data.folder": folder, "data.excluded": ""})


@dataclass(frozen=True)
class Source:
    """A run opened to be taken away. Use :meth:`open`.

    Attributes:
        directory: of the run.
        opened: recipe, checkpoint and method.
        encoder: the trained one, on the CPU, in evaluation mode.
    """

    directory: RunDirectory
    opened: Trained
    encoder: Encoder

    @classmethod
    def open(cls, directory: RunDirectory, checkpoint: str = "auto") -> Source:
        """Open a run.

        Args:
            directory: of the run.
            checkpoint: "auto" for the newest whole one, or a checkpoint by name or path.

        Raises:
            CheckpointError: if there is no checkpoint yet, or it is damaged.
        """
        opened = open_trained(directory, checkpoint)
        encoder = opened.method.encoder().cpu().eval()
        encoder.image_size = opened.checkpoint.facts.image_size
        return cls(directory, opened, encoder)

    @property
    def name(self) -> str:
        """Name of the run: that of its folder."""
        return self.directory.path.resolve().name

    @property
    def facts(self) -> DataFacts:
        """What the method knew of the data."""
        return self.opened.checkpoint.facts

    @property
    def card(self) -> MethodCard:
        """What is known of the method."""
        return find(self.opened.recipe.method.key).card

    @property
    def step(self) -> int:
        """Optimiser steps behind the checkpoint."""
        return self.opened.checkpoint.step

    @property
    def size(self) -> int:
        """Side in pixels of the images it was trained on."""
        return self.facts.image_size

    @property
    def backbone(self) -> str:
        """Name of the network as recipes have it."""
        return self.opened.recipe.backbone.name

    @property
    def weights(self) -> int:
        """Numbers that were learned."""
        return sum(one.numel() for one in self.encoder.parameters())

    @cached_property
    def portable(self) -> PortableEncoder:
        """The encoder without anything of the workbench (ValueError for a plugin's own class)."""
        return portable(self.encoder)

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe as strangers may read it: the folder by its name, not by its place."""
        return public(self.opened.recipe)

    @cached_property
    def record(self) -> RunRecord:
        """The log, folded (RunError if it cannot be read)."""
        return RunRecord.fold(self.directory.replay())

    @cached_property
    def findings(self) -> dict[str, Kept]:
        """What was measured and kept, by the key of the measurement; damaged files are left out."""
        return kept.everything(self.directory)[0]

    def probe(self, watch: Watch) -> Probe:
        """Its probe images (Cancelled if it was called off)."""
        opened = self.opened
        known = opened.checkpoint.catalogue
        return probe(self.directory, self.record, opened.recipe.data, known, watch)

    def images(self, count: int) -> Tensor:
        """(count, C, H, W) noise in [0, 1], always the same: to compare outputs with."""
        generator = torch.Generator().manual_seed(count)
        shape = (count, self.encoder.channels, self.size, self.size)
        return torch.rand(shape, generator=generator)
