import shutil

import numpy as np
import pytest
from PIL import Image

from app.panels.train_images import CHECKING, RunImages, telling
from app.tasks import Ticket
from sslcore.events import EmbeddingSaved
from sslcore.runs.record import RunRecord
from tests.app.panels import contrasted, replayed, trained


@pytest.fixture
def folder(pictures, tmp_path):
    """Images of its own, which a test may change."""
    shutil.copytree(pictures, tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def path(folder, tmp_path):
    return contrasted.run(folder, tmp_path / "run")


@pytest.fixture
def images(loaded, path, qtbot):
    made = RunImages(loaded, loaded)
    trained.open_run(qtbot, loaded, path)
    made.check()
    settle(qtbot, loaded)
    return made


def settle(qtbot, workspace):
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=20_000)


def reopen(qtbot, workspace, folder):
    with qtbot.waitSignal(workspace.catalogue_changed, timeout=20_000):
        workspace.open_folder(folder)
    settle(qtbot, workspace)


def test_the_open_images_are_those_of_the_run(images, loaded):
    assert images.catalogue is loaded.catalogue
    assert images.catalogue is not None


def test_it_is_asked_once_and_told_once(images, loaded, qtbot, monkeypatch):
    started = []
    monkeypatch.setattr(loaded.tasks, "start", lambda title, *rest, **more: started.append(title))
    with qtbot.assertNotEmitted(images.changed):
        for _ in range(3):
            images.check()
    assert started == []
    loaded.record.embeddings.insert(0, EmbeddingSaved(0, 0.0, "x", 20, 8))
    images.check()
    assert started == []  # the same first features as before
    loaded.record.embeddings[0] = EmbeddingSaved(1, 0.1, "x", 20, 8)
    images.check()
    assert started == [CHECKING]


def test_a_copy_of_the_folder_is_another_folder(images, loaded, qtbot, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    reopen(qtbot, loaded, tmp_path / "copy")
    assert loaded.catalogue is not None
    assert images.catalogue is None
    reopen(qtbot, loaded, folder)
    assert images.catalogue is loaded.catalogue


@pytest.mark.parametrize("change", ["added", "removed"])
def test_a_folder_whose_rows_have_moved_is_not_the_runs(images, loaded, qtbot, folder, change):
    if change == "added":
        Image.fromarray(np.zeros((24, 24, 3), np.uint8)).save(folder / "cat" / "000.png")
    else:
        (folder / "cat" / "00.png").unlink()
    reopen(qtbot, loaded, folder)
    assert len(loaded.catalogue) == (25 if change == "added" else 23)
    assert images.catalogue is None


def test_features_that_cannot_be_read_prove_nothing(loaded, path, qtbot):
    for file in (path / "embeddings").iterdir():
        file.write_bytes(b"torn")
    made = RunImages(loaded, loaded)
    said = []
    loaded.notice.connect(lambda *words: said.append(words))
    trained.open_run(qtbot, loaded, path)
    made.check()
    settle(qtbot, loaded)
    assert made.catalogue is None
    assert said == []  # a viewer fails softly


def test_without_a_run_or_images_there_are_none(loaded, pictures, qtbot):
    made = RunImages(loaded, loaded)
    made.check()
    assert made.catalogue is None
    reopen(qtbot, loaded, pictures)
    assert made.catalogue is None


def test_the_first_features_and_those_since_a_resume_tell():
    def record(first_step, *steps):
        made = RunRecord()
        made.apply(replayed.started())
        made.embeddings += [EmbeddingSaved(step, step / 10, "x", 24, 6) for step in steps]
        if first_step:
            made.apply(replayed.started(first_step=first_step))
            made.embeddings += [EmbeddingSaved(first_step + 10, 9.0, "x", 24, 6)]
        return made

    assert telling(RunRecord()) == ()
    assert telling(record(0)) == ()
    assert telling(record(0, 0, 10, 20)) == (0,)
    assert telling(record(25, 0, 10, 20)) == (0, 35)
    assert telling(record(20, 0, 10, 20)) == (0, 20)


def test_a_check_that_is_called_off_proves_nothing(images, loaded, monkeypatch):
    from app.panels.train_images import are_of

    ticket = Ticket(lambda: None)
    directory, catalogue = loaded.directory, loaded.catalogue
    assert are_of(directory, telling(loaded.record), catalogue, ticket)
    ticket.cancel()
    assert not are_of(directory, telling(loaded.record), catalogue, ticket)
