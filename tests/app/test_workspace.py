import shutil

import numpy as np
import pytest

from app.workspace import Workspace


@pytest.fixture
def notices(loaded):
    told = []
    loaded.notice.connect(lambda *words: told.append(words))
    return told


def test_core_brings_a_recipe_and_the_last_one_comes_back(loaded, core, qtbot):
    assert loaded.core_loaded
    assert loaded.recipe.method.key == "barlow_twins"
    loaded.set_recipe(loaded.recipe.with_set({"schedule.epochs": 7}))
    loaded.close()
    again = Workspace(loaded.settings)
    again.take_core(core)
    assert again.recipe == loaded.recipe
    again.close()


def test_a_broken_recipe_of_the_last_session_is_told_and_replaced(workspace, core):
    told = []
    workspace.notice.connect(lambda *words: told.append(words))
    workspace.settings.recipe_text = "[schedule]\nepochs = -1\n"
    workspace.take_core(core)
    assert workspace.recipe.method.key == "barlow_twins"
    assert told[0][0] == "warning"
    assert "schedule.epochs" in told[0][1]


def test_folder_becomes_catalogue_recipe_and_facts(opened, pictures):
    assert len(opened.catalogue) == 24
    assert opened.catalogue.classes == ("cat", "dog")
    assert opened.recipe.data.folder == str(pictures)
    facts = opened.facts()
    assert facts.channels == 3
    assert facts.count + len(opened.catalogue.split(0, 0.15).held_out) == 24
    assert facts.total_steps == 2 * (facts.count // 8)
    assert opened.settings.recent_folders == [str(pictures)]


@pytest.mark.parametrize("content", ["nothing", "text", "missing"])
def test_folders_without_images_become_notices(loaded, notices, tmp_path, qtbot, content):
    folder = tmp_path / "folder"
    if content != "missing":
        folder.mkdir()
    if content == "text":
        (folder / "notes.txt").write_text("no image")
    loaded.open_folder(folder)
    qtbot.waitUntil(lambda: bool(notices), timeout=10_000)
    level, message, remedy = notices[0]
    assert level == "danger"
    assert "folder" in message
    assert "Ctrl+O" in remedy
    assert loaded.catalogue is None


def test_method_changes_but_data_and_device_stay(opened, notices):
    opened.set_method("simclr")
    assert opened.recipe.method.key == "simclr"
    assert opened.recipe.data.image_size == 16
    assert opened.recipe.run.device == "cpu"
    before = opened.recipe
    opened.set_method("simclear")
    assert opened.recipe == before
    assert "simclear" in notices[0][1]


def test_an_equal_recipe_is_no_change(opened, qtbot):
    with qtbot.assertNotEmitted(opened.recipe_changed):
        opened.set_recipe(opened.recipe.with_set({}))


def test_sample_delivers_pixels_in_row_order(opened, qtbot):
    got = []
    opened.sample([20, 3], got.append)
    qtbot.waitUntil(lambda: bool(got), timeout=10_000)
    sample = got[0]
    assert sample.index.tolist() == [20, 3]
    assert sample.image.shape[:2] == (2, 3)
    assert 0.0 <= float(sample.image.min()) <= float(sample.image.max()) <= 1.0
    assert sample.image[0].mean() > sample.image[1].mean(), "dogs are the brighter ones"


def test_run_starts_saves_and_opens_again_as_it_was_seen(opened, qtbot, core):
    opened.start()
    assert opened.running
    assert opened.record.state in ("new", "preparing", "running")
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    assert opened.record.stopped.reason == "completed", opened.record.stopped.error
    assert opened.state == "stopped"
    assert not opened.can_continue
    live, path = opened.record, opened.directory.path
    assert path.parent == opened.settings.runs_folder
    assert "barlow_twins" in path.name
    with qtbot.waitSignal(opened.run_changed, timeout=10_000):
        opened.open_run(path)
    assert opened.record is not live
    assert np.array_equal(opened.record.series["loss"].values, live.series["loss"].values)
    assert opened.record.snapshots == live.snapshots
    first = live.snapshots[0][0]
    opened.select_snapshot(first)
    assert opened.snapshot().step == first
    assert set(opened.diagnostics()) == set(live.latest.diagnostics)
    opened.select_snapshot(0)  # features of the untrained encoder lie there, and no snapshot
    assert opened.snapshot().step == first
    opened.select_snapshot(live.snapshots[1][0])
    assert opened.snapshot().step == live.snapshots[1][0]


def test_run_stops_and_continues_to_its_end(opened, qtbot):
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 6}))
    opened.start()
    qtbot.waitUntil(lambda: opened.record.step >= 2, timeout=60_000)
    opened.stop()
    assert opened.stopping or not opened.running
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    stopped_at = opened.record.step
    assert opened.record.stopped.reason == "stopped"
    assert opened.can_continue
    opened.continue_run()
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    assert opened.record.stopped.reason == "completed"
    assert opened.record.step > stopped_at


