import pytest

from app.studying import Studying
from sslcore.assessment import kept
from sslcore.runs.directory import RunDirectory
from sslcore.study import reason, table
from sslcore.study.plan import FILE, grid, short
from tests.app.panels.test_study_result import swept


@pytest.fixture
def study(opened):
    recipe = opened.recipe.with_set({"method.head_hidden": 8, "method.head_output": 4})
    return grid(short(recipe, 1), {"run.seed": [0, 1]}, "knn")


@pytest.fixture
def studying(opened, qtbot):
    made = Studying(opened)
    yield made
    made.close()
    for process in made._processes.values():
        process.stop()
    qtbot.waitUntil(lambda: not any(one.alive for one in made._processes.values()), timeout=60_000)
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def test_a_study_is_worked_on_in_a_process(studying, study, qtbot):
    problems = []
    studying.failed.connect(problems.append)
    studying.list()
    assert studying.folders == []
    folder = studying.begin(study, "barlow_twins")
    assert studying.folders == [folder]
    qtbot.waitUntil(lambda: studying.shown is not None and studying.shown.working, timeout=120_000)
    qtbot.waitUntil(lambda: studying.shown.done == 2, timeout=120_000)
    qtbot.waitUntil(lambda: not studying._timer.isActive(), timeout=60_000)
    assert not studying.shown.working
    assert problems == []


def test_a_study_can_be_stopped(studying, opened, qtbot):
    endless = grid(short(opened.recipe, 5000), {"run.seed": [0, 1]}, "knn")
    folder = studying.begin(endless, "barlow_twins")
    qtbot.waitUntil(
        lambda: studying.shown is not None and studying.shown.rows[0].state == "begun",
        timeout=120_000,
    )
    assert studying.shown.working
    studying.stop(folder)
    qtbot.waitUntil(lambda: not studying.shown.working, timeout=120_000)
    assert studying.shown.done == 0


def test_a_study_counts_as_worked_on_before_its_process_has_loaded(studying, study, qtbot):
    folder = studying.begin(study, "barlow_twins")
    qtbot.waitUntil(lambda: studying.shown is not None, timeout=20_000)
    assert studying.shown.working
    (process,) = studying._processes.values()
    studying.go_on(folder)  # once is enough
    assert list(studying._processes.values()) == [process]
    studying.stop(folder)
    qtbot.waitUntil(lambda: not studying.shown.working, timeout=120_000)


def test_why_a_study_is_not_closed_is_read(studying, study, opened, qtbot):
    folder = studying.home / "closed"
    folder.mkdir(parents=True)
    study = study.model_copy(update={"closing": "negatives"})
    study.save(folder)
    reason.keep(folder, "no sweep today")
    studying.choose(folder)
    qtbot.waitUntil(lambda: studying.shown is not None, timeout=20_000)
    assert (studying.shown.closing, studying.shown.unclosed) == (None, "no sweep today")
    assert not studying.shown.finished
    directory = RunDirectory.create(table.run_path(folder, study.trials[0]), opened.recipe)
    kept.save(directory, swept("More is more."))  # by a person, in the run of the trial
    studying.choose(folder)
    qtbot.waitUntil(lambda: studying.shown is not None, timeout=20_000)
    assert studying.shown.closing == swept("More is more.")
    assert studying.shown.unclosed == ""


def test_a_damaged_study_is_told(studying, study, qtbot):
    folder = studying.home / "damaged"
    folder.mkdir(parents=True)
    study.save(folder)
    (folder / FILE).write_text("{")
    studying.list()
    with qtbot.waitSignal(studying.failed, timeout=20_000) as told:
        studying.choose(folder)
    assert "damaged" in told.args[0]
    assert studying.shown is None


def test_a_folder_that_cannot_be_written_is_told(studying, study, qtbot):
    studying.home.parent.mkdir(parents=True, exist_ok=True)
    studying.home.write_text("a file in the way")
    with qtbot.waitSignal(studying.failed):
        assert studying.begin(study, "barlow_twins") is None
