import pytest
from PySide6.QtCore import Qt

from app.panels.studies import StudiesPage, named
from app.studying import Standing, Studying
from sslcore.study import table
from sslcore.study.plan import grid, short
from tests.app.panels import trained
from tests.app.panels.reachable import unnamed


@pytest.fixture
def study(opened):
    return grid(short(opened.recipe, 1), {"run.seed": [0, 1]}, "knn")


@pytest.fixture
def page(opened, qtbot):
    made = StudiesPage(opened, Studying(opened))
    qtbot.addWidget(made)
    made.resize(1000, 640)
    made.show()
    yield made
    made.studying.close()
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def test_without_a_study_it_says_what_one_is(page):
    assert page.empty.isVisible()
    assert not page.box.isVisible()
    assert unnamed(page) == []


def test_a_study_of_another_session_is_shown(page, study, qtbot):
    folder = page.studying.home / "earlier"
    folder.mkdir(parents=True)
    study.save(folder)
    page.studying.list()
    page.studying.choose(folder)
    qtbot.waitUntil(page.result.isVisible, timeout=20_000)
    assert page.card.title == "run.seed"
    assert page.action.text() == "Go on"
    assert page.box.currentText() == "earlier"
    assert unnamed(page) == []


def test_the_button_stops_a_study_that_is_worked_on(page, study, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(page.studying, "stop", asked.append)
    rows = tuple(table.Row(one, "waiting") for one in study.trials)
    page.studying.shown = Standing(page.studying.home, study, rows, working=True)
    page.studying.changed.emit()
    assert page.action.text() == "Stop"
    qtbot.mouseClick(page.action, Qt.MouseButton.LeftButton)
    assert asked == [page.studying.home]


def test_a_trial_opens_its_run(page, study, opened, pictures, qtbot):
    folder = page.studying.home / "earlier"
    folder.mkdir(parents=True)
    study.save(folder)
    (folder / "runs").mkdir()
    trained.run(pictures, folder / "runs" / study.trials[0].name)
    page.studying.choose(folder)
    qtbot.waitUntil(page.result.isVisible, timeout=20_000)
    with qtbot.waitSignal(opened.run_changed, timeout=20_000):
        page.result.opened.emit(study.trials[0].name)
    assert opened.directory.path == folder / "runs" / study.trials[0].name
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def test_folders_have_readable_names():
    assert named("20261128-113005-moco_v2-leave_one_out") == "moco_v2, 28 Nov 11:30"
    shipped = named("20261129-170005-denoising_grid-known_experiment")
    assert shipped == "Denoising grid, 29 Nov 17:00"
    assert named("my own") == "my own"


def test_problems_are_told(page):
    page.studying.failed.emit("the disk is full")
    assert page.problem.isVisible()
    assert page.problem.text() == "the disk is full"
