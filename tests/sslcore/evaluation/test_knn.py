import math

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from sslcore.evaluation import knn


@pytest.fixture
def clouds():
    """Three overlapping clouds: bank, labels, queries, labels."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(3, 8))
    labels = rng.integers(0, 3, 150)
    points = centres[labels] + rng.normal(scale=1.2, size=(150, 8))
    return points[:100], labels[:100], points[100:], labels[100:]


def slow_class(bank, labels, query, k, temperature):
    """One query by the definition: sort by cosine, add exp(s / T), take the largest sum."""
    cosines = [
        float(row @ query) / math.sqrt(float(row @ row) * float(query @ query)) for row in bank
    ]
    votes = [0.0] * (max(labels) + 1)
    for row in sorted(range(len(bank)), key=lambda row: -cosines[row])[:k]:
        votes[labels[row]] += math.exp(cosines[row] / temperature)
    return votes.index(max(votes))


@pytest.mark.parametrize(("k", "temperature"), [(1, 0.1), (20, 0.1), (20, 0.5), (100, 0.07)])
def test_equals_a_plain_loop_and_scikit_learn(clouds, k, temperature):
    bank, labels, queries, _ = clouds
    predicted = knn.classify(bank, labels, queries, k, temperature)
    plain = [slow_class(bank, labels.tolist(), query, k, temperature) for query in queries]
    assert predicted.tolist() == plain
    other = KNeighborsClassifier(
        n_neighbors=k,
        metric="cosine",
        algorithm="brute",
        weights=lambda distances: np.exp((1 - distances) / temperature),
    ).fit(bank, labels)
    assert predicted.tolist() == other.predict(queries).tolist()


def test_weights_decide_where_a_plain_majority_would_not():
    bank = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    query = np.array([[1.0, 0.2]])
    assert knn.classify(bank, np.array([0, 1, 1]), query, 3, 0.1).tolist() == [0]
    assert knn.classify(bank, np.array([0, 1, 1]), query, 3, 100.0).tolist() == [1]


def test_turning_and_scaling_features_changes_nothing(clouds):
    bank, labels, queries, _ = clouds
    turn, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(8, 8)))
    one = knn.classify(bank, labels, queries, 10, 0.1)
    assert torch.equal(one, knn.classify(bank @ turn * 7, labels, queries @ turn / 3, 10, 0.1))


def test_class_numbers_are_only_names(clouds):
    bank, labels, queries, _ = clouds
    names = np.array([5, 0, 9])
    one = knn.classify(bank, labels, queries, 10, 0.1).numpy()
    assert (knn.classify(bank, names[labels], queries, 10, 0.1).numpy() == names[one]).all()


def test_tensors_and_arrays_agree(clouds):
    bank, labels, queries, truth = (torch.from_numpy(one) for one in clouds)
    assert torch.equal(
        knn.classify(bank, labels, queries, 5, 0.1), knn.classify(*clouds[:3], 5, 0.1)
    )
    assert knn.accuracy(bank, labels, queries, truth, 5, 0.1) == knn.accuracy(*clouds, 5, 0.1)


def test_accuracy_counts_only_what_has_a_label(clouds):
    bank, labels, queries, truth = clouds
    predicted = knn.classify(bank, labels, queries, 10, 0.1).numpy()
    assert knn.accuracy(bank, labels, queries, truth, 10, 0.1) == np.mean(predicted == truth)
    partly = np.where(np.arange(50) < 30, truth, -1)
    expected = np.mean(predicted[:30] == truth[:30])
    assert knn.accuracy(bank, labels, queries, partly, 10, 0.1) == pytest.approx(expected)


def test_bank_rows_without_a_label_take_no_part(clouds):
    bank, labels, queries, _ = clouds
    partly = np.where(np.arange(100) < 60, labels, -1)
    assert torch.equal(
        knn.classify(bank, partly, queries, 20, 0.1),
        knn.classify(bank[:60], labels[:60], queries, 20, 0.1),
    )


def test_k_beyond_the_bank_means_all_of_it(clouds):
    bank, labels, queries, _ = clouds
    assert torch.equal(
        knn.classify(bank, labels, queries, 200, 0.1), knn.classify(bank, labels, queries, 100, 0.1)
    )


def test_ties_go_to_the_lower_class_and_a_tiny_temperature_does_not_overflow():
    bank, query = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[2.0, 0.0]])
    assert knn.classify(bank, np.array([3, 1]), query, 2, 1e-6).tolist() == [1]


def test_errors_say_what_is_missing(clouds):
    bank, labels, queries, _ = clouds
    with pytest.raises(ValueError, match="no image of the bank has a label"):
        knn.classify(bank, np.full(100, -1), queries, 5, 0.1)
    with pytest.raises(ValueError, match="no query has a label"):
        knn.accuracy(bank, labels, queries, np.full(50, -1), 5, 0.1)
    with pytest.raises(ValueError, match="temperature must be above 0"):
        knn.classify(bank, labels, queries, 5, 0.0)
    with pytest.raises(ValueError, match=r"bank_labels .*\(99,\) for 100 rows"):
        knn.classify(bank, labels[1:], queries, 5, 0.1)
    with pytest.raises(ValueError, match="bank features hold NaN"):
        knn.classify(bank * np.nan, labels, queries, 5, 0.1)
