"""Encoders as one file."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sslcore.engine.checkpoint import Checkpoint
from sslcore.engine.store import CheckpointError
from sslcore.recipe import Recipe
from sslcore.runs import portable
from sslcore.runs.directory import RunDirectory
from tests.sslcore.engine import tiny
from tests.sslcore.engine.tiny import images

__all__ = ["images"]


@pytest.fixture(scope="module")
def checkpoint(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    recipe = tiny.recipe(images, "dino")
    directory = RunDirectory.create(tmp_path_factory.mktemp("portable") / "run", recipe)
    tiny.run(recipe, directory)
    loaded = directory.load()
    assert loaded is not None
    return Checkpoint.read(loaded.files)


def packed(one: Checkpoint) -> bytes:
    recipe = Recipe.from_toml(one.recipe)
    return portable.packed(one.method().encoder(), recipe, one.facts, one.step)


def test_the_kept_encoder_comes_back(checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "mine.safetensors").write_bytes(packed(checkpoint))
    found = portable.read(tmp_path / "mine.safetensors")
    wanted = checkpoint.method().encoder()  # DINO keeps its teacher
    images = torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        assert torch.equal(found(images), wanted(images))
    assert (found.image_size, found.training) == (16, False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda whole: b"", "not a readable safetensors file"),
        (lambda whole: whole[:-40], "not a readable safetensors file"),
        (lambda whole: whole.replace(b'"step"', b'"stop"'), ""),
        (lambda whole: whole.replace(b"width = 4", b"width = 8"), "its weights fit no encoder"),
        (lambda whole: whole.replace(b"simclr", b"dino  "), ""),
        (lambda whole: whole.replace(b'\\"count\\"', b'\\"cuont\\"'), "fit no encoder"),
    ],
)
def test_damage(content, said: str, checkpoint: Checkpoint, tmp_path: Path) -> None:
    file = tmp_path / portable.NAME
    file.write_bytes(content(packed(checkpoint)))
    if said:
        with pytest.raises(CheckpointError, match=said):
            portable.read(tmp_path)
    else:
        assert portable.read(tmp_path).image_size == 16


def test_weights_of_somebody_else(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="not what they belong to"):
        portable.read(tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="not a readable"):
        portable.read(tmp_path / "missing.safetensors")
