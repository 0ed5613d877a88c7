"""The parts of a map, in this process: nothing here needs umap's compiled optimiser."""

import importlib
import warnings

import numpy as np
import pytest
import torch

from sslcore.evaluation.projection import pca

RNG = np.random.default_rng(0)
CLOUDS = (RNG.normal(scale=4, size=(3, 8))[np.arange(60) % 3] + RNG.normal(size=(60, 8))).astype(
    np.float32
)


@pytest.fixture(scope="module")
def module():
    """Imported late: it takes umap with it, which takes seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # umap's, about a library nobody asked for
        return importlib.import_module("sslcore.evaluation.umap_layout")


def settings(module, **changes):
    usual = {"n_neighbors": 5, "min_dist": 0.1, "metric": "cosine", "seed": 0, "dimensions": 2}
    return module.Settings(**{**usual, "epochs": None, **changes})


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_are_exact_and_each_point_is_its_own_first(module, metric, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 17)
    told = []
    rows, distances = module._neighbours(
        torch.from_numpy(CLOUDS), 6, metric, lambda part, _: told.append(part)
    )
    points = CLOUDS.astype(np.float64)
    if metric == "cosine":
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        table = 1 - points @ points.T
    else:
        table = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.testing.assert_array_equal(rows[:, 0], np.arange(60))
    assert not distances[:, 0].any()
    np.fill_diagonal(table, -1)
    expected = np.sort(table, axis=1)[:, 1:6]
    np.testing.assert_allclose(distances[:, 1:], expected, atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(table, rows[:, 1:], 1), expected, atol=1e-5)
    assert told == sorted(told)
    assert len(told) == 4, "one word per block"


@pytest.mark.parametrize(
    ("rows", "metric", "expected"),
    [
        (CLOUDS, "cosine", 4),
        (np.repeat(CLOUDS[:2], 9, 0), "euclidean", 2),
        (CLOUDS[:1] * np.arange(1, 8)[:, None], "cosine", 1),
        (CLOUDS[:1] * np.arange(1, 8)[:, None], "euclidean", 4),
        (np.zeros((5, 3)), "cosine", 1),
        (np.zeros((5, 3)), "euclidean", 1),
        # Large numbers far apart and tiny ones close together: what counts is the spread.
        (1e6 + np.zeros((5, 3)), "euclidean", 1),
        (1e-6 * CLOUDS[:3], "euclidean", 3),
    ],
)
def test_different_points_are_counted_as_the_metric_sees_them(module, rows, metric, expected):
    matrix = torch.from_numpy(np.asarray(rows, np.float64))
    assert module._different(matrix, metric) == expected


def test_starting_points_part_but_hardly_move(module):
    random = np.random.RandomState(0)
    for start in (CLOUDS[:, :2], np.zeros((60, 2), np.float32)):
        found = module._jittered(start, random)
        assert found.dtype == np.float32
        assert len(np.unique(found, axis=0)) == 60
        assert np.abs(found - start).max() < 1e-3 * max(np.abs(start).max(), 1)


def test_the_progress_bar_becomes_words(module):
    told = []
    stream = module._Epochs(lambda part, words: told.append((round(part, 3), words)))
    for text in ("\r", "0/200", "\r 100/200", "200/200", "\n"):
        stream.write(text)
        stream.flush()
    assert told == [
        (0.25, "placing points, epoch 0 of 200"),
        (0.575, "placing points, epoch 100 of 200"),
        (0.9, "placing points, epoch 200 of 200"),
    ]


def test_too_few_different_images_get_pca_and_the_reason(module):
    told = []
    few = np.repeat(CLOUDS[:2], 10, 0)
    made = module.lay_out(few, settings(module), lambda part, words: told.append(words))
    assert (made.kind, made.note) == (
        "pca",
        "PCA instead of UMAP: 20 images have only 2 different feature vectors",
    )
    np.testing.assert_array_equal(made.points, pca(few))
    assert told == ["drawing PCA"]
    assert made.faith.trustworthiness > 0.9


def test_all_that_is_kept_compiled_is_there(module):
    """A new version of umap that names its functions otherwise is noticed here."""
    for owner, name in module._COMPILED:
        assert callable(getattr(getattr(owner, name), "enable_caching", None)), name