def test_a_run_folder_that_cannot_be_made_is_a_notice(opened, notices, monkeypatch, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    monkeypatch.setenv("SSL_WORKBENCH_RUNS", str(blocked))
    opened.start()
    assert not opened.running
    assert notices[0][0] == "danger"
    assert "Ctrl+," in notices[0][2]


def test_a_folder_that_is_no_run_is_a_notice(loaded, notices, tmp_path, qtbot):
    loaded.open_run(tmp_path)
    qtbot.waitUntil(lambda: bool(notices), timeout=10_000)
    assert notices[0][0] == "danger"
    assert loaded.record is None


def test_nothing_else_opens_while_training(opened, notices, pictures, qtbot):
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 50}))
    opened.start()
    assert opened.open_folder(pictures) is None
    assert opened.open_demo() is None
    assert "Stop it first." in notices[0][2]


def test_before_the_core_everything_is_patient(workspace, pictures):
    told = []
    workspace.notice.connect(lambda *words: told.append(words))
    assert workspace.open_folder(pictures) is None
    assert told[0][0] == "info"
    assert workspace.facts() is None
    workspace.start()
    assert not workspace.running


def test_files_that_vanish_do_not_end_the_window(loaded, notices, pictures, tmp_path, qtbot):
    folder = tmp_path / "copy"
    shutil.copytree(pictures, folder)
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=10_000):
        loaded.open_folder(folder)
    shutil.rmtree(folder)
    got = []
    loaded.sample([0, 1], got.append)
    qtbot.waitUntil(lambda: bool(got or notices), timeout=10_000)


def test_a_run_whose_images_are_gone_opens_without_them(opened, notices, pictures, tmp_path, qtbot):
    folder = tmp_path / "copy"
    shutil.copytree(pictures, folder)
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        opened.open_folder(folder)
    opened.start()
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    path = opened.directory.path
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        opened.open_folder(pictures)
    shutil.rmtree(folder)
    notices.clear()  # what so short a run warned of
    opened.open_run(path)
    qtbot.waitUntil(lambda: bool(notices), timeout=10_000)
    assert str(folder) in notices[0][1]
    assert opened.record.stopped.reason == "completed"
    assert opened.catalogue is None
    assert not opened.can_start


def test_the_demo_set_is_made_once(loaded, qtbot, monkeypatch):
    made, make = [], loaded.core.demo.make

    def small(folder, **rest):
        made.append(folder)
        return make(folder, count=12, **rest)

    monkeypatch.setattr(loaded.core.demo, "make", small)
    for _ in range(2):
        with qtbot.waitSignal(loaded.catalogue_changed, timeout=10_000):
            loaded.open_demo()
    assert len(made) == 1
    assert made[0] != loaded.settings.demo_folder, "made beside its place, then moved"
    assert len(loaded.catalogue) == 12


def test_a_run_directory_that_goes_away_while_training_is_a_notice(
    opened, notices, tmp_path, qtbot
):
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 500}))
    opened.start()
    qtbot.waitUntil(lambda: opened.record.step > 1, timeout=20_000)
    opened.directory.path.rename(tmp_path / "elsewhere")  # at once, unlike deleting file by file
    qtbot.waitUntil(lambda: not opened.running, timeout=20_000)
    assert opened.record.stopped.reason == "failed"
    assert "was removed or moved" in notices[-1][1]
    opened.start()
    assert opened.running
    opened.stop()
    qtbot.waitUntil(lambda: not opened.running, timeout=20_000)
    assert opened.record.stopped.reason == "stopped"


