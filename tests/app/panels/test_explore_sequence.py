import numpy as np
import pytest

from app.panels.explore_sequence import LayoutSequence, as_wide
from sslcore.evaluation.projection import align, pca
from sslcore.events import EmbeddingSaved
from sslcore.runs.directory import RunDirectory
from tests.app.panels import replayed

STEPS = (0, 20, 40)


@pytest.fixture
def directory(loaded, tmp_path):
    path = replayed.write(tmp_path / "run", loaded.recipe, rows=np.arange(24)[::-1])
    made = RunDirectory.open(path)
    yield made
    made.close()


@pytest.fixture
def sequence(loaded):
    return LayoutSequence(loaded.tasks)


def saved(*steps):
    return [EmbeddingSaved(step, step / 10, "", 24, replayed.SIZE) for step in steps]


def test_every_layout_is_laid_onto_the_one_before(sequence, directory, qtbot):
    with qtbot.waitSignal(sequence.grew, timeout=10_000):
        sequence.follow(directory, saved(*STEPS))
    assert sequence.steps == STEPS
    assert len(sequence) == 3
    before = None
    for step in STEPS:
        wanted = pca(directory.embedding(step)[1])
        if before is not None:
            wanted = align(wanted, before)
            middle = wanted.mean(0)
            wanted = middle + (wanted - middle) * before.std(0).max() / wanted.std(0).max()
        found = sequence.at(str(directory.path), step)
        assert found == pytest.approx(wanted, abs=1e-5)
        before = found
    assert sequence.at("another run", 0) is None
    assert sequence.at(str(directory.path), 30) is None


def test_all_layouts_are_equally_wide_and_points_in_one_place_stay_there(
    sequence, directory, qtbot
):
    with qtbot.waitSignal(sequence.grew, timeout=10_000):
        sequence.follow(directory, saved(*STEPS))
    widths = [sequence.at(str(directory.path), step).std(0).max() for step in STEPS]
    assert widths == pytest.approx([widths[0]] * 3, rel=1e-4)
    same = np.ones((4, 2), np.float32)
    assert np.array_equal(as_wide(same, sequence.at(str(directory.path), 0)), same)


def test_later_evaluations_are_added_as_if_made_together(sequence, directory, loaded, qtbot):
    with qtbot.waitSignal(sequence.grew, timeout=10_000):
        sequence.follow(directory, saved(0))
    with qtbot.waitSignal(sequence.grew, timeout=10_000):
        sequence.follow(directory, saved(*STEPS))
    together = LayoutSequence(loaded.tasks)
    with qtbot.waitSignal(together.grew, timeout=10_000):
        together.follow(directory, saved(*STEPS))
    run = str(directory.path)
    for step in STEPS:
        assert np.array_equal(sequence.at(run, step), together.at(run, step))
    with qtbot.assertNotEmitted(sequence.grew, wait=100):
        sequence.follow(directory, saved(*STEPS))


def test_paths_are_found_by_catalogue_row(sequence, directory, qtbot):
    with qtbot.waitSignal(sequence.grew, timeout=10_000):
        sequence.follow(directory, saved(*STEPS))
    paths = sequence.paths(np.array([3, 99, 0]))
    assert paths.shape == (3, 3, 2)
    assert np.isnan(paths[:, 1]).all(), "row 99 is not among the probe images"
    for moment, step in enumerate(STEPS):
        points = sequence.at(str(directory.path), step)
        assert np.array_equal(paths[moment, 0], points[20])  # rows are stored backwards
        assert np.array_equal(paths[moment, 2], points[23])


def test_nothing_was_made_yet(sequence):
    assert sequence.paths(np.array([1, 2])).shape == (0, 2, 2)


def test_an_embedding_that_cannot_be_read_stops_nothing_else(sequence, directory, qtbot):
    (directory.path / "embeddings" / "step_00000020.npz").write_bytes(b"damaged")
    run = str(directory.path)
    assert not sequence.knows(run, 20)
    with qtbot.waitSignal(sequence.grew, timeout=10_000):
        sequence.follow(directory, saved(*STEPS))
    assert sequence.steps == (0, 40)
    assert sequence.knows(run, 20)
    assert sequence.at(run, 20) is None
    assert sequence.paths(np.array([3])).shape == (2, 1, 2)
    with qtbot.assertNotEmitted(sequence.grew, wait=100):
        sequence.follow(directory, saved(*STEPS))
