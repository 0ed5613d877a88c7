import json
import shutil
from dataclasses import replace

import pytest

from app.assessing import Assessing
from sslcore.assessment import kept
from sslcore.assessment.contract import registry
from sslcore.assessment.kinds.knn import KnnConfig
from sslcore.assessment.kinds.linear import LinearConfig
from sslcore.engine.store import SaveError
from sslcore.runs import atomic
from sslcore.runs.directory import RunDirectory
from tests.app.panels import trained


@pytest.fixture
def opened_run(loaded, pictures, tmp_path, qtbot):
    path = trained.run(pictures, tmp_path / "run")
    trained.open_run(qtbot, loaded, path)
    return loaded


@pytest.fixture
def assessing(opened_run, qtbot):
    made = Assessing(opened_run, {key: registry()[key] for key in ("knn", "linear")})
    qtbot.waitUntil(lambda: not opened_run.tasks.running(), timeout=20_000)
    return made


def idle(assessing):
    return lambda: not assessing.running and not any(map(assessing.waits, assessing.measurements))


def test_measurements_stand_in_line_and_are_kept(assessing, opened_run, qtbot):
    told = []
    assessing.changed.connect(told.append)
    assessing.measure("knn", KnnConfig(neighbours=3, second=5))
    assessing.measure("linear", LinearConfig())
    assert assessing.running == "knn"
    assert assessing.waits("linear")
    qtbot.waitUntil(idle(assessing), timeout=60_000)
    assert assessing.problems == {}
    assert set(assessing.found) == {"knn", "linear"}
    assert {"knn", "linear"} <= set(told)
    directory = RunDirectory.open(opened_run.directory.path)
    assert kept.newest(directory, "knn") == assessing.found["knn"]
    assert assessing.found["knn"].step == assessing.newest[0]


def test_features_are_handed_on(assessing, qtbot, monkeypatch):
    from sslcore.evaluation import features

    calls = []
    extract = features.extract

    def counted(*arguments, **named):
        calls.append(arguments)
        return extract(*arguments, **named)

    monkeypatch.setattr(features, "extract", counted)
    assessing.measure("knn", KnnConfig())
    qtbot.waitUntil(idle(assessing), timeout=60_000)
    first = len(calls)
    assessing.measure("linear", LinearConfig())
    qtbot.waitUntil(idle(assessing), timeout=60_000)
    assert first == 3
    assert len(calls) == 4  # raw pixels only


def test_features_of_a_folder_that_changed_are_not_handed_on(loaded, pictures, tmp_path, qtbot):
    folder = tmp_path / "pictures"
    shutil.copytree(pictures, folder)
    path = trained.run(folder, tmp_path / "run")
    trained.open_run(qtbot, loaded, path)
    made = Assessing(loaded, {key: registry()[key] for key in ("knn", "linear")})
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=20_000)
    made.measure("knn", KnnConfig())
    qtbot.waitUntil(idle(made), timeout=60_000)
    assert not made.found["knn"].changed
    (folder / "cat" / "00.png").unlink()
    made.measure("linear", LinearConfig())
    qtbot.waitUntil(idle(made), timeout=60_000)
    assert made.problems == {}
    assert made.found["linear"].changed
    assert sum(made.found["linear"].images) == 23


def test_one_is_called_off(assessing, qtbot):
    assessing.measure("knn", KnnConfig())
    assessing.measure("linear", LinearConfig())
    assessing.cancel("linear")
    assert not assessing.waits("linear")
    assessing.cancel("knn")
    assert assessing.running == ""
    qtbot.waitUntil(lambda: not assessing._workspace.tasks.running(), timeout=20_000)
    assert assessing.found == {}


def test_what_cannot_be_measured_is_said(assessing, opened_run, qtbot):
    for name in opened_run.directory.path.glob("checkpoints/*/*"):
        name.write_bytes(b"")
    assessing.measure("knn", KnnConfig())
    qtbot.waitUntil(idle(assessing), timeout=60_000)
    assert "checkpoint" in assessing.problems["knn"]
    assert assessing.found == {}


def refuse(path, _content):
    raise SaveError(f"{path}: not writable")


def test_what_cannot_be_kept_is_shown_with_a_warning(assessing, opened_run, qtbot, monkeypatch):
    monkeypatch.setattr(atomic, "write", refuse)
    with qtbot.waitSignal(opened_run.notice, timeout=60_000) as told:
        assessing.measure("knn", KnnConfig())
    level, words, _ = told.args
    assert level == "warning"
    assert words.startswith("Nearest neighbours was measured, but could not be kept with the run: ")
    assert str(opened_run.directory.path / kept.FOLDER) in words
    qtbot.waitUntil(idle(assessing), timeout=60_000)
    assert assessing.problems == {}
    assert assessing.found["knn"].unsaved in words


def test_findings_of_another_session_are_read(assessing, opened_run, qtbot):
    assessing.measure("knn", KnnConfig())
    qtbot.waitUntil(idle(assessing), timeout=60_000)
    again = Assessing(opened_run, assessing.measurements)
    qtbot.waitUntil(lambda: "knn" in again.found, timeout=20_000)
    assert again.found["knn"] == assessing.found["knn"]
    assert again.history == {"knn": [again.found["knn"]]}
    path = next(opened_run.directory.path.glob("evaluations/knn-*.json"))
    path.write_text(json.dumps({"measurement": "knn"}))
    with qtbot.waitSignal(opened_run.notice, timeout=20_000) as told:
        again.reload()
    assert "delete it and measure again" in told.args[1]


def test_findings_with_other_settings_stand_side_by_side(assessing, qtbot):
    for settings in (KnnConfig(), KnnConfig(neighbours=3), KnnConfig()):
        assessing.measure("knn", settings)
        qtbot.waitUntil(idle(assessing), timeout=60_000)
    first, second = assessing.history["knn"]
    assert (first.settings, second.settings) == (KnnConfig(), KnnConfig(neighbours=3))
    assert assessing.found["knn"] is first


def test_without_a_checkpoint_nothing_is_measured(loaded, qtbot):
    made = Assessing(loaded, registry())
    made.measure("knn", KnnConfig())
    assert "no checkpoint yet" in made.problems["knn"]


def test_a_finding_read_late_does_not_replace_a_newer_one(assessing, qtbot):
    assessing.measure("knn", KnnConfig())
    qtbot.waitUntil(idle(assessing), timeout=60_000)
    fresh = assessing.found["knn"]
    stale = replace(fresh, made=fresh.made - 9)
    directory = assessing._workspace.directory
    assessing._take_all((directory.path, {"knn": [stale]}, []))
    assert assessing.history["knn"] == [fresh]
    assert assessing.found["knn"] is fresh