def test_a_run_that_cannot_begin_leaves_no_directory(loaded, notices, pictures, tmp_path, qtbot):
    folder = tmp_path / "alone"
    folder.mkdir()
    shutil.copy(next(pictures.rglob("*.png")), folder)
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=20_000):
        loaded.open_folder(folder)
    for damage in (lambda: None, lambda: shutil.rmtree(folder)):
        damage()
        loaded.start()
        qtbot.waitUntil(lambda: not loaded.running, timeout=20_000)
        assert loaded.record.stopped.reason == "failed"
        assert notices[-1][2].startswith("Change the recipe or choose another folder")
        assert list(loaded.settings.runs_folder.iterdir()) == []


@pytest.mark.parametrize("damage", ["recipe", "log", "checkpoints", "snapshots"])
def test_a_damaged_run_is_told_or_opened_and_the_window_lives(opened, notices, qtbot, core, damage):
    opened.start()
    qtbot.waitUntil(lambda: opened.record.step > 1, timeout=20_000)
    opened.stop()
    qtbot.waitUntil(lambda: not opened.running, timeout=20_000)
    folder = opened.directory.path
    if damage == "recipe":
        (folder / "recipe.toml").write_text("garbage {{")
    elif damage == "log":
        (folder / "events.jsonl").write_bytes(b"garbage\n\xff\xfe\n")
    else:
        for file in [one for one in (folder / damage).rglob("*") if one.is_file()]:
            file.write_bytes(b"garbage")
    task = opened.open_run(folder)
    qtbot.waitUntil(lambda: not task.running, timeout=20_000)
    if damage == "recipe":
        assert "not TOML" in notices[-1][1]
        return
    assert notices == []
    assert dict(opened.diagnostics()) == {} or damage == "checkpoints"
    opened.continue_run()
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    if damage == "checkpoints":
        assert "every checkpoint is damaged" in notices[-1][1]


def test_a_recipe_changed_while_paused_leaves_the_run_what_it_is(opened, notices, qtbot):
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 500}))
    opened.start()
    opened.start()  # twice quickly is once
    directory = opened.directory
    qtbot.waitUntil(lambda: opened.record.step > 1, timeout=20_000)
    opened.pause()
    qtbot.waitUntil(lambda: opened.state == "paused", timeout=20_000)
    method, at = opened.recipe.method.key, opened.record.step
    opened.set_method("rotation")
    opened.resume()
    qtbot.waitUntil(lambda: opened.record.step > at, timeout=20_000)
    opened.stop()
    qtbot.waitUntil(lambda: not opened.running, timeout=20_000)
    assert opened.record.stopped.reason == "stopped"
    assert (opened.directory, opened.directory.recipe().method.key) == (directory, method)
    assert opened.recipe.method.key == "rotation"
    assert notices == []


def test_stopping_at_once_ends_the_preparation(opened, notices, qtbot):
    opened.start()
    opened.stop()
    qtbot.waitUntil(lambda: not opened.running, timeout=20_000)
    assert (opened.record.stopped.reason, opened.record.step) == ("stopped", 0)
    first = opened.directory.path
    opened.start()
    assert opened.directory.path != first
    opened.stop()
    qtbot.waitUntil(lambda: not opened.running, timeout=20_000)
    assert notices == []


def test_other_images_end_the_selection(opened):
    opened.selection.choose([1, 2])
    opened.set_catalogue(opened.catalogue, opened.catalogue.root)
    assert len(opened.selection) == 0


def test_a_run_trains_without_what_is_excluded_and_keeps_the_list(
    opened, pictures, tmp_path, qtbot
):
    folder = shutil.copytree(pictures, tmp_path / "images")
    with qtbot.waitSignal(opened.catalogue_changed, timeout=20_000):
        opened.open_folder(folder)
    whole = opened.facts().count
    qtbot.waitUntil(lambda: not opened.tagging.obstacle, timeout=20_000)
    rows = opened.recipe.data.split(opened.catalogue).train[:5]
    opened.tagging.tag(rows, "excluded")
    qtbot.waitUntil(lambda: opened.facts().count == whole - 5, timeout=20_000)
    opened.start()
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    assert opened.record.stopped.reason == "completed", opened.record.stopped
    assert opened.record.started.images == whole - 5
    opened.tagging.undo()
    qtbot.waitUntil(lambda: opened.facts().count == whole, timeout=20_000)
    kept = opened.directory.recipe().data
    assert set(kept.split(opened.catalogue).excluded) == set(rows), "the run is what it was"
