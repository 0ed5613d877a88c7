"""A run directory survives being killed, damaged and shared."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sslcore.diagnostics import DiagnosticSpec, heatmap, histogram
from sslcore.engine.store import SaveError
from sslcore.events import Paused, RunEvent, RunStopped, Snapshot, StepDone, Warned
from sslcore.recipe import Recipe
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


def test_an_end_that_cannot_be_written_keeps_its_reason(directory: RunDirectory) -> None:
    directory.log_path.mkdir()
    end = RunStopped(3, "failed", "checkpoints: the disk is full")
    assert list(directory.record(iter([end]))) == [end]


@pytest.mark.parametrize("name", ["snapshots", "checkpoints", "embeddings"])
def test_folders_of_something_else_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "home" / name / "step_1000").mkdir(parents=True)
    with pytest.raises(RunError, match=f"holds '{name}' of something else"):
        RunDirectory.create(tmp_path / "home", RECIPE)


def test_a_run_without_its_recipe_says_what_to_do(directory: RunDirectory) -> None:
    directory.append(done(1))
    (directory.path / "recipe.toml").unlink()
    with pytest.raises(RunError, match=r"recipe\.toml: missing.*--recipe FILE"):
        RunDirectory.open(directory.path)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps open files where they are")
@pytest.mark.parametrize("how", ["removed", "moved"])
def test_a_directory_that_goes_away_ends_the_training(
    directory: RunDirectory, tmp_path: Path, how: str
) -> None:
    directory.append(done(1))
    if how == "moved":
        directory.path.rename(tmp_path / "elsewhere")
    else:
        shutil.rmtree(directory.path)
    last = list(directory.record(iter([done(2), done(3)])))[-1]
    assert isinstance(last, RunStopped)
    assert (last.reason, "was removed or moved" in last.error) == ("failed", True)


def test_a_run_of_another_process_gets_no_line_of_ours(directory: RunDirectory) -> None:
    directory.append(done(1))
    directory.claim()
    late = RunDirectory.open(directory.path)
    with pytest.raises(SaveError, match="trains here already"):
        late.claim()
    late.append(RunStopped(0, "failed", "trains here already", 0.0))
    assert list(directory.replay()) == [done(1)]
    directory.release()
    late.claim()
    late.append(done(2))
    assert list(directory.replay()) == [done(1), done(2)]
    late.close()
    late.release()


def test_a_run_that_never_began_can_be_taken_back(tmp_path: Path) -> None:
    one = RunDirectory.create(tmp_path / "run", RECIPE)
    one.append(RunStopped(0, "failed", "no images"))
    assert one.discard()
    assert not one.path.exists()
    assert not one.discard(), "there is nothing any more"


def test_only_what_is_empty_and_one_s_own_is_taken_back(directory: RunDirectory) -> None:
    directory.append(RunStopped(0, "failed", "no images"))
    assert not RunDirectory.open(directory.path).discard(), "made by somebody else"
    (directory.path / "notes.txt").write_text("mine")
    directory.append(started())
    assert not directory.discard(), "it had begun"
    assert (directory.path / "recipe.toml").exists()
    directory.log_path.unlink()
    assert directory.discard()
    assert [one.name for one in directory.path.iterdir()] == ["notes.txt"]
