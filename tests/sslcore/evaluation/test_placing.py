import numpy as np
import pytest
from sklearn.decomposition import PCA

from sslcore.evaluation.placing import ASKED, place_by_components, place_by_neighbours
from sslcore.evaluation.projection import align, pca

RNG = np.random.default_rng(0)
H = (RNG.normal(size=(50, 6)) * [5, 4, 3, 2, 1, 0.5]).astype(np.float32)
NEW = (RNG.normal(size=(7, 6)) * [5, 4, 3, 2, 1, 0.5]).astype(np.float32)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_components_place_exactly_where_scikit_learn_would(dimensions):
    theirs = PCA(dimensions).fit(H.astype(np.float64))
    layout = pca(H, dimensions)
    expected = theirs.transform(NEW.astype(np.float64))
    expected *= np.sign((theirs.transform(H.astype(np.float64)) * layout).sum(0))
    np.testing.assert_allclose(place_by_components(H, layout, NEW), expected, atol=1e-4)


def test_components_follow_a_map_that_was_laid_onto_another():
    moved = align(pca(H), pca(H[:, ::-1].copy()) * 3 + 8)
    np.testing.assert_allclose(place_by_components(H, moved, H), moved, atol=1e-4)
    both = place_by_components(H, moved, np.stack([H[3], H[4], (H[3] + H[4]) / 2]))
    np.testing.assert_allclose(both[2], (both[0] + both[1]) / 2, atol=1e-4)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_place_by_the_mean_that_counts_nearer_ones_more(metric):
    layout = RNG.normal(size=(50, 2)).astype(np.float32)
    found = place_by_neighbours(H, layout, NEW, metric)
    rows, asked = H.astype(float), NEW.astype(float)
    if metric == "cosine":
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        asked = asked / np.linalg.norm(asked, axis=1, keepdims=True)
    for place, one in zip(found, asked, strict=True):
        distances = [float(np.sqrt(((one - row) ** 2).sum())) for row in rows]
        order = sorted(range(50), key=lambda row: distances[row])[:ASKED]
        first = distances[order[0]]
        mean = sum(distances[row] - first for row in order) / (ASKED - 1)
        weights = [np.exp(-(distances[row] - first) / mean) for row in order]
        expected = sum(w * layout[row] for w, row in zip(weights, order, strict=True))
        np.testing.assert_allclose(place, expected / sum(weights), atol=1e-3)


def test_an_image_of_the_map_lands_on_its_own_place():
    layout = RNG.normal(size=(50, 3)).astype(np.float32)
    for metric in ("cosine", "euclidean"):
        np.testing.assert_allclose(place_by_neighbours(H, layout, H, metric), layout, atol=1e-5)


def test_few_and_equal_images_are_no_trouble():
    one = np.ones((1, 2), np.float32)
    np.testing.assert_allclose(place_by_neighbours(H[:1], one, NEW), one.repeat(7, 0))
    same = place_by_neighbours(np.ones((5, 4)), np.arange(10.0).reshape(5, 2), np.ones((2, 4)))
    np.testing.assert_allclose(same, [[4, 5], [4, 5]])
    assert np.isfinite(
        place_by_components(np.ones((5, 4)), np.zeros((5, 2)), np.ones((2, 4)))
    ).all()


def test_refuses_features_of_another_encoder():
    with pytest.raises(ValueError, match="one encoder"):
        place_by_components(H, pca(H), NEW[:, :4])
    with pytest.raises(ValueError, match="one encoder"):
        place_by_neighbours(H, pca(H), NEW[:, :4])
