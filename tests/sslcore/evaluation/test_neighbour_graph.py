import numpy as np
import pytest
import torch

from sslcore.evaluation import neighbour_graph as module

RNG = np.random.default_rng(0)
CLOUDS = (RNG.normal(scale=4, size=(3, 8))[np.arange(60) % 3] + RNG.normal(size=(60, 8))).astype(
    np.float32
)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_are_exact_and_each_point_is_its_own_first(metric, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 17)
    told = []
    rows, distances = module.neighbours(
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
def test_different_points_are_counted_as_the_metric_sees_them(rows, metric, expected):
    matrix = torch.from_numpy(np.asarray(rows, np.float64))
    assert module.different(matrix, metric) == expected


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (CLOUDS, ""),
        (CLOUDS[:3], "there are only 3 images"),
        (np.repeat(CLOUDS[:2], 9, 0), "18 images have only 2 different feature vectors"),
    ],
)
def test_what_has_no_graph_is_said(rows, reason):
    assert module.too_few(torch.from_numpy(rows), "euclidean") == reason


def test_starting_points_part_but_hardly_move():
    random = np.random.RandomState(0)
    for start in (CLOUDS[:, :2], np.zeros((60, 2), np.float32)):
        found = module.jittered(start, random)
        assert found.dtype == np.float32
        assert len(np.unique(found, axis=0)) == 60
        assert np.abs(found - start).max() < 1e-3 * max(np.abs(start).max(), 1)
