"""The store without a disk behaves like the one on a disk."""

from pathlib import Path

import numpy as np
import pytest

from sslcore.engine.store import CheckpointError, Store
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory
from sslcore.runs.memory import MemoryStore


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_both_stores_keep_the_newest(kind: str, tmp_path: Path) -> None:
    recipe = Recipe.parse({"method": {"key": "simclr"}})
    store: Store = (
        MemoryStore() if kind == "memory" else RunDirectory.create(tmp_path / "run", recipe)
    )
    store.claim()
    assert store.load() is None
    paths = [store.save_checkpoint(step, {"a": bytes([step])}, 2) for step in (1, 2, 3, 2)]
    newest, named = store.load("auto"), store.load(paths[2])
    assert newest is not None
    assert named is not None
    assert (newest.files["a"], named.files["a"]) == (b"\2", b"\3")
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        store.load(paths[0])
    assert store.save_array("features", {"a": np.ones(2)}).startswith("features")
    store.release()
