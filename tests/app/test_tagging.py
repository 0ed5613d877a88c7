import os
import shutil
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.tagging import Tagging
from sslcore.data import exclusion, tags
from sslcore.data.tags import BESIDE_IMAGES, EXCLUDED, IN_RUN, TagError, TagStore

ROOT = Path(__file__).parents[2]
WAIT = 20_000


@pytest.fixture
def folder(pictures, tmp_path):
    """Pictures of their own, for tags lie beside them."""
    return Path(shutil.copytree(pictures, tmp_path / "pictures"))


@pytest.fixture
def open_one(loaded, folder, qtbot):
    """The workspace with the folder open and its tags read."""
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=WAIT):
        loaded.open_folder(folder)
    ready(loaded.tagging, qtbot)
    yield loaded
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=WAIT)


@pytest.fixture
def tagging(open_one):
    return open_one.tagging


def ready(tagging, qtbot):
    qtbot.waitUntil(lambda: not tagging.obstacle and not tagging._working, timeout=WAIT)


def shown(tagging):
    return {name: rows.tolist() for name, rows in tagging.tagged.rows.items()}


def on_disk(folder):
    return {tag.name: paths for tag, paths in TagStore(folder / BESIDE_IMAGES).contents().items()}


def whole(folder):
    """What is on the disk, with everything that is kept of a tag."""
    return TagStore(folder / BESIDE_IMAGES).contents()


def test_what_is_shown_is_on_the_disk_and_can_be_undone_and_redone(tagging, folder, qtbot):
    told = []
    tagging.changed.connect(lambda: told.append(shown(tagging) == {} or on_disk(folder)))
    assert not tagging.can_undo
    assert tagging.tag([3, 1], " horse ")
    ready(tagging, qtbot)
    assert shown(tagging) == {"horse": [1, 3]}
    assert told[-1] == {"horse": ("cat/01.png", "cat/03.png")}
    assert tagging.undo_words == "Undo tag 2 images “horse”"
    assert not tagging.can_redo
    tagging.undo()
    ready(tagging, qtbot)
    assert shown(tagging) == on_disk(folder) == {}
    assert tagging.redo_words == "Redo tag 2 images “horse”"
    tagging.redo()
    ready(tagging, qtbot)
    assert shown(tagging) == {"horse": [1, 3]}
    assert tagging.undo_words == "Undo tag 2 images “horse”"


def test_every_kind_of_change_is_undone_exactly(tagging, folder, qtbot):
    states = [whole(folder)]
    acts = [
        lambda: tagging.tag(np.arange(6), "horse"),
        lambda: tagging.tag([2, 20], "big"),
        lambda: tagging.set_few_labels(["big", "horse"]),
        lambda: tagging.recolour("horse", 6),
        lambda: tagging.recolour("big", 0),
        lambda: tagging.recolour("big", None),
        lambda: tagging.untag([0, 1, 23], "horse"),
        lambda: tagging.rename("horse", "pony"),
        lambda: tagging.rename("pony", "big"),
        lambda: tagging.tag([7], EXCLUDED),
        lambda: tagging.untag([7], EXCLUDED),
        lambda: tagging.delete("big"),
    ]
    for act in acts:
        assert act()
        ready(tagging, qtbot)
        states.append(whole(folder))
    assert all(one != other for one, other in pairwise(states))
    for state in states[-2::-1]:
        tagging.undo()
        ready(tagging, qtbot)
        assert list(whole(folder).items()) == list(state.items())
    for state in states[1:]:
        tagging.redo()
        ready(tagging, qtbot)
        assert list(whole(folder).items()) == list(state.items())


def test_changes_wait_for_one_another(tagging, folder, qtbot):
    for number in range(5):
        tagging.tag([number], "horse")
    tagging.undo()
    tagging.undo()
    tagging.tag([9], "horse")
    tagging.undo()
    tagging.redo()
    ready(tagging, qtbot)
    assert shown(tagging) == {"horse": [0, 1, 2, 9]}


