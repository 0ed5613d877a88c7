"""Every store keeps the promises that training relies on: the one on disk and the one in memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sslcore.engine.store import CheckpointError, Store
from sslcore.runs.directory import RunDirectory
from sslcore.runs.memory import MemoryStore
from tests.sslcore.engine.tiny import recipe


@pytest.fixture(params=["disk", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, images: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    directory = RunDirectory.create(tmp_path / "run", recipe(images))
    directory.claim()
    yield directory
    directory.release()
    directory.close()


def files(step: int) -> dict[str, bytes]:
    return {"weights.bin": bytes([step]) * 100, "state.json": b'{"step": %d}' % step}


def test_what_was_saved_is_loaded(store: Store) -> None:
    assert store.load("auto") is None
    first = store.save_checkpoint(1, files(1), keep=3)
    second = store.save_checkpoint(2, files(2), keep=3)
    newest = store.load("auto")
    assert newest is not None
    assert newest.path.endswith(second)
    assert (dict(newest.files), newest.problems) == (files(2), ())
    older = store.load(first)
    assert older is not None
    assert dict(older.files) == files(1)


def test_only_the_newest_are_kept(store: Store) -> None:
    paths = [store.save_checkpoint(step, files(step), keep=2) for step in (1, 2, 3)]
    with pytest.raises(CheckpointError):
        store.load(paths[0])
    for step, path in zip((2, 3), paths[1:], strict=True):
        kept = store.load(path)
        assert kept is not None
        assert dict(kept.files) == files(step)


def test_one_that_never_was_is_refused_by_name(store: Store) -> None:
    with pytest.raises(CheckpointError, match="step_00000009"):
        store.load("checkpoints/step_00000009")


def test_arrays_are_named_and_may_be_written_again(store: Store) -> None:
    first = store.save_array("embeddings/step_1", {"features": np.zeros((2, 3))})
    assert "embeddings/step_1" in first
    assert store.save_array("embeddings/step_1", {"features": np.ones((2, 3))}) == first
    assert store.save_array("embeddings/step_2", {"features": np.ones((2, 3))}) != first


def test_a_claim_can_be_given_back_twice_and_taken_again(store: Store) -> None:
    store.release()
    store.release()
    store.claim()
    # Only one at a time, so a claim that was not given back would stand in the way.
    store.release()
    store.claim()
