"""A study is worked through, stopped, resumed; what fails does not stop the rest."""

from pathlib import Path
from typing import Any

import pytest

from sslcore.assessment import kept
from sslcore.assessment.contract import Assessment
from sslcore.assessment.kinds.collapse import CollapseFinding
from sslcore.assessment.kinds.negatives import NegativesFinding
from sslcore.assessment.subject import Subject
from sslcore.config import ConfigError
from sslcore.data.pool import Cancelled
from sslcore.engine.control import Control
from sslcore.engine.store import CheckpointError, SaveError
from sslcore.recipe import Recipe
from sslcore.runs import atomic
from sslcore.runs.claim import Claim
from sslcore.runs.directory import RunDirectory
from sslcore.study import queue, reason, table
from sslcore.study.plan import Study, grid


def states(folder: Path) -> list[str]:
    study = Study.open(folder)
    return [one.state for one in table.rows(folder, study)]


@pytest.fixture
def folder(recipe: Recipe, tmp_path: Path) -> Path:
    grid(recipe, {"run.seed": [0, 1]}).save(tmp_path)
    return tmp_path


def test_every_trial_has_its_turn(folder: Path) -> None:
    assert states(folder) == ["waiting", "waiting"]
    told: list[queue.Progress] = []
    assert queue.work(folder, Control(), told.append) == "completed"
    assert [(one.number, one.total) for one in told][-1] == (2, 2)
    assert "Training" in {one.words for one in told}
    assert max(one.part for one in told) == 1.0
    rows = table.rows(folder, Study.open(folder))
    assert [one.state for one in rows] == ["measured"] * 2
    assert all(0 <= (one.score or 0) <= 1 and one.untrained is not None for one in rows)
    # Nothing is done twice.
    again: list[queue.Progress] = []
    assert queue.work(folder, Control(), again.append) == "completed"
    assert again == []


def test_a_stopped_study_goes_on(folder: Path) -> None:
    control = Control()

    def stop(now: queue.Progress) -> None:
        if now.words == "Training" and now.number == 1:
            control.stop()

    assert queue.work(folder, control, stop) == "stopped"
    assert states(folder)[1] == "waiting"
    assert queue.work(folder, Control(), lambda _: None) == "completed"
    assert states(folder) == ["measured", "measured"]
    trial = Study.open(folder).trials[0]
    kinds = [
        type(one).__name__ for one in RunDirectory.open(table.run_path(folder, trial)).replay()
    ]
    assert kinds.count("RunStopped") == 2  # stopped once, completed once


def test_a_trial_that_fails_is_passed_over(recipe: Recipe, tmp_path: Path) -> None:
    study = grid(recipe, {"data.folder": [str(tmp_path / "gone"), recipe.data.folder]})
    study.save(tmp_path)
    assert queue.work(tmp_path, Control(), lambda _: None) == "completed"
    rows = table.rows(tmp_path, study)
    assert [one.state for one in rows] == ["failed", "measured"]
    assert "gone" in rows[0].error


def test_a_trial_whose_finding_cannot_be_kept_is_not_passed_over_unsaid(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = atomic.write

    def refuse(path: Path, content: bytes) -> None:
        if path.parent.name == kept.FOLDER:
            raise SaveError(f"{path}: the disk is full")
        write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(atomic, "write", refuse)
        with pytest.raises(SaveError, match="the disk is full"):
            queue.work(folder, Control(), lambda _: None)
    assert states(folder) == ["trained", "waiting"]


def broken(monkeypatch: pytest.MonkeyPatch, error: Exception, *seeds: int) -> list[int]:
    """Measuring the trials of some seeds raises; returns the seeds that were measured."""
    tried: list[int] = []
    measure = kept.measure

    def failing(one: Assessment, subject: Subject, *rest: Any) -> kept.Kept:
        seed = subject.recipe.run.seed
        tried.append(seed)
        if seed in seeds:
            raise error
        return measure(one, subject, *rest)

    monkeypatch.setattr(queue.kept, "measure", failing)
    return tried


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("features: NaN in row 3"), "features: NaN in row 3"),
        (ConfigError("data.folder: nowhere"), "data.folder: nowhere"),
        (CheckpointError("step_9: damaged"), "step_9: damaged"),
        (MemoryError(), "Out of memory"),
        (RuntimeError("lapack gave up"), "Internal error (RuntimeError): lapack gave up"),
    ],
)
def test_a_measurement_that_fails_does_not_end_the_study(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    with monkeypatch.context() as patched:
        tried = broken(patched, error, 0)
        assert queue.work(folder, Control(), lambda _: None) == "completed"
        assert tried == [0, 1]
    first, second = table.rows(folder, Study.open(folder))
    assert (first.state, first.trained, second.state) == ("failed", True, "measured")
    assert first.error.startswith(f"trained, but not measured: {words}")
    # Going on tries it again, as a training that failed; it is not trained once more.
    told: list[queue.Progress] = []
    assert queue.work(folder, Control(), told.append) == "completed"
    assert "Training" not in {one.words for one in told}
    assert states(folder) == ["measured", "measured"]
    assert reason.kept(table.run_path(folder, first.trial)) == ""


def test_a_measurement_called_off_is_no_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch, Cancelled("called off"), 0)
    assert queue.work(folder, Control(), lambda _: None) == "stopped"
    assert states(folder) == ["trained", "waiting"]