def test_what_would_change_nothing_is_no_step(tagging, qtbot):
    tagging.tag([1, 2], "horse")
    ready(tagging, qtbot)
    assert not tagging.tag([2, 1], "horse")
    assert not tagging.tag([], "horse")
    assert not tagging.untag([5], "horse")
    assert not tagging.rename("horse", "horse")
    assert not tagging.set_few_labels([])
    assert not tagging.recolour("horse", None)
    assert tagging.tag([2, 3], "horse")
    assert tagging.undo_words == "Undo tag 1 image “horse”"
    assert tagging.recolour("horse", 2)
    assert tagging.undo_words == "Undo colour tag “horse”"
    with pytest.raises(TagError, match="at least one character"):
        tagging.tag([1], "  ")
    with pytest.raises(TagError, match="is kept for images"):
        tagging.rename("horse", EXCLUDED)
    ready(tagging, qtbot)


def test_excluded_images_reach_the_recipe_and_undo_lets_them_back(open_one, tagging, qtbot):
    before = open_one.recipe.data.split(open_one.catalogue)
    rows = before.train[:3]
    assert tagging.tag(rows, EXCLUDED)
    assert tagging.undo_words == "Undo exclude 3 images"
    ready(tagging, qtbot)
    listed = Path(open_one.recipe.data.excluded)
    assert exclusion.read(listed) == tuple(open_one.catalogue.paths[row] for row in rows)
    after = open_one.recipe.data.split(open_one.catalogue)
    assert not set(rows) & set(after.train)
    tagging.undo()
    ready(tagging, qtbot)
    assert open_one.recipe.data.excluded == ""


def test_a_list_that_a_person_brought_is_left_until_they_exclude_here(
    open_one, tagging, folder, tmp_path, qtbot
):
    mine = tmp_path / "mine.txt"
    mine.write_text("cat/00.png")
    open_one.change_section("data", open_one.recipe.data.changed(excluded=str(mine)))
    tagging.reload()
    ready(tagging, qtbot)
    tagging.tag([5], "horse")
    ready(tagging, qtbot)
    assert open_one.recipe.data.excluded == str(mine)
    tagging.tag([5], EXCLUDED)
    ready(tagging, qtbot)
    assert exclusion.read(Path(open_one.recipe.data.excluded)) == ("cat/05.png",)


def test_another_folder_has_other_tags_and_no_list_of_this_one(
    open_one, tagging, folder, pictures, tmp_path, qtbot
):
    tagging.tag([5], EXCLUDED)
    ready(tagging, qtbot)
    other = shutil.copytree(pictures, tmp_path / "other")
    with qtbot.waitSignal(open_one.catalogue_changed, timeout=WAIT):
        open_one.open_folder(other)
    assert open_one.recipe.data.excluded == ""
    assert not tagging.can_undo
    ready(tagging, qtbot)
    assert shown(tagging) == {}
    with qtbot.waitSignal(open_one.catalogue_changed, timeout=WAIT):
        open_one.open_folder(folder)
    ready(tagging, qtbot)
    assert shown(tagging) == {EXCLUDED: [5]}
    assert open_one.recipe.data.excluded


def test_tags_can_be_kept_in_the_run(open_one, tagging, folder, tmp_path, qtbot):
    tagging.tag([5], "beside")
    ready(tagging, qtbot)
    open_one.settings.tags_place = "run"
    assert "none is open" in tagging.obstacle
    assert shown(tagging) == {}
    assert not tagging.tag([1], "horse")
    run = tmp_path / "run"
    run.mkdir()
    tagging.open(open_one.catalogue, run)
    ready(tagging, qtbot)
    tagging.tag([1], "horse")
    ready(tagging, qtbot)
    assert TagStore(run / IN_RUN).counts() == {"horse": 1}
    open_one.settings.tags_place = "data"
    ready(tagging, qtbot)
    assert shown(tagging) == {"beside": [5]}


# What goes wrong


@pytest.fixture
def read_only(monkeypatch):
    """The folder of images cannot be written, the run can."""
    connect = tags.sqlite3.connect

    def refuse(address, **options):
        if BESIDE_IMAGES in address:
            address = address.replace("mode=rwc", "mode=ro")
        return connect(address, **options)

    monkeypatch.setattr(tags.sqlite3, "connect", refuse)


