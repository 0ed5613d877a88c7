"""Writes are whole, fail loudly and leave nothing behind."""

import errno

import numpy as np
import pytest

from sslcore.engine.store import SaveError
from sslcore.runs import atomic
from sslcore.runs.directory import RunDirectory
from tests.sslcore.runs.test_directory import FILES, directory

__all__ = ["directory"]


def test_unfinished_writes_are_swept_away(directory: RunDirectory) -> None:
    directory.save_checkpoint(1, FILES, keep=2)
    left = directory.path / "checkpoints" / ".step_00000002.0123abcd.tmp"
    left.mkdir()
    (left / "weights").write_bytes(b"half")
    (directory.path / ".recipe.toml.0123abcd.tmp").write_bytes(b"half")
    directory.claim()
    directory.release()
    assert [one.name for one in directory.path.rglob(".*")] == []
    assert directory.load() is not None


def test_a_write_that_fails_names_file_and_remedy(
    directory: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(SaveError, match="disk is full"):
        directory.save_checkpoint(1, FILES, keep=2)
    with pytest.raises(SaveError, match=r"features\.npz.*disk is full"):
        directory.save_array("features", {"a": np.zeros(3)})
    assert directory.load() is None
    assert not list(directory.path.rglob("*.tmp"))


def test_only_our_own_unfinished_writes_are_swept_away(directory: RunDirectory) -> None:
    others = (".config.old", ".session.tmp", ".vim.0123abcd.tmp", "deep/er/.step_1.0123abcd.tmp")
    for name in others:
        (directory.path / name).mkdir(parents=True)
    (directory.path / ".features.npz.0123abcd.tmp").write_bytes(b"half")
    directory.claim()
    directory.release()
    assert all((directory.path / name).is_dir() for name in others)
    assert not (directory.path / ".features.npz.0123abcd.tmp").exists()
