from pathlib import Path

import pytest
from PySide6.QtCore import QFile
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QInputDialog, QWidget

from app.panels import runs_acts
from app.panels.runs_acts import RunActs
from sslcore.runs.directory import RunDirectory
from tests.app.panels import shelved, trained


@pytest.fixture
def acts(opened, qtbot):
    made, paths = shelved.shelf(opened, qtbot, "one", "two")
    owner = QWidget()
    qtbot.addWidget(owner)
    found = RunActs(opened, made, owner)
    found.owner, found.shelf, found.paths = owner, made, paths
    yield found
    if found.dialog is not None:
        found.dialog.close()
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=shelved.WAIT)


def told(opened, qtbot, act):
    with qtbot.waitSignal(opened.notice, timeout=shelved.WAIT) as notice:
        act()
    return " ".join(notice.args[1:])


def test_open(acts, opened, qtbot):
    with qtbot.waitSignal(opened.run_changed, timeout=shelved.WAIT):
        acts.do("open", acts.paths[1])
    assert acts.shelf.open_path == acts.paths[1]
    with qtbot.assertNotEmitted(opened.run_changed):
        acts.open(acts.paths[1])


def test_the_folder_is_shown_or_named(acts, opened, qtbot, monkeypatch):
    shown = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url) or True)
    acts.do("folder", acts.paths[0])
    assert shown[0].toLocalFile() == str(acts.paths[0])
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    assert str(acts.paths[0]) in told(opened, qtbot, lambda: acts.do("folder", acts.paths[0]))


def test_rename(acts, opened, qtbot, monkeypatch):
    one, two = acts.paths
    acts.shelf.choose([one, two])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("better name", True))
    with qtbot.waitSignal(acts.shelf.listed, timeout=shelved.WAIT):
        acts.do("rename", one)
    better = one.with_name("better name")
    assert better.is_dir()
    assert not one.exists()
    assert set(acts.shelf.chosen) == {better, two}
    assert better in acts.shelf.summaries
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("other", False))
    acts.do("rename", two)
    assert two.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [("two", "is there already"), ("a/b", "no name of a directory"), ("..", "no name"),
     (".hidden", "no name"), ("", "no name"), ("x" * 300, "too long")],
)  # fmt: skip
def test_names_that_cannot_be(acts, opened, qtbot, name, said):
    assert said in told(opened, qtbot, lambda: acts.rename(acts.paths[0], name))
    assert acts.paths[0].is_dir()


def test_what_is_open_or_trained_stays(acts, opened, qtbot):
    one, two = acts.paths
    with qtbot.waitSignal(opened.run_changed, timeout=shelved.WAIT):
        opened.open_run(one)
    for act in (acts.trash, acts.ask_name):
        assert "is open" in told(opened, qtbot, lambda act=act: act(one))
    directory = RunDirectory.open(two)
    directory.claim()
    with qtbot.waitSignal(acts.shelf.listed, timeout=shelved.WAIT):
        acts.shelf.refresh()
    assert "is being trained" in told(opened, qtbot, lambda: acts.trash(two))
    directory.release()
    assert one.is_dir()
    assert two.is_dir()


@pytest.fixture
def bin_(monkeypatch, tmp_path):
    """A trash of the test's own, laid out as desktops do."""
    files, info = tmp_path / "Trash" / "files", tmp_path / "Trash" / "info"
    files.mkdir(parents=True)
    info.mkdir()

    def move(file):
        path = Path(file.fileName())
        path.rename(files / path.name)
        (info / f"{path.name}.trashinfo").touch()
        file.setFileName(str(files / path.name))
        return True

    monkeypatch.setattr(runs_acts, "QFile", type("Trashed", (QFile,), {"moveToTrash": move}))
    return tmp_path / "Trash"


def test_a_run_goes_to_the_trash_and_comes_back(acts, opened, qtbot, bin_):
    one, two = acts.paths
    acts.shelf.choose([one, two])
    with qtbot.waitSignal(acts.removed):
        acts.do("trash", one)
    assert not one.exists()
    assert acts.can_undo
    assert acts.shelf.chosen == [two]
    qtbot.waitUntil(lambda: one not in acts.shelf.summaries, timeout=shelved.WAIT)
    with qtbot.waitSignal(acts.shelf.listed, timeout=shelved.WAIT):
        acts.undo()
    assert (one / "recipe.toml").is_file()
    assert one in acts.shelf.summaries
    assert not acts.can_undo
    assert list((bin_ / "info").iterdir()) == list((bin_ / "files").iterdir()) == []
    acts.undo()


def test_a_place_that_was_taken_meanwhile_is_left_alone(acts, opened, qtbot, bin_):
    one = acts.paths[0]
    acts.trash(one)
    one.mkdir()
    words = told(opened, qtbot, acts.undo)
    assert "is there already" in words
    assert str(bin_ / "files" / "one") in words
    assert list(one.iterdir()) == []


def test_without_a_trash_the_run_stays(acts, opened, qtbot, monkeypatch):
    refusing = type("Refusing", (QFile,), {"moveToTrash": lambda _: False})
    monkeypatch.setattr(runs_acts, "QFile", refusing)
    said = told(opened, qtbot, lambda: acts.trash(acts.paths[0]))
    assert "could not be moved to the trash" in said
    assert acts.paths[0].is_dir()
    assert not acts.can_undo


def test_a_run_without_a_checkpoint_has_no_encoder(acts, opened, qtbot):
    said = told(opened, qtbot, lambda: acts.do("export", acts.paths[0]))
    assert "no checkpoint yet" in said
    assert acts.dialog is None


@pytest.mark.parametrize(
    ("key", "keys"),
    [("export", {"safetensors", "onnx", "module", "torchvision"}), ("tensorboard", {"tensorboard"}),
     ("report", {"report"}), ("embeddings", {"npz", "parquet", "csv"})],
)  # fmt: skip
def test_taking_away_opens_its_dialog(acts, opened, pictures, qtbot, tmp_path, key, keys):
    path = trained.run(pictures, tmp_path / "real")
    acts.do(key, path)
    qtbot.waitUntil(lambda: acts.dialog is not None, timeout=shelved.WAIT)
    assert acts.dialog.isVisible()
    offered = {one.key for one in acts.dialog._choices}
    assert keys <= offered
    assert ("tensorboard" in offered) is (key == "tensorboard")
    acts.dialog.close()
    qtbot.waitUntil(lambda: acts.dialog is None, timeout=5000)
