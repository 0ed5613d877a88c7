"""Checkpoints are whole, or known to be damaged."""

import pytest

from sslcore.engine.store import CheckpointError
from sslcore.runs.directory import RunDirectory
from tests.sslcore.runs.test_directory import FILES, directory

__all__ = ["directory"]


def test_the_newest_checkpoints_are_kept(directory: RunDirectory) -> None:
    for step in (2, 4, 6):
        path = directory.save_checkpoint(step, {**FILES, "step": str(step).encode()}, keep=2)
        assert path == f"checkpoints/step_{step:08d}"
    assert [one.name for _, one in directory.shelf.entries()] == ["step_00000004", "step_00000006"]
    loaded = directory.load()
    assert loaded is not None
    assert loaded.files["step"] == b"6"
    # A run that goes on from an older checkpoint: the last saved is the newest.
    directory.save_checkpoint(3, {**FILES, "step": b"3"}, keep=2)
    loaded = directory.load("auto")
    assert loaded is not None
    assert loaded.files["step"] == b"3"
    assert not list((directory.path / "checkpoints").glob(".*"))


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "manifest", "odd manifest"])
def test_a_damaged_checkpoint_is_passed_over_or_named(directory: RunDirectory, damage: str) -> None:
    directory.save_checkpoint(1, FILES, keep=5)
    directory.save_checkpoint(2, FILES, keep=5)
    folder = directory.path / "checkpoints" / "step_00000002"
    file = folder / "weights.safetensors"
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[50] ^= 1
        file.write_bytes(content)
    elif damage == "cut":
        file.write_bytes(content[:-1])
    elif damage == "remove":
        file.unlink()
    elif damage == "manifest":
        (folder / "manifest.json").write_text("{")
    else:
        (folder / "manifest.json").write_text('{"serial": "x", "files": 3}')
    loaded = directory.load("auto")
    assert loaded is not None
    assert loaded.path.endswith("step_00000001")
    if "manifest" not in damage:
        (problem,) = loaded.problems
        assert "step_00000002" in problem
    with pytest.raises(CheckpointError, match="step_00000002"):
        directory.load("step_00000002")
    (directory.path / "checkpoints" / "step_00000001" / "state.json").write_text("[]")
    with pytest.raises(CheckpointError, match="every checkpoint is damaged"):
        directory.load("auto")


def test_there_may_be_no_checkpoint(directory: RunDirectory) -> None:
    assert directory.load("auto") is None
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        directory.load("step_00000009")
