"""Runs are made, resumed, interrupted and steered from a terminal."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from sslcore.__main__ import main
from sslcore.commands.training import settings
from sslcore.data.catalogue import scan
from sslcore.events import RunEvent, StepDone
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from tests.sslcore.commands.small import train


def test_a_trained_run_says_so_and_can_be_resumed(
    trained: Path, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = RunRecord.fold(RunDirectory.open(trained).replay())
    assert (record.step, record.state) == (6, "stopped")
    assert main(["train", "--resume", "auto", "--out", str(trained)]) == 0
    assert f"Completed 6 steps: {trained}" in capsys.readouterr().out
    # More epochs than before: it goes on where it was.
    longer = ["train", "--out", str(trained), "--set", "schedule.epochs=3"]
    assert main(longer) == 0
    record = RunRecord.fold(RunDirectory.open(trained).replay())
    assert record.step == 9
    assert record.series["loss"].steps.tolist() == list(range(1, 10))
    assert RunDirectory.open(trained).recipe().schedule.epochs == 3


def test_ctrl_c_saves_stops_and_says_how_to_go_on(
    images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    append = RunDirectory.append

    def interrupted(self: RunDirectory, event: RunEvent) -> None:
        append(self, event)
        if isinstance(event, StepDone) and event.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(RunDirectory, "append", interrupted)
    out = tmp_path / "run"
    assert train(images, "--method", "simclr", "--out", out) == 130
    assert f'sslcore train --resume auto --out "{out}"' in capsys.readouterr().out
    monkeypatch.undo()
    assert main(["train", "--out", str(out)]) == 0
    record = RunRecord.fold(RunDirectory.open(out).replay())
    assert record.series["loss"].steps.tolist() == [1, 2, 3, 4, 5, 6]


def test_a_run_is_steered_through_its_directory(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, append = tmp_path / "run", RunDirectory.append

    def steered(self: RunDirectory, event: RunEvent) -> None:
        append(self, event)
        if isinstance(event, StepDone) and event.step == 1:
            self.send("stop")

    monkeypatch.setattr(RunDirectory, "append", steered)
    assert train(images, "--method", "simclr", "--set", "schedule.epochs=100000", "--out", out,
                 small=True) == 0  # fmt: skip
    record = RunRecord.fold(RunDirectory.open(out).replay())
    assert record.stopped is not None
    assert record.stopped.reason == "stopped"


def test_settings() -> None:
    assert settings(["a.b=1", "c = x=y"]) == {"a.b": 1, "c": "x=y"}


def test_a_recipe_that_does_not_fit_does_not_replace_the_one_that_did(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    before = (run / "recipe.toml").read_text()
    assert main(["train", "--out", str(run), "--set", "backbone.width=8"]) == 2
    assert "does not fit the recipe" in capsys.readouterr().err
    assert (run / "recipe.toml").read_text() == before
    assert main(["train", "--out", str(run)]) == 0


def test_a_run_that_cannot_begin_leaves_no_directory(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone, run = tmp_path / "alone", tmp_path / "runs" / "run"
    alone.mkdir()
    shutil.copy(next(images.rglob("*.png")), alone)
    for folder in (alone, tmp_path / "nowhere"):
        assert main(["train", str(folder), "--method", "simclr", "--out", str(run)]) == 2
        assert str(folder) in capsys.readouterr().err
        assert not run.exists()
    run.mkdir(parents=True)
    (run / "recipe.toml").write_text('[data]\nfolder = "nowhere"\n[method]\nkey = "simclr"\n')
    assert main(["train", "--out", str(run)]) == 2
    assert (run / "recipe.toml").exists(), "somebody else's"


@pytest.mark.parametrize("damage", ["garbage {{", None])
def test_a_lost_recipe_can_be_brought_along(
    trained: Path, tmp_path: Path, damage: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    run, copy = tmp_path / "run", tmp_path / "copy.toml"
    shutil.copytree(trained, run)
    shutil.copy(run / "recipe.toml", copy)
    if damage is None:
        (run / "recipe.toml").unlink()
    else:
        (run / "recipe.toml").write_text(damage)
    assert main(["train", "--out", str(run)]) == 2
    line = capsys.readouterr().err
    assert "recipe.toml" in line
    assert "--recipe FILE" in line
    assert main(["train", "--out", str(run), "--recipe", str(copy)]) == 0
    assert RunDirectory.open(run).recipe() == Recipe.from_file(copy)


def test_warnings_are_whole_sentences(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "images"
    shutil.copytree(images, folder)
    (folder / "dark" / "00.png").write_bytes(b"")
    assert train(folder, "--method", "simclr", "--out", tmp_path / "run") == 0
    assert "used as it is: dark/00.png: empty: the file has no bytes. Tr" in capsys.readouterr().err


def test_images_can_be_excluded_by_a_list(
    images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--method", "simclr", "--set", "data.excluded=without.txt"]
    assert train(images, *words, "--out", "run") == 2
    assert "without.txt" in capsys.readouterr().err
    assert not Path("run").exists()
    assert train(images, "--method", "simclr", "--out", "whole") == 0
    recipe = RunDirectory.open(Path("whole")).recipe()
    catalogue = scan(images)
    gone = [catalogue.paths[row] for row in recipe.data.split(catalogue).train[:8]]
    Path("without.txt").write_text("\n".join(gone))
    assert train(images, *words, "--out", "run") == 0
    Path("without.txt").unlink()
    kept = RunDirectory.open(Path("run").absolute()).recipe()
    assert len(kept.data.split(catalogue).train) == len(recipe.data.split(catalogue).train) - 8
    assert main(["train", "--out", "run", "--set", "schedule.epochs=3"]) == 0
    assert main(["evaluate", "run"]) == 0
