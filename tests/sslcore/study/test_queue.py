"""A study is worked through, stopped, resumed; what fails does not stop the rest."""

from pathlib import Path

import pytest

from sslcore.engine.control import Control
from sslcore.engine.store import SaveError
from sslcore.recipe import Recipe
from sslcore.runs.claim import Claim
from sslcore.runs.directory import RunDirectory
from sslcore.study import queue, table
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
    assert all(0 <= (one.accuracy or 0) <= 1 and one.untrained is not None for one in rows)
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


def test_one_process_at_a_time(folder: Path) -> None:
    other = Claim(folder / queue.LOCK)
    other.take()
    try:
        with pytest.raises(SaveError):
            queue.work(folder, Control(), lambda _: None)
    finally:
        other.release()
    assert states(folder) == ["waiting", "waiting"]
