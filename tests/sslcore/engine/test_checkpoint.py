"""Checkpoints are read back whole, without pickles, or refused with the reason."""

import io
import json

import pytest
import torch
from safetensors import torch as safetensors

from sslcore.engine.assembly import assemble
from sslcore.engine.checkpoint import OPTIMISER, STATE, WEIGHTS, Checkpoint
from sslcore.engine.store import CheckpointError
from sslcore.method import DataFacts
from sslcore.recipe import Recipe

FACTS = DataFacts(count=40, channels=3, image_size=16, batch_size=8, total_steps=10)
RECIPE = Recipe.parse(
    {
        "method": {"key": "simclr", "head_hidden": 8, "head_output": 4},
        "backbone": {"name": "convnet", "width": 4},
        "data": {"image_size": 16},
    }
)


def checkpoint() -> Checkpoint:
    method = assemble(RECIPE, FACTS, [0.5, 0.4, 0.3], [0.2, 0.2, 0.2])
    weights = dict(method.state_dict())
    return Checkpoint(
        step=7,
        evaluated=6,
        recipe=RECIPE.to_toml(),
        facts=FACTS,
        catalogue="abc",
        watch={"losses": [0.1, 0.2]},
        weights=weights,
        optimiser={"optimiser": {"state": {0: torch.arange(3.0)}}, "precision": {}},
    )


def test_everything_comes_back() -> None:
    before = checkpoint()
    after = Checkpoint.read(before.files())
    for name in ("step", "evaluated", "recipe", "facts", "catalogue", "watch"):
        assert getattr(after, name) == getattr(before, name)
    assert after.weights.keys() == before.weights.keys()
    for name, value in before.weights.items():
        assert torch.equal(after.weights[name], value)
    assert torch.equal(after.optimiser["optimiser"]["state"][0], torch.arange(3.0))
    method = after.method()
    images = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    original = assemble(RECIPE, FACTS, [0.5, 0.4, 0.3], [0.2, 0.2, 0.2])
    assert torch.equal(method.embed(images), original.embed(images))


def test_the_files_open_without_this_program() -> None:
    files = checkpoint().files()
    assert set(files) == {WEIGHTS, OPTIMISER, STATE}
    assert "online.mean" in safetensors.load(files[WEIGHTS])
    assert set(torch.load(io.BytesIO(files[OPTIMISER]), weights_only=True)) == {
        "optimiser", "precision",
    }  # fmt: skip
    assert json.loads(files[STATE])["step"] == 7


def test_tied_and_transposed_weights_are_kept() -> None:
    before = checkpoint()
    one = torch.arange(6.0).reshape(2, 3)
    files = Checkpoint(**{**before.__dict__, "weights": {"a": one, "b": one, "c": one.T}}).files()
    found = safetensors.load(files[WEIGHTS])
    assert torch.equal(found["c"], one.T)
    assert torch.equal(found["a"], found["b"])


@pytest.mark.parametrize("name", [WEIGHTS, OPTIMISER, STATE])
@pytest.mark.parametrize("content", [b"", b"not what it should be", None])
def test_what_is_no_checkpoint_is_refused(name: str, content: bytes | None) -> None:
    files = checkpoint().files()
    if content is None:
        del files[name]
    else:
        files[name] = content
    with pytest.raises(CheckpointError, match="here: "):
        Checkpoint.read(files, "here")


def test_weights_of_another_network_are_refused() -> None:
    other = assemble(RECIPE.with_set({"backbone.width": 8}), FACTS)
    with pytest.raises(CheckpointError, match=r"size mismatch.*resume with the recipe"):
        checkpoint().load_into(other)