def test_what_cannot_even_begin_is_passed_over(folder: Path) -> None:
    path = table.run_path(folder, Study.open(folder).trials[0])
    (path / "snapshots").mkdir(parents=True)  # of something else
    assert queue.work(folder, Control(), lambda _: None) == "completed"
    first, second = table.rows(folder, Study.open(folder))
    assert (first.state, first.trained, second.state) == ("failed", False, "measured")
    assert "holds 'snapshots' of something else" in first.error


def test_trials_without_classes_are_judged_by_their_rank(recipe: Recipe, tmp_path: Path) -> None:
    grid(recipe.with_set({"data.labels": "none"}), {"run.seed": [0]}, "rank").save(tmp_path)
    assert queue.work(tmp_path, Control(), lambda _: None) == "completed"
    (row,) = table.rows(tmp_path, Study.open(tmp_path))
    assert row.state == "measured"
    found = kept.newest(RunDirectory.open(table.run_path(tmp_path, row.trial)), "collapse")
    assert found is not None
    assert isinstance(found.finding, CollapseFinding)
    own = found.finding.spaces["trained"].figures
    assert row.score == own.rank_me / own.dimensions
    assert row.untrained not in (None, row.score)


def test_one_process_at_a_time(folder: Path) -> None:
    other = Claim(folder / queue.LOCK)
    other.take()
    try:
        with pytest.raises(SaveError):
            queue.work(folder, Control(), lambda _: None)
    finally:
        other.release()
    assert states(folder) == ["waiting", "waiting"]


def closed_with(recipe: Recipe, folder: Path) -> Study:
    study = grid(recipe, {"schedule.batch_size": [4, 8]}).model_copy(
        update={"closing": "negatives"}
    )
    study.save(folder)
    return study


def test_a_study_is_closed_once_all_are_measured(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = closed_with(recipe, tmp_path)
    asked: list[str] = []
    measure = kept.measure

    def noted(one: Assessment, subject: Subject, *rest: Any) -> kept.Kept:
        asked.append(f"{one.key} {subject.directory.path.name}")
        return measure(one, subject, *rest)

    monkeypatch.setattr(queue.kept, "measure", noted)
    assert queue.work(tmp_path, Control(), lambda _: None) == "completed"
    first, last = (one.name for one in study.trials)
    assert asked == [f"knn {first}", f"knn {last}", f"negatives {last}"]
    found = table.closing(tmp_path, study)
    assert found is not None
    assert isinstance(found.finding, NegativesFinding)
    assert [one.negatives for one in found.finding.points] == [6, 14]
    assert queue.work(tmp_path, Control(), lambda _: None) == "completed"
    assert len(asked) == 3  # nothing is done twice
    for path in (table.run_path(tmp_path, study.trials[1]) / kept.FOLDER).glob("negatives-*"):
        path.write_text("{")  # damaged
    assert table.closing(tmp_path, study) is None
    assert queue.work(tmp_path, Control(), lambda _: None) == "completed"
    assert asked[3:] == [f"negatives {last}"]  # it alone was missing


def unclosable(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Measuring what a study is closed with raises."""
    measure = kept.measure

    def failing(one: Assessment, subject: Subject, *rest: Any) -> kept.Kept:
        if one.key == "negatives":
            raise error
        return measure(one, subject, *rest)

    monkeypatch.setattr(queue.kept, "measure", failing)


def test_a_study_that_cannot_be_closed_keeps_its_trials(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = closed_with(recipe, tmp_path)
    for error, words in (
        (ValueError("no sweep today"), "no sweep today"),
        (RuntimeError("lapack gave up"), "Internal error (RuntimeError): lapack gave up"),
    ):
        with monkeypatch.context() as patched:
            unclosable(patched, error)
            assert queue.work(tmp_path, Control(), lambda _: None) == "completed"
        assert states(tmp_path) == ["measured"] * 2
        assert table.closing(tmp_path, study) is None
        assert table.unclosed(tmp_path, study).startswith(words)
    control = Control()
    assert queue.work(tmp_path, control, lambda _: control.stop()) == "stopped"
    assert table.closing(tmp_path, study) is None
    assert table.unclosed(tmp_path, study) == ""  # it was begun anew
    assert queue.work(tmp_path, Control(), lambda _: None) == "completed"
    assert table.closing(tmp_path, study) is not None


def test_a_closing_called_off_leaves_no_older_one_standing(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = grid(recipe, {"schedule.batch_size": [4, 8], "run.seed": [0, 1]}).model_copy(
        update={"closing": "negatives"}
    )
    study.save(tmp_path)
    with monkeypatch.context() as patched:
        broken(patched, ValueError("features: NaN in row 3"), 1)
        assert queue.work(tmp_path, Control(), lambda _: None) == "completed"
    assert states(tmp_path) == ["measured", "failed"] * 2
    older = table.closing(tmp_path, study)
    assert older is not None
    with monkeypatch.context() as patched:
        unclosable(patched, Cancelled("called off"))
        assert queue.work(tmp_path, Control(), lambda _: None) == "stopped"
    assert states(tmp_path) == ["measured"] * 4
    assert table.closing(tmp_path, study) is None
    assert queue.work(tmp_path, Control(), lambda _: None) == "completed"
    found = table.closing(tmp_path, study)
    assert found is not None
    assert isinstance(found.finding, NegativesFinding)
    assert [len(one.runs) for one in found.finding.points] == [2, 2]
