import shutil

import numpy as np
import pytest

from app.panels.runs_pair import NEIGHBOURS, compare
from sslcore.evaluation.drift import neighbour_change
from sslcore.evaluation.projection import align, pca
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed


def run(path, recipe, rows, paths=()):
    written = replayed.write(path, recipe, rows=rows, paths=paths)
    return written, RunRecord.fold(RunDirectory.open(written).replay())


@pytest.fixture
def two(opened, tmp_path):
    first = run(tmp_path / "one", opened.recipe, np.arange(24))
    second = run(tmp_path / "two", opened.recipe, np.arange(30)[::-1][:24])
    return (first[0], second[0]), (first[1], second[1])


def test_images_of_both_against_plain_derivations(two):
    paths, records = two
    found = compare(paths, records)
    assert found.index.tolist() == list(range(6, 24))
    first = RunDirectory.open(paths[0]).embedding(40)[1][6:]
    rows, features = RunDirectory.open(paths[1]).embedding(40)
    second = np.array([features[rows.tolist().index(row)] for row in found.index])
    assert np.allclose(found.points[0], pca(first, 2))
    assert np.allclose(found.points[1], align(pca(second, 2), pca(first, 2)))
    assert np.allclose(found.change, neighbour_change(first, second, NEIGHBOURS))
    assert (np.diff(found.change[found.order]) <= 0).all()
    unit = second / np.linalg.norm(second, axis=1, keepdims=True)
    cosines = unit @ unit[4]
    cosines[4] = -2
    assert found.neighbours[1][4].tolist() == np.argsort(-cosines)[:NEIGHBOURS].tolist()
    assert found.steps == (40, 40)


def test_files_that_came_between_two_runs_do_not_mix_images_up(opened, tmp_path):
    names = [f"{number:02d}.png" for number in range(20)]
    first, one = run(tmp_path / "one", opened.recipe, np.arange(20), paths=names)
    # A file sorted before all others came, and one of the old ones went.
    later = ["+.png", *names[:7], *names[8:]]
    second, two = run(tmp_path / "two", opened.recipe, np.arange(20), paths=later)
    found = compare((first, second), (one, two))
    kept = [number for number in range(20) if number != 7]
    assert found.index.tolist() == kept
    assert list(found.images) == [names[number] for number in kept]
    at = np.array([later.index(name) for name in found.images])
    expected = RunDirectory.open(second).embedding(40)[1][at]
    before = RunDirectory.open(first).embedding(40)[1][kept]
    assert np.allclose(found.change, neighbour_change(before, expected, NEIGHBOURS))


def test_what_cannot_be_compared_says_why(two, opened, tmp_path):
    paths, records = two
    other = run(tmp_path / "other", opened.recipe, np.arange(24) + 100)
    with pytest.raises(ValueError, match="measured on different images"):
        compare((paths[0], other[0]), (records[0], other[1]))
    with pytest.raises(ValueError, match="one: no features were saved yet"):
        compare(paths, (RunRecord(), records[1]))
    shutil.rmtree(paths[1] / "embeddings")
    with pytest.raises(ValueError, match="step_00000040"):
        compare(paths, records)


def test_called_off_it_answers_nothing(two):
    assert compare(*two, lambda: True) is None
