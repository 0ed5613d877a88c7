"""Folders and runs are opened as they were; a session comes back as it was left."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.opening import is_run
from app.workspace import Workspace
from sslcore.data.reading import Reading

LONG = 60_000


@pytest.fixture
def trained(opened, qtbot):
    """The directory of a short run on the pictures."""
    opened.start()
    qtbot.waitUntil(lambda: not opened.running, timeout=LONG)
    return opened.directory.path


@pytest.fixture
def others(tmp_path):
    """Another folder, with other classes."""
    for name in ("ant", "bee"):
        (tmp_path / "others" / name).mkdir(parents=True)
        for number in range(3):
            image = Image.new("RGB", (20, 20), (40 * number, 90, 10))
            image.save(tmp_path / "others" / name / f"{number}.png")
    return tmp_path / "others"


def next_session(last, core, qtbot):
    """Close the workspace and bring back what was open, as the window does."""
    last.close()
    again = Workspace(last.settings)
    again.take_core(core)
    again.restore(Path(last.settings.last_run), Path(last.settings.last_folder))
    qtbot.waitUntil(lambda: not again.tasks.running(), timeout=LONG)
    return again


def test_a_run_directory_is_known_by_its_files(trained, pictures):
    assert is_run(trained)
    assert not is_run(pictures)


def test_a_recipe_prepared_after_a_run_comes_back_and_not_the_runs(opened, trained, core, qtbot):
    opened.set_method("simclr")
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 77}))
    again = next_session(opened, core, qtbot)
    assert again.recipe.method.key == "simclr"
    assert again.recipe.schedule.epochs == 77
    assert again.directory.path == trained
    assert again.record.stopped.reason == "completed"
    assert again.catalogue.classes == ("cat", "dog")
    again.close()


def test_a_folder_opened_after_a_run_comes_back_with_the_run(opened, trained, others, core, qtbot):
    with qtbot.waitSignal(opened.catalogue_changed, timeout=LONG):
        opened.open_folder(others, Reading("none"))
    again = next_session(opened, core, qtbot)
    assert again.catalogue.root == others
    assert again.recipe.data.labels == "none"
    assert again.catalogue.classes == ()
    assert again.directory.path == trained
    again.close()


def test_without_its_last_folder_a_run_brings_its_own(opened, trained, others, core, qtbot):
    with qtbot.waitSignal(opened.catalogue_changed, timeout=LONG):
        opened.open_folder(others)
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 77}))
    shutil.rmtree(others)
    again = next_session(opened, core, qtbot)
    assert again.catalogue.classes == ("cat", "dog")
    assert again.recipe.schedule.epochs == 77
    again.close()


def test_a_run_that_is_being_trained_brings_its_own_images(
    opened, trained, others, core, qtbot, monkeypatch
):
    with qtbot.waitSignal(opened.catalogue_changed, timeout=LONG):
        opened.open_folder(others)
    replay = type(core).replay

    def live(*args):
        return replace(replay(*args), holder="somebody")

    monkeypatch.setattr(type(core), "replay", live)
    joined = []
    monkeypatch.setattr(Workspace, "attach", lambda _, holder, offset: joined.append(holder))
    again = next_session(opened, core, qtbot)
    assert joined == ["somebody"]
    assert again.catalogue.classes == ("cat", "dog")
    again.close()


@pytest.mark.parametrize("working_directory", ["elsewhere", "a run"])
def test_the_first_session_begins_with_the_demo_set(
    loaded, trained, tmp_path, monkeypatch, working_directory
):
    monkeypatch.chdir(trained if working_directory == "a run" else tmp_path)
    asked = []
    monkeypatch.setattr(loaded, "open_demo", lambda: asked.append("demo"))
    monkeypatch.setattr(loaded, "_replay", lambda *_: asked.append("run"))
    loaded.restore(Path(), Path())
    assert asked == ["demo"]


def test_a_run_reads_its_images_as_it_read_them(opened, trained, qtbot):
    folder = opened.catalogue.root
    with qtbot.waitSignal(opened.catalogue_changed, timeout=LONG):
        opened.open_folder(folder, Reading("none", "images"))
    assert opened.catalogue.classes == ()
    opened.open_run(trained)
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=LONG)
    assert opened.catalogue.classes == ("cat", "dog"), "the folder was open, but read otherwise"
    assert opened.recipe.data.kind == "auto"
    first = opened.catalogue
    opened.open_run(trained)
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=LONG)
    assert opened.catalogue is first, "as it is wanted: not read once more"


def test_a_path_is_opened_as_what_it_is(loaded, trained, others, qtbot):
    loaded.open_path(others)
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=LONG)
    assert loaded.catalogue.root == others
    loaded.open_path(trained)
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=LONG)
    assert loaded.directory.path == trained
    assert loaded.catalogue.classes == ("cat", "dog")
