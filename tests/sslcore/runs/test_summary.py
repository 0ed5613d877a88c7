"""A run at a glance agrees with its whole log."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sslcore.data.pool import Cancelled
from sslcore.events import Evaluated, RunEvent, RunStopped
from sslcore.recipe import Recipe
from sslcore.runs import summary
from sslcore.runs.directory import RunDirectory
from sslcore.runs.notes import Notes, write
from sslcore.runs.record import RunRecord
from tests.sslcore.runs.test_record import done, started

RECIPE = Recipe.parse({"method": {"key": "simclr"}, "data": {"folder": "/data/cats"}})


def made(path: Path, *events: RunEvent) -> Path:
    directory = RunDirectory.create(path, RECIPE)
    for event in events:
        directory.append(event)
    directory.close()
    return path


def evaluated(step: int, accuracy: float) -> Evaluated:
    return Evaluated(step, step / 10, {"knn_20": accuracy, "feature_std": 0.1})


def test_a_finished_run(tmp_path: Path) -> None:
    start = started()
    path = made(
        tmp_path / "run",
        Evaluated(0, 0.0, {"knn_20": 0.9}, reference=True),
        start,
        done(1, 5.0),
        evaluated(1, 0.25),
        done(2, 4.5),
        RunStopped(2, "completed"),
    )
    write(path, Notes(("good",), "remember"))
    found = summary.read(path)
    record = RunRecord.fold(RunDirectory.open(path).replay())
    assert (found.name, found.method, found.title) == ("run", "simclr", start.title)
    assert (found.folder, found.backbone) == ("/data/cats", "resnet_small")
    assert (found.step, found.epoch) == (record.step, record.epoch)
    assert (found.loss, found.knn) == (record.series["loss"].last, 0.25)
    assert (found.epochs, found.images, found.started) == (start.epochs, start.images, start.time)
    assert (found.state, found.error, found.problem) == ("completed", "", "")
    assert found.notes == Notes(("good",), "remember")
    assert found.recipe["schedule.epochs"] == RECIPE.schedule.epochs


def test_states(tmp_path: Path) -> None:
    new = made(tmp_path / "new")
    assert summary.read(new).state == "new"
    assert summary.read(new).epochs == RECIPE.schedule.epochs
    cut = made(tmp_path / "cut", started(), done(1))
    assert summary.read(cut).state == "interrupted"
    failed = made(tmp_path / "failed", started(), done(1), RunStopped(1, "failed", "why"))
    assert (summary.read(failed).state, summary.read(failed).error) == ("failed", "why")
    again = made(
        tmp_path / "a", started(), done(1), RunStopped(1, "stopped"), started(first_step=1)
    )
    assert summary.read(again).state == "interrupted"
    directory = RunDirectory.open(again)
    directory.claim()
    assert summary.read(again).state == "training"
    directory.release()


@pytest.mark.parametrize("after", [0, 1])
def test_what_was_done_anew_after_a_resume_does_not_count(tmp_path: Path, after: int) -> None:
    events: list[RunEvent] = [started(), done(1, 5.0), evaluated(1, 0.2), done(2, 4.0)]
    events += [evaluated(2, 0.8), done(3, 3.0), RunStopped(3, "failed", "x"), started(first_step=1)]
    events += [done(2, 4.4)] * after
    path = made(tmp_path / "run", *events)
    found, record = summary.read(path), RunRecord.fold(RunDirectory.open(path).replay())
    assert found.step == record.step
    assert found.knn == record.metrics["knn_20"].last == 0.2
    assert found.error == ""
    if after:
        assert found.loss == record.series["loss"].last == 4.4


def test_linear_accuracy_is_that_of_the_newest_finding(tmp_path: Path) -> None:
    path = made(tmp_path / "run", started(), done(1))
    folder = path / "evaluations"
    folder.mkdir()
    for name, step, made_at, value in (
        ("00000001", 1, 9, 0.3),
        ("00000012-aaaaaaaa", 12, 6, 0.6),
        ("00000012-bbbbbbbb", 12, 5, 0.5),
    ):
        scores = {"trained": {"top_1": value}}
        document = {"step": step, "made": made_at, "finding": {"scores": scores}}
        (folder / f"linear-step_{name}.json").write_text(json.dumps(document))
    assert summary.read(path).linear == 0.6
    (folder / "linear-step_00000012-aaaaaaaa.json").write_text("{")
    assert summary.read(path).linear == 0.5
    (folder / "linear-step_00000012-bbbbbbbb.json").unlink()
    assert summary.read(path).linear == 0.3


def test_damage_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = made(tmp_path / "run", started(), done(1, 2.5), done(2, 2.0))
    with (path / "events.jsonl").open("ab") as file:
        file.write(b'{"event": "StepDone", "step": 3, "los')
    assert summary.read(path).loss == 2.0
    (path / "recipe.toml").write_text("a = ")
    (path / "notes.json").write_text("no")
    found = summary.read(path)
    assert "recipe.toml cannot be read" in found.problem
    assert "notes.json: damaged" in found.problem
    assert (found.loss, found.title) == (2.0, started().title)


def test_a_long_log_is_read_from_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [done(n, 10.0 / n) for n in range(1, 400)]
    path = made(tmp_path / "run", started(), evaluated(0, 0.4), *steps)
    parsed: list[str] = []
    real = summary.from_line
    monkeypatch.setattr(summary, "from_line", lambda line: parsed.append(line) or real(line))
    for block in (64, 1 << 18):
        monkeypatch.setattr(summary, "_BLOCK", block)
        parsed.clear()
        found = summary.read(path)
        assert (found.loss, found.knn, found.step) == (10.0 / 399, 0.4, 399)
        assert len(parsed) == 3, "of the steps only the last is looked into"


def test_runs_are_found_within_folders_and_not_within_runs(tmp_path: Path) -> None:
    made(tmp_path / "b")
    made(tmp_path / "studies" / "one" / "runs" / "trial")
    made(tmp_path / "b" / "inner")
    made(tmp_path / "a" / "b" / "c" / "d" / "too deep")
    (tmp_path / ".hidden").mkdir()
    shutil.copytree(tmp_path / "b", tmp_path / ".hidden" / "run")
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    told: list[tuple[int, int]] = []
    found = summary.survey(tmp_path, lambda *one: told.append(one))
    assert [one.name for one in found] == ["b", "studies/one/runs/trial"]
    assert told == [(0, 2), (1, 2)]
    assert summary.survey(tmp_path / "nowhere") == []
    with pytest.raises(Cancelled):
        summary.survey(tmp_path, cancelled=lambda: True)


def test_recipes_are_flattened() -> None:
    given = {"a": {"b": 1, "c": [{"d": 2}, {"d": 3}]}, "e": [1, 2]}
    assert summary.flat(given) == {"a.b": 1, "a.c.0.d": 2, "a.c.1.d": 3, "e": [1, 2]}


def test_it_needs_no_torch(tmp_path: Path) -> None:
    made(tmp_path / "run", replace(started()), done(1))
    program = (
        "import sys; from pathlib import Path; from sslcore.runs import summary, difference\n"
        f"assert summary.survey(Path({str(tmp_path)!r}))[0].step == 1\n"
        "assert not {'torch', 'pydantic'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
