"""An encoder as one safetensors file that says by itself how to build the network again.

Beside the weights lie the recipe (without the place of the images) and what the method knew of the
data, as text in the header of the file: :func:`read` needs nothing else.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from safetensors import SafetensorError, safe_open
from safetensors import torch as safetensors

from sslcore.engine.assembly import assemble
from sslcore.engine.store import CheckpointError
from sslcore.method import DataFacts
from sslcore.nets.encoder import Encoder
from sslcore.recipe import Recipe

NAME = "encoder.safetensors"
"""Of the file in the folder of an export."""

_BROUGHT = frozenset({"recipe", "facts"})
"""What the header of such a file has beside the weights."""


def packed(encoder: Encoder, recipe: Recipe, facts: DataFacts, step: int) -> bytes:
    """The file's contents.

    Args:
        encoder: on the CPU.
        recipe: of the run; where its images lie is left out.
        facts: what the method knew of the data.
        step: optimiser steps behind the encoder.
    """
    public = recipe.with_set({"data.folder": "", "data.excluded": ""})
    weights = {
        name: one.detach().clone().contiguous() for name, one in encoder.state_dict().items()
    }
    header = {
        "format": "pt",
        "recipe": public.to_toml(),
        "facts": json.dumps(asdict(facts), ensure_ascii=False),
        "step": str(step),
    }
    return safetensors.save(weights, header)


def is_one(path: Path) -> bool:
    """Whether a file is an encoder that an export wrote; not, if it cannot be read."""
    if path.suffix.lower() != ".safetensors" or not path.is_file():
        return False
    try:
        with safe_open(path, "pt") as opened:
            return (opened.metadata() or {}).keys() >= _BROUGHT
    except (OSError, SafetensorError):
        return False


def read(path: Path) -> Encoder:
    """The encoder of a file, on the CPU, in evaluation mode.

    Args:
        path: the file, or the folder of an export that holds it.

    Raises:
        CheckpointError: if it is damaged, or not such a file.
    """
    file = path / NAME if path.is_dir() else path
    try:
        with safe_open(file, "pt") as opened:
            header: dict[str, str] = opened.metadata() or {}
            weights = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - no dict
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{file}: not a readable safetensors file ({error})") from None
    if not header.keys() >= _BROUGHT:
        raise CheckpointError(
            f"{file}: holds weights, but not what they belong to; only files that the workbench "
            "exported can be opened as an encoder"
        )
    try:
        values: dict[str, Any] = {
            name: tuple(cast("list[Any]", one)) if isinstance(one, list) else one
            for name, one in json.loads(header["facts"]).items()
        }
        facts = DataFacts(**values)
        encoder = assemble(Recipe.from_toml(header["recipe"], str(file)), facts).encoder()
        encoder.load_state_dict(weights)
    except (RuntimeError, TypeError, ValueError) as error:
        first = " ".join(str(error).split())
        raise CheckpointError(f"{file}: its weights fit no encoder ({first[:200]})") from None
    encoder.image_size = facts.image_size
    return encoder.eval()
