import itertools
import math

import numpy as np
import pytest
from sklearn import metrics

from sslcore.evaluation.cluster_agreement import agree
from sslcore.evaluation.clustering import NOISE

RNG = np.random.default_rng(0)
LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2, -1])
NUMBERS = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 1])


def entropy(parts):
    return -sum(p * math.log(p) for p in parts if p > 0)


def test_scores_by_hand():
    table = np.array([[3, 1, 0], [0, 2, 1], [1, 0, 2]])
    found = agree(LABELS, NUMBERS, 3)
    np.testing.assert_array_equal(found.table, table)
    p = table / 10
    joint = entropy(p.ravel())
    of_class, of_cluster = entropy(p.sum(1)), entropy(p.sum(0))
    shared = of_class + of_cluster - joint
    scores = found.scores
    assert scores.homogeneity == pytest.approx(shared / of_class)
    assert scores.completeness == pytest.approx(shared / of_cluster)
    assert scores.nmi == pytest.approx(shared / ((of_class + of_cluster) / 2))
    h, c = scores.homogeneity, scores.completeness
    assert scores.nmi == pytest.approx(2 * h * c / (h + c))  # the V-measure
    together = same_class = same_cluster = 0
    pairs = list(itertools.combinations(range(10), 2))
    for i, j in pairs:
        one, other = LABELS[i] == LABELS[j], NUMBERS[i] == NUMBERS[j]
        together, same_class, same_cluster = (
            together + (one and other), same_class + one, same_cluster + other
        )  # fmt: skip
    chance = same_class * same_cluster / len(pairs)
    assert scores.ari == pytest.approx(
        (together - chance) / ((same_class + same_cluster) / 2 - chance)
    )
    best = max(sum(table[i, p[i]] for i in range(3)) for p in itertools.permutations(range(3)))
    assert scores.accuracy == pytest.approx(best / 10)
    assert found.matched.tolist() == [0, 1, 2]
    assert (found.labelled, found.unlabelled) == (10, 1)
    assert found.noise.tolist() == [0, 0, 0]
    assert found.clustered is None


def test_scores_are_those_of_scikit_learn():
    labels, numbers = RNG.integers(0, 7, 300), RNG.integers(0, 5, 300)
    numbers[labels == 3] = 2
    scores = agree(labels, numbers, 7).scores
    h, c, v = metrics.homogeneity_completeness_v_measure(labels, numbers)
    assert (scores.homogeneity, scores.completeness, scores.nmi) == pytest.approx((h, c, v))
    assert scores.ari == pytest.approx(metrics.adjusted_rand_score(labels, numbers))


def test_noise_does_not_pay():
    labels = np.repeat([0, 1], 50)
    numbers = np.full(100, NOISE)
    numbers[:5], numbers[50:55] = 0, 1  # few, but all of them right
    found = agree(labels, numbers, 2)
    assert found.noise.tolist() == [45, 45]
    assert found.scores.accuracy == pytest.approx(0.1)
    as_cluster = np.where(numbers == NOISE, 2, numbers)
    h = metrics.homogeneity_score(labels, as_cluster)
    assert found.scores.homogeneity == pytest.approx(h)
    assert h < 0.2
    assert found.clustered is not None
    assert found.clustered.homogeneity == found.clustered.ari == pytest.approx(1)


def test_nothing_but_noise():
    found = agree(np.array([0, 0, 1]), np.full(3, NOISE), 2)
    assert found.table.shape == (2, 0)
    assert found.matched.tolist() == [-1, -1]
    assert found.scores.accuracy == found.scores.homogeneity == 0
    assert found.clustered is None


def test_columns_bring_the_table_near_a_diagonal():
    labels = np.repeat([0, 1, 2], 10)
    numbers = np.concatenate([[2] * 10, [0] * 6 + [3] * 4, [1] * 10])
    found = agree(labels, numbers, 3)
    assert found.columns.tolist() == [2, 0, 3, 1]
    assert found.matched.tolist() == [2, 0, 1]


def test_a_class_without_an_image_and_one_with_a_single_image():
    found = agree(np.array([0, 0, 2]), np.array([0, 0, 1]), 3)
    assert found.table.tolist() == [[2, 0], [0, 0], [0, 1]]
    assert found.matched.tolist() == [0, -1, 1]
    assert found.scores.nmi == pytest.approx(1)


def test_names_of_clusters_do_not_matter():
    labels, numbers = RNG.integers(0, 4, 100), RNG.integers(0, 4, 100)
    turned = np.array([2, 0, 3, 1])[numbers]
    assert agree(labels, turned, 4).scores == agree(labels, numbers, 4).scores


def test_bad_labels_say_what_to_do():
    with pytest.raises(ValueError, match="at least two classes; label more images"):
        agree(np.array([0, 0, -1]), np.array([0, 1, 0]), 3)
    with pytest.raises(ValueError, match="one class and one cluster per image"):
        agree(np.array([0, 1]), np.array([0]), 2)
    with pytest.raises(ValueError, match="a label is 5"):
        agree(np.array([0, 5]), np.array([0, 1]), 3)
