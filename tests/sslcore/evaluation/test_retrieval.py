import numpy as np
import pytest

from sslcore.evaluation.retrieval import view_retrieval


def test_equals_counting_by_hand():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(60, 4))
    b = a + rng.normal(size=(60, 4))
    hits = 0
    for row in range(60):
        cosines = [a[row] @ b[j] / np.linalg.norm(a[row]) / np.linalg.norm(b[j]) for j in range(60)]
        hits += int(np.argmax(cosines)) == row
    assert 0 < hits < 60
    assert view_retrieval(a, b) == pytest.approx(hits / 60)


def test_the_same_views_always_find_each_other_and_strangers_do_not():
    a = np.random.default_rng(1).normal(size=(30, 8))
    assert view_retrieval(a, 3 * a) == 1.0
    assert view_retrieval(a, np.roll(a, 1, axis=0)) == 0.0


def test_a_collapsed_encoder_stands_at_chance():
    assert view_retrieval(np.ones((20, 3)), np.ones((20, 3))) == pytest.approx(1 / 20)


def test_permuting_the_images_changes_nothing():
    rng = np.random.default_rng(2)
    a, order = rng.normal(size=(40, 3)), rng.permutation(40)
    b = a + rng.normal(size=a.shape)
    assert view_retrieval(a, b) == view_retrieval(a[order], b[order])


def test_refuses_different_images():
    with pytest.raises(ValueError, match="same images"):
        view_retrieval(np.ones((3, 2)), np.ones((4, 2)))
