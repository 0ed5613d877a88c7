"""What is read of trials from the disk."""

from pathlib import Path

from sslcore.assessment import kept
from sslcore.assessment.kinds.linear import LinearConfig, LinearFinding, LinearScores
from sslcore.assessment.kinds.negatives import (
    Between,
    NegativesConfig,
    NegativesFinding,
    SweepPoint,
)
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory
from sslcore.study import reason, table
from sslcore.study.plan import grid


def scores(top_1: float) -> LinearScores:
    return LinearScores(
        top_1=top_1, top_5=1.0, penalty=0.1, converged=True, per_class=(), confusion=(),
        predicted=(),
    )  # fmt: skip


def measure(directory: RunDirectory, made: float) -> Path:
    finding = LinearFinding(
        classes=("a",), rows=(), truth=(), scores={"trained": scores(0.7), "untrained": scores(0.2)}
    )
    return kept.save(
        directory, kept.Kept("linear", 9, 1.0, made, 1.0, (8, 2), LinearConfig(), finding)
    )


def sweep(directory: RunDirectory, made: float) -> None:
    between = Between(mean=0.4, low=0.4, high=0.4)
    point = SweepPoint(negatives=62, ceiling=4.1, runs=("a",), values={"knn": between})
    finding = NegativesFinding(
        method="SimCLR", own=62, points=(point,), epochs=(1.0, 1.0), others=(), sentences=(),
    )  # fmt: skip
    kept.save(
        directory, kept.Kept("negatives", 9, 1.0, made, 1.0, (8, 2), NegativesConfig(), finding)
    )


def test_what_a_study_was_closed_with_is_newer_than_every_trial(
    recipe: Recipe, tmp_path: Path
) -> None:
    study = grid(recipe, {"run.seed": [0, 1, 2]}, "linear")
    closed = study.model_copy(update={"closing": "negatives"})
    assert table.closing(tmp_path, closed) is None
    runs = [RunDirectory.create(table.run_path(tmp_path, one), recipe) for one in study.trials]
    for directory in runs:
        (directory.path / "events.jsonl").write_text(
            '{"event": "RunStopped", "reason": "completed"}\n'
        )
    measure(runs[0], 3.0)
    sweep(runs[0], 3.0)  # a clock may stand still for a moment
    found = table.closing(tmp_path, closed)
    assert found is not None
    assert found.made == 3.0
    assert table.closing(tmp_path, study) is None, "this one is closed with nothing"
    measure(runs[1], 3.5)
    assert table.closing(tmp_path, closed) is None
    assert table.closing(tmp_path, closed, table.rows(tmp_path, closed)) is None
    sweep(runs[1], 4.0)
    measure(runs[0], 5.0)  # the earlier trial, measured once more
    assert table.closing(tmp_path, closed) is None
    sweep(runs[0], 6.0)
    found = table.closing(tmp_path, closed)
    assert found is not None
    assert found.made == 6.0
    measure(runs[2], 7.0)
    assert table.closing(tmp_path, closed) is None


def test_why_a_study_is_not_closed(recipe: Recipe, tmp_path: Path) -> None:
    study = grid(recipe, {"run.seed": [0]}, "linear")
    closed = study.model_copy(update={"closing": "negatives"})
    assert table.unclosed(tmp_path, closed) == ""
    reason.keep(tmp_path, "no sweep today")
    assert table.unclosed(tmp_path, closed) == "no sweep today"
    assert table.unclosed(tmp_path, study) == ""


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
    measured = measure(directory, 5.0)
    found = table.row(tmp_path, study, trial)
    assert (found.state, found.score, found.untrained) == ("measured", 0.7, 0.2)
    assert found.made == 5.0
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
