"""What is read of trials from the disk."""

from pathlib import Path

from sslcore.assessment import kept
from sslcore.assessment.kinds.linear import LinearConfig, LinearFinding, LinearScores
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory
from sslcore.study import reason, table
from sslcore.study.plan import grid


def scores(top_1: float) -> LinearScores:
    return LinearScores(
        top_1=top_1, top_5=1.0, penalty=0.1, converged=True, per_class=(), confusion=(),
        predicted=(),
    )  # fmt: skip


def test_states_of_a_trial(recipe: Recipe, tmp_path: Path) -> None:
    study = grid(recipe, {"run.seed": [0]}, "linear")
    trial = study.trials[0]
    assert table.row(tmp_path, study, trial) == table.Row(trial, "waiting")
    path = table.run_path(tmp_path, trial)
    directory = RunDirectory.create(path, recipe)
    log = path / "events.jsonl"
    log.write_text('{"event": "StepDone", "epoch": 0.5}\n{"event": "Ste')
    found = table.row(tmp_path, study, trial)
    assert (found.state, found.epochs) == ("begun", 0.5)
    log.write_text('{"event": "RunStopped", "reason": "failed", "error": "no folder"}\n')
    found = table.row(tmp_path, study, trial)
    assert (found.state, found.error) == ("failed", "no folder")
    log.write_text('{"event": "RunStopped", "reason": "completed"}\n')
    assert table.row(tmp_path, study, trial) == table.Row(trial, "trained", trained=True)
    reason.keep(path, "no labels")
    found = table.row(tmp_path, study, trial)
    assert (found.state, found.trained) == ("failed", True)
    assert found.error == "trained, but not measured: no labels"
    finding = LinearFinding(
        classes=("a",), rows=(), truth=(), scores={"trained": scores(0.7), "untrained": scores(0.2)}
    )
    measured = kept.save(
        directory, kept.Kept("linear", 9, 1.0, 0.0, 1.0, (8, 2), LinearConfig(), finding)
    )
    found = table.row(tmp_path, study, trial)
    assert (found.state, found.score, found.untrained) == ("measured", 0.7, 0.2)
    measured.write_text("{")  # damaged: to be measured again
    reason.forget(path)
    assert table.row(tmp_path, study, trial).state == "trained"


def test_a_trial_that_could_not_begin(recipe: Recipe, tmp_path: Path) -> None:
    study = grid(recipe, {"run.seed": [0]}, "linear")
    (trial,) = study.trials
    path = table.run_path(tmp_path, trial)
    reason.keep(path, "no room")
    assert table.row(tmp_path, study, trial) == table.Row(trial, "failed", error="no room")
    (path / "events.jsonl").write_text('{"event": "StepDone", "epoch": 0.5}\n')
    found = table.row(tmp_path, study, trial)  # its recipe is gone
    assert (found.state, found.trained) == ("failed", False)
    assert "recipe.toml: missing" in found.error
    RunDirectory(path).replace_recipe(recipe)
    assert table.row(tmp_path, study, trial).error == "no room"
    reason.forget(path)
    assert table.row(tmp_path, study, trial).state == "begun"
