import numpy as np
import pytest
import torch
from PIL import Image

from app.panels.explore_layouts import Space
from app.panels.explore_near import Banks
from app.panels.explore_outside import OutsideImages
from app.panels.explore_probe import Probe
from sslcore.data.pixel_store import PixelStore
from sslcore.evaluation.features import extract
from sslcore.runs.export import load_encoder
from tests.app.panels.saved import new_run, save

COUNT = 24


@pytest.fixture
def run(opened, tmp_path):
    """The open workspace with a run open that has a checkpoint at step 10."""
    directory, record = new_run(tmp_path / "run", opened.recipe)
    save(directory, record, opened.facts(), 10, 0.05)
    opened.directory, opened.record = directory, record
    yield opened
    opened.directory = opened.record = None
    directory.close()


@pytest.fixture
def files(run, qtbot):
    made = OutsideImages(run, Banks())
    made.answers, made.problems = [], []
    made.found.connect(made.answers.append)
    made.failed.connect(lambda path, why: made.problems.append((path, why)))
    yield made
    qtbot.waitUntil(lambda: not run.tasks.running(), timeout=20_000)


def embedded(run, step, checkpoint=None):
    """The probe images under the encoder of a checkpoint, as an evaluation of the run does it."""
    index = np.arange(COUNT)[::-1].copy()
    encoder = load_encoder(run.directory.path, checkpoint or f"step_{step:08d}")
    with PixelStore.open(run.catalogue, encoder.image_size, budget_bytes=0) as pixels:
        features = extract(encoder, pixels, index, image_size=encoder.image_size)
    return Space(str(run.directory.path), step, step / 10, index, features)


def ask(files, qtbot, path, space, probe, count=5):
    known = len(files.answers) + len(files.problems)
    files.ask(path, space, probe, count)
    qtbot.waitUntil(lambda: len(files.answers) + len(files.problems) > known, timeout=30_000)
    return files.answers[-1] if files.answers else None


def probe_of(run, space):
    return Probe(space.index, run.catalogue, run.recipe)


def test_a_probe_image_dropped_from_outside_finds_itself(files, run, qtbot):
    space = embedded(run, 10)
    found = ask(files, qtbot, run.catalogue.path(5), space, probe_of(run, space))
    assert files.problems == []
    positions, cosines = found.near
    assert int(space.index[positions[0]]) == 5
    assert cosines[0] == pytest.approx(1.0, abs=1e-5)
    assert len(positions) == 5
    np.testing.assert_allclose(found.features, space.features[18], rtol=1e-4, atol=1e-5)
    assert (found.step, found.fits) == (10, True)
    assert found.picture.width() == found.picture.height() >= 16


def test_where_the_map_shows_another_step_the_probe_is_embedded_anew(files, run, qtbot):
    older = embedded(run, 10)
    save(run.directory, run.record, run.facts(), 20, 0.5)
    save(run.directory, run.record, run.facts(), 30, 0.5)  # two are kept: step 10 is gone
    newest = embedded(run, 30)
    assert not np.allclose(older.features, newest.features, atol=1e-2)
    found = ask(files, qtbot, run.catalogue.path(5), older, probe_of(run, older))
    assert files.problems == []
    assert (found.step, found.fits) == (30, False)
    assert int(older.index[found.near[0][0]]) == 5
    unit = newest.features / np.linalg.norm(newest.features, axis=1, keepdims=True)
    expected = unit @ unit[18]
    np.testing.assert_allclose(found.near[1], np.sort(expected)[::-1][:5], atol=1e-4)
    again = ask(files, qtbot, run.catalogue.path(6), older, probe_of(run, older))
    assert int(older.index[again.near[0][0]]) == 6


def test_the_checkpoint_of_the_maps_step_is_taken_while_it_is_there(files, run, qtbot):
    space = embedded(run, 10)
    save(run.directory, run.record, run.facts(), 20, 0.5)
    found = ask(files, qtbot, run.catalogue.path(5), space, probe_of(run, space))
    assert (found.step, found.fits) == (10, True)


def test_a_grey_picture_of_another_size_is_seen_in_colour(files, run, qtbot, tmp_path):
    Image.fromarray(np.full((31, 50), 90, np.uint8)).save(tmp_path / "grey.png")
    space = embedded(run, 10)
    found = ask(files, qtbot, tmp_path / "grey.png", space, probe_of(run, space))
    assert files.problems == []
    assert found.picture.pixelColor(3, 3).getRgb()[:3] == (90, 90, 90)


def test_files_that_cannot_be_looked_at_are_told(files, run, qtbot, tmp_path):
    space = embedded(run, 10)
    probe = probe_of(run, space)
    for name, content, words in (
        ("notes.txt", b"hello", "it is no image file"),
        ("broken.png", b"\x89PNG\r\n\x1a\nnothing", "damaged"),
        ("empty.jpg", b"", "has no bytes"),
    ):
        (tmp_path / name).write_bytes(content)
        ask(files, qtbot, tmp_path / name, space, probe)
        path, why = files.problems[-1]
        assert path.name == name
        assert words in why
    ask(files, qtbot, tmp_path / "gone.png", space, probe)
    assert "not there" in files.problems[-1][1]
    assert files.answers == []


def test_without_a_checkpoint_it_says_to_wait(files, run, qtbot):
    space = embedded(run, 10)
    run.record.checkpoints.clear()
    ask(files, qtbot, run.catalogue.path(5), space, probe_of(run, space))
    assert "first checkpoint" in files.problems[0][1]


def test_without_the_images_an_older_map_cannot_be_compared(files, run, qtbot):
    space = embedded(run, 10)
    old = Space(space.run, 7, 0.7, space.index, space.features)
    ask(files, qtbot, run.catalogue.path(5), old, Probe(old.index, None, None))
    assert "run's images are not open" in files.problems[0][1]


def test_an_encoder_that_diverged_is_told(files, run, qtbot, monkeypatch):
    space = embedded(run, 10)
    encoder = load_encoder(run.directory.path)
    with torch.no_grad():
        next(encoder.parameters()).fill_(float("nan"))
    monkeypatch.setattr("sslcore.runs.export.load_encoder", lambda *_: encoder)
    ask(files, qtbot, run.catalogue.path(5), space, probe_of(run, space))
    assert "diverged" in files.problems[0][1]


def test_another_run_is_not_answered_for_the_last_one(files, run, qtbot):
    space = embedded(run, 10)
    files.ask(run.catalogue.path(5), space, probe_of(run, space), 5)
    files.forget()
    qtbot.waitUntil(lambda: not run.tasks.running(), timeout=20_000)
    qtbot.wait(50)
    assert files.answers == []
    assert files.problems == []
