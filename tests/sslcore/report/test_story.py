"""What is gathered from a run directory."""

import shutil
from pathlib import Path

import pytest

from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.export.source import Source
from sslcore.report.story import Story
from sslcore.runs.directory import RunDirectory, RunError


def copied(source: Source, out: Path) -> Path:
    shutil.copytree(source.directory.path, out)
    return out


def test_everything_of_a_finished_run(matrix: Source) -> None:
    story = Story.read(matrix.directory, Watch())
    assert story.name == "matrix"
    assert story.card.title == "Barlow Twins"
    assert story.recipe.data.folder == Path(matrix.opened.recipe.data.folder).name
    assert story.record.step == 6
    assert story.shown_epoch == 2.0
    assert {spec.kind for spec, _ in story.shown} >= {"heatmap"}
    assert story.probe.catalogue is not None
    assert story.problems == []


def test_a_run_that_never_got_to_a_checkpoint(matrix: Source, tmp_path: Path) -> None:
    path = copied(matrix, tmp_path / "run")
    shutil.rmtree(path / "checkpoints")
    (path / "events.jsonl").unlink()
    story = Story.read(RunDirectory.open(path), Watch())
    assert story.record.started is None
    assert story.verdict.headline == "Not started yet"
    assert story.shown == []
    assert story.probe.reason == "No features were saved."


def test_damage_is_told_and_passed_over(matrix: Source, tmp_path: Path) -> None:
    path = copied(matrix, tmp_path / "run")
    (path / "snapshots" / "step_00000006.npz").write_bytes(b"no")
    for one in (path / "checkpoints").glob("*/weights.safetensors"):
        one.write_bytes(b"no")
    story = Story.read(RunDirectory.open(path), Watch())
    assert story.shown_epoch == pytest.approx(4 / 3)
    assert len(story.problems) == 2
    assert "every checkpoint is damaged" in story.problems[0]
    assert "step_00000006.npz" in story.problems[1]


def test_what_is_no_run_and_calling_off(matrix: Source, tmp_path: Path) -> None:
    with pytest.raises(RunError):
        RunDirectory.open(tmp_path)
    with pytest.raises(Cancelled):
        Story.read(matrix.directory, Watch(cancelled=lambda: True))
