import numpy as np
import pytest
from scipy.spatial import procrustes

from sslcore.evaluation.drift import movement, neighbour_change


@pytest.fixture
def features():
    return np.random.default_rng(0).normal(size=(60, 6)).astype(np.float32)


def turn(seed, size=6):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))[0]


def l2(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_turned_mirrored_and_scaled_space_has_not_moved(features):
    other = 3 * features @ turn(1)
    assert movement(features, other) == pytest.approx(np.zeros(60), abs=1e-6)
    assert neighbour_change(features, other).tolist() == [0] * 60


def test_movement_agrees_with_scipys_procrustes(features):
    other = features @ turn(2) + np.random.default_rng(3).normal(0, 0.4, (60, 6))
    first, second, _ = procrustes(l2(features.astype(np.float64)), l2(other))
    cosine = (l2(first) * l2(second)).sum(1)
    assert movement(features, other) == pytest.approx(1 - cosine, abs=1e-6)


def test_an_image_that_moved_alone_comes_first(features):
    other = features.copy()
    other[7] = -features[7]
    moved = movement(features, other)
    assert moved.argmax() == 7
    assert moved[7] > 1.5
    assert np.delete(moved, 7).max() < 0.1


def test_neighbours_by_hand(features):
    other = features + np.random.default_rng(4).normal(0, 0.5, features.shape)

    def sets(rows):
        cosine = l2(rows.astype(np.float64)) @ l2(rows.astype(np.float64)).T
        np.fill_diagonal(cosine, -2)
        return [set(np.argsort(-row)[:5].tolist()) for row in cosine]

    wanted = [1 - len(a & b) / len(a | b) for a, b in zip(sets(features), sets(other), strict=True)]
    assert neighbour_change(features, other, 5) == pytest.approx(wanted, abs=1e-6)


def test_more_neighbours_than_there_are_images(features):
    assert neighbour_change(features[:4], features[4:8], k=10).tolist() == [0] * 4


def test_degenerate_spaces_give_numbers(features):
    same = np.ones((5, 3), np.float32)
    assert movement(same, same).tolist() == [0] * 5
    assert np.isfinite(movement(same, features[:5, :3])).all()
    assert np.isfinite(movement(np.zeros((5, 3)), features[:5, :3])).all()


def test_what_cannot_be_compared_is_told(features):
    with pytest.raises(ValueError, match="same images by one encoder"):
        movement(features, features[:, :4])
    with pytest.raises(ValueError, match="same images: 60 and 59 rows"):
        neighbour_change(features, features[1:])
    features[3, 2] = np.nan
    with pytest.raises(ValueError, match="NaN or infinity"):
        movement(features, features)
