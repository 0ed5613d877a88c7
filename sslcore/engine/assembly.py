"""A recipe put together: backbone, encoder and method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from sslcore.augment.view import mixed_seed
from sslcore.method import DataFacts, Method, find
from sslcore.nets import backbones
from sslcore.nets.encoder import Encoder
from sslcore.recipe import Recipe


def assemble(
    recipe: Recipe,
    facts: DataFacts,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Method[Any]:
    """The untrained method of a recipe, its weights drawn from the recipe's seed.

    Args:
        recipe: backbone, method and seed.
        facts: what the method may know of the data.
        mean: per-channel mean of the images; None where a checkpoint brings it.
        std: per-channel standard deviation, likewise.

    Raises:
        ConfigError: if there is no such backbone or method.
    """
    channels = facts.channels
    # Torch's initialisers know only the global generator: it is seeded here and put back after.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(mixed_seed(recipe.run.seed, "weights"))
        backbone = backbones.build(
            recipe.backbone.name, channels, facts.image_size, recipe.backbone.width
        )
        encoder = Encoder(backbone, mean or [0.0] * channels, std or [1.0] * channels)
        return find(recipe.method.key)(recipe.method.config, encoder, facts)
