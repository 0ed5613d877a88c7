import numpy as np
import pytest
from sklearn.neighbors import LocalOutlierFactor

from sslcore.data.pool import Cancelled
from sslcore.evaluation import neighbours
from sslcore.evaluation.outliers import local_outlier_factor, neighbour_distance


def distances(features):
    """(N, N) cosine distances, a zero row at distance 1 from everything."""
    norms = np.linalg.norm(features, axis=1)
    rows = features / np.where(norms > 0, norms, 1)[:, None]
    table = 1 - rows @ rows.T
    np.fill_diagonal(table, np.inf)
    return table


def factor_plainly(features, k):
    """Breunig's definition, image by image."""
    table = distances(features)
    count = len(table)
    near = [np.argsort(table[row], kind="stable")[:k] for row in range(count)]
    reach = [table[row][near[row][-1]] for row in range(count)]
    density = [
        1 / np.mean([max(reach[other], table[row][other]) for other in near[row]])
        for row in range(count)
    ]
    return [np.mean([density[other] for other in near[row]]) / density[row] for row in range(count)]


@pytest.fixture
def features():
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(50, 5)) * 0.3 + np.eye(5)[np.arange(50) % 3]
    rows[17] = -rows.mean(0) * 3
    return rows


@pytest.mark.parametrize("k", [1, 4, 49, 200])
def test_the_distance_is_the_mean_to_the_nearest(features, k):
    found = neighbour_distance(features, k)
    expected = np.sort(distances(features), axis=1)[:, : min(k, 49)].mean(1)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    if k == 4:
        assert found.argmax() == 17


@pytest.mark.parametrize("k", [2, 7])
def test_the_local_factor_is_that_of_its_definition_and_of_scikit_learn(features, k):
    found = local_outlier_factor(features, k)
    np.testing.assert_allclose(found, factor_plainly(features, k), rtol=1e-6)
    own = LocalOutlierFactor(n_neighbors=k, metric="cosine", algorithm="brute").fit(features)
    np.testing.assert_allclose(found, -own.negative_outlier_factor_, rtol=1e-6)


def test_the_local_factor_sees_who_stands_beside_a_dense_crowd():
    generator = np.random.default_rng(1)
    angles = np.concatenate([
        np.radians(45) + generator.normal(size=40) * 0.002,  # dense
        np.radians(100) + generator.normal(size=40) * 0.2,  # thin
        [np.radians(48)],  # beside the dense one
    ])  # fmt: skip
    features = np.stack([np.cos(angles), np.sin(angles)], 1)
    assert local_outlier_factor(features, 10).argmax() == 80
    assert neighbour_distance(features, 10).argmax() != 80


def test_chunks_change_nothing(features, monkeypatch):
    whole = neighbour_distance(features, 5), local_outlier_factor(features, 5)
    monkeypatch.setattr(neighbours, "_CELLS", 120)
    told = []
    parts = (
        neighbour_distance(features, 5, lambda *word: told.append(word)),
        local_outlier_factor(features, 5),
    )
    assert told[0] == (2, 50)
    assert told[-1] == (50, 50)
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)


def test_equal_and_zero_rows_have_finite_scores(features):
    assert neighbour_distance(np.ones((9, 3)), 4).tolist() == pytest.approx([0] * 9, abs=1e-6)
    np.testing.assert_allclose(local_outlier_factor(np.ones((9, 3)), 4), 1)
    features[3] = 0
    assert neighbour_distance(features, 4)[3] == 1.0
    features[10:30] = features[10]  # more of them than k: endlessly dense
    assert np.isfinite(local_outlier_factor(features, 5)).all()


@pytest.mark.parametrize("score", [neighbour_distance, local_outlier_factor])
def test_refuses_what_has_no_neighbours(score, features):
    with pytest.raises(ValueError, match="one image alone"):
        score(features[:1])
    with pytest.raises(ValueError, match="k must be at least 1"):
        score(features, 0)
    features[8, 1] = np.nan
    with pytest.raises(ValueError, match="first in row 8"):
        score(features)
    with pytest.raises(Cancelled):
        score(np.eye(3), cancelled=lambda: True)