def test_where_the_folder_is_read_only_the_run_is_offered(
    open_one, tagging, folder, tmp_path, qtbot, read_only
):
    notices = []
    open_one.notice.connect(lambda *words: notices.append(words))
    TagStore(folder / BESIDE_IMAGES).path.touch()
    tagging.tag([1], "horse")
    qtbot.waitUntil(lambda: bool(notices), timeout=WAIT)
    assert notices[0][0] == "danger"
    assert BESIDE_IMAGES in notices[0][1]
    assert tagging.problem == notices[0][1]
    assert not tagging.can_move, "there is no run"
    assert shown(tagging) == {}
    assert not tagging.can_undo
    run = tmp_path / "run"
    run.mkdir()
    tagging.open(open_one.catalogue, run)
    assert tagging.can_move
    tagging.keep_in_run()
    ready(tagging, qtbot)
    assert shown(tagging) == {"horse": [1]}
    assert open_one.settings.tags_place == "run"
    assert not tagging.problem
    assert tagging.can_undo


def test_tags_that_can_be_read_are_taken_along(
    open_one, tagging, folder, tmp_path, qtbot, monkeypatch, request
):
    tagging.tag([4, 5], "old")
    ready(tagging, qtbot)
    request.getfixturevalue("read_only")
    run = tmp_path / "run"
    run.mkdir()
    tagging.open(open_one.catalogue, run)
    with qtbot.waitSignal(tagging.notice, timeout=WAIT):
        tagging.tag([1], "horse")
    assert shown(tagging) == {"old": [4, 5]}
    tagging.keep_in_run()
    ready(tagging, qtbot)
    assert shown(tagging) == {"old": [4, 5], "horse": [1]}
    tagging.undo()
    ready(tagging, qtbot)
    assert shown(tagging) == {"old": [4, 5]}


def test_a_change_that_fails_leaves_the_history_as_it_was(tagging, folder, qtbot, monkeypatch):
    tagging.tag([1], "horse")
    ready(tagging, qtbot)
    blocked = tags.sqlite3.connect(folder / BESIDE_IMAGES, isolation_level=None)
    blocked.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(tags, "WAIT", 0.05)
    with qtbot.waitSignal(tagging.notice, timeout=WAIT) as told:
        tagging.undo()
    assert "another program has been writing" in told.args[1]
    assert tagging.can_undo
    assert not tagging.can_redo
    assert shown(tagging) == {"horse": [1]}
    blocked.execute("COMMIT")
    blocked.close()
    tagging.undo()
    ready(tagging, qtbot)
    assert shown(tagging) == {}
    assert not tagging.problem


def test_a_file_that_is_somebody_elses_is_left_alone(loaded, folder, qtbot):
    (folder / BESIDE_IMAGES).write_text("my notes " * 200)
    with qtbot.waitSignal(loaded.tagging.notice, timeout=WAIT) as told:
        loaded.open_folder(folder)
    assert "not a file of tags" in told.args[1]
    assert loaded.tagging.obstacle == told.args[1]
    assert (folder / BESIDE_IMAGES).read_text().startswith("my notes")
    (folder / BESIDE_IMAGES).unlink()
    loaded.tagging.reload()
    ready(loaded.tagging, qtbot)


PERSON = """
import sys
from itertools import pairwise
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.settings import Settings
from app.tagging import Tagging
from app.tasks import Tasks
from sslcore.data.catalogue import scan
application = QCoreApplication([])
tasks = Tasks()
tagging = Tagging(Settings(remember=False), tasks)
number = 0

def go_on():
    global number
    if tagging.obstacle:
        return
    if number:
        print(number - 1, flush=True)
    tagging.tag([number % 24], f"tag {number // 24}")
    number += 1

tagging.changed.connect(go_on)
tagging.open(scan(Path(sys.argv[1])), None)
application.exec()
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_tags_shown_before_the_process_was_killed_are_there(folder, tagging, qtbot):
    with subprocess.Popen(
        [sys.executable, "-c", PERSON, str(folder)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as child:
        for _ in range(30):
            last = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split()
    assert child.returncode == -signal.SIGKILL
    last = int(rest[-1]) if rest else last
    tagging.reload()
    ready(tagging, qtbot)
    total = sum(len(rows) for rows in shown(tagging).values())
    assert total in (last + 1, last + 2)
    assert shown(tagging)["tag 0"] == list(range(24))


def test_without_images_nothing_can_be_tagged(qapp, settings, workspace):
    made = Tagging(settings, workspace.tasks)
    assert made.file is None
    assert made.obstacle == "Open a folder of images first."
    assert not made.delete("horse")
