"""A run directory survives being killed, damaged and shared."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sslcore.diagnostics import DiagnosticSpec, Histogram, heatmap, histogram
from sslcore.engine.store import CheckpointError, SaveError
from sslcore.events import Paused, RunEvent, RunStopped, Snapshot, StepDone, Warned
from sslcore.recipe import Recipe
from sslcore.runs import atomic
from sslcore.runs.directory import RunDirectory, RunError
from tests.sslcore.runs.test_record import done, started

RECIPE = Recipe.parse({"method": {"key": "simclr"}})
FILES = {"weights.safetensors": b"weights" * 100, "state.json": b"{}"}


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[RunDirectory]:
    one = RunDirectory.create(tmp_path / "run", RECIPE)
    yield one
    one.close()


def snapshot(step: int) -> Snapshot:
    matrix = np.arange(9.0).reshape(3, 3) / 9
    return Snapshot(
        step,
        step / 10,
        {
            "matrix": heatmap(matrix, row_ids=np.arange(3)),
            "odd name/ß": histogram({"a/b": np.ones(3), "c": np.zeros(2)}, axis="x"),
        },
    )


def test_what_is_written_comes_back(directory: RunDirectory) -> None:
    spec = DiagnosticSpec("matrix", "heatmap", "Title", "Help")
    start = started()
    events: list[RunEvent] = [
        type(start)(**{**start.__dict__, "diagnostics": (spec,), "constants": {"ln 4": 1.386}}),
        done(1, float("inf")),
        done(2, 0.1),
        Warned(2, "code", "Ein Pfad: ä/ö", ""),
        Paused(2),
        RunStopped(2, "stopped"),
    ]
    for event in events:
        directory.append(event)
    assert list(RunDirectory.open(directory.path).replay()) == events
    assert directory.recipe() == RECIPE


def test_snapshots_come_back_with_their_arrays(directory: RunDirectory) -> None:
    directory.append(snapshot(5))
    (event,) = directory.replay()
    assert isinstance(event, Snapshot)
    assert list(event.diagnostics) == ["matrix", "odd name/ß"]
    found, expected = event.diagnostics["odd name/ß"], snapshot(5).diagnostics["odd name/ß"]
    assert isinstance(found, Histogram)
    assert isinstance(expected, Histogram)
    assert found.counts.keys() == expected.counts.keys()
    np.testing.assert_array_equal(found.counts["a/b"], expected.counts["a/b"])
    loaded = directory.snapshot(5)
    assert (loaded.step, loaded.epoch) == (5, 0.5)
    np.testing.assert_array_equal(
        loaded.diagnostics["matrix"].values, snapshot(5).diagnostics["matrix"].values
    )


def test_a_damaged_snapshot_is_empty_in_a_replay_and_an_error_when_asked_for(
    directory: RunDirectory,
) -> None:
    directory.append(snapshot(5))
    file = directory.path / "snapshots" / "step_00000005.npz"
    file.write_bytes(file.read_bytes()[:200])
    (event,) = directory.replay()
    assert isinstance(event, Snapshot)
    assert dict(event.diagnostics) == {}
    with pytest.raises(RunError, match=r"step_00000005\.npz"):
        directory.snapshot(5)
    with pytest.raises(RunError, match="step_00000007"):
        directory.embedding(7)


def test_a_last_line_cut_short_is_passed_over_and_cut_off(directory: RunDirectory) -> None:
    directory.append(done(1))
    directory.append(done(2))
    directory.close()
    content = directory.log_path.read_bytes()
    directory.log_path.write_bytes(content[:-20])
    assert list(directory.replay()) == [done(1)]
    again = RunDirectory.open(directory.path)
    again.append(done(2, 5.0))
    again.close()
    assert list(again.replay()) == [done(1), done(2, 5.0)]


def test_a_damaged_line_in_the_middle_is_a_warning(directory: RunDirectory) -> None:
    directory.append(done(1))
    directory.close()
    with directory.log_path.open("ab") as file:
        file.write(b'{"event": "Step\n' + b"\xff\xfe\n")
    directory.append(done(2))
    first, *lost, last = directory.replay()
    assert (first, last) == (done(1), done(2))
    assert [one.code for one in lost if isinstance(one, Warned)] == ["log_damaged", "log_damaged"]


def test_a_log_is_followed_from_an_offset(directory: RunDirectory) -> None:
    assert directory.read_from(0) == ([], 0)
    directory.append(done(1))
    events, offset = directory.read_from(0)
    assert events == [done(1)]
    directory.append(done(2))
    assert directory.read_from(offset)[0] == [done(2)]


def test_a_directory_is_made_once_and_only_runs_are_opened(tmp_path: Path) -> None:
    RunDirectory.create(tmp_path / "run", RECIPE)
    with pytest.raises(RunError, match="holds a run already"):
        RunDirectory.create(tmp_path / "run", RECIPE)
    with pytest.raises(RunError, match="not a run directory"):
        RunDirectory.open(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="file"):
        RunDirectory.create(tmp_path / "file" / "run", RECIPE)


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


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "manifest"])
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
    else:
        (folder / "manifest.json").write_text("{")
    loaded = directory.load("auto")
    assert loaded is not None
    assert loaded.path.endswith("step_00000001")
    if damage != "manifest":
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


def test_one_process_trains_in_a_directory(directory: RunDirectory) -> None:
    directory.claim()
    assert directory.busy
    other = RunDirectory.open(directory.path)
    with pytest.raises(SaveError, match=f"process {os.getpid()}"):
        other.claim()
    other.release()  # gives back nothing that is not its own
    assert directory.busy
    directory.release()
    other.claim()
    other.release()
    assert not directory.busy


@pytest.mark.parametrize("owner", [{"pid": 2**22 + 1, "started": 0.0}, {"started": 0.0}, None])
def test_a_claim_left_behind_is_taken_over(
    directory: RunDirectory, owner: dict[str, float] | None
) -> None:
    import socket

    # The pid of this process with another start time is a process that is gone.
    known = None if owner is None else {"pid": os.getpid(), "host": socket.gethostname(), **owner}
    (directory.path / "run.lock").write_text("cut sh" if known is None else json.dumps(known))
    directory.claim()
    assert directory.busy
    directory.release()


def test_unfinished_writes_are_swept_away(directory: RunDirectory) -> None:
    directory.save_checkpoint(1, FILES, keep=2)
    left = directory.path / "checkpoints" / ".step_00000002.abc.tmp"
    left.mkdir()
    (left / "weights").write_bytes(b"half")
    (directory.path / ".recipe.toml.abc.tmp").write_bytes(b"half")
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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_and_leaves_no_half_lines(directory: RunDirectory) -> None:
    directory.append(done(1))
    directory.close()
    kept = directory.log_path.rename(directory.path / "kept")
    directory.log_path.symlink_to("/dev/full")
    with pytest.raises(SaveError, match=r"events\.jsonl: the disk is full"):
        directory.append(done(2))
    directory.log_path.unlink()
    kept.rename(directory.log_path)
    directory.append(done(2))
    assert list(directory.replay()) == [done(1), done(2)]


def test_a_snapshot_that_cannot_be_written_is_told_in_the_log(directory: RunDirectory) -> None:
    (directory.path / "snapshots").write_text("in the way")
    events = list(directory.record(iter([done(1), snapshot(1), done(2)])))
    assert [type(one) for one in events] == [StepDone, RunStopped]
    assert list(directory.replay()) == events


def test_a_log_that_cannot_be_written_ends_the_training(directory: RunDirectory) -> None:
    closed: list[bool] = []

    def events() -> Iterator[RunEvent]:
        try:
            yield done(1)
            directory.close()
            directory.log_path.unlink()
            directory.log_path.mkdir()
            yield done(2)
            yield done(3)
        finally:
            closed.append(True)

    first, last = directory.record(events())
    assert isinstance(first, StepDone)
    assert isinstance(last, RunStopped)
    assert (last.step, last.reason) == (2, "failed")
    assert "events.jsonl" in last.error
    assert closed == [True]
