import numpy as np
import pytest

from sslcore.evaluation.cluster_agreement import agree
from sslcore.evaluation.cluster_evidence import SHOWN, Clustered, shared_pairs, split_classes

NAMES = ("cat", "dog", "ship", "tree")
RNG = np.random.default_rng(0)


def heaps(*places, count=40):
    """Points around places on a line."""
    return np.concatenate(
        [RNG.normal(size=(count, 3)) + np.array([place, 0, 0]) for place in places]
    ).astype(np.float32)


def asked(points, labels, numbers):
    """Everything both functions are given."""
    labels, numbers = np.asarray(labels), np.asarray(numbers)
    found = agree(labels, numbers, 4)
    totals = found.table.sum(1) + found.noise
    return Clustered(points, labels, numbers, found.table, totals, NAMES)


def pairs(points, labels, numbers):
    return shared_pairs(asked(points, labels, numbers))


def splits(points, labels, numbers):
    given = asked(points, labels, numbers)
    return split_classes(given, given.table > 0.5 * given.table.sum(0))


def test_how_alike_two_classes_are_by_drawing_pairs():
    labels = np.repeat([0, 1, 2], 40)
    numbers = RNG.integers(0, 3, 120)
    numbers[80:] = 3
    found = pairs(heaps(0, 0, 9), labels, numbers)
    together = {}
    for a in (0, 1):
        for b in (0, 1):
            hits = [x == y for x in numbers[labels == a] for y in numbers[labels == b]]
            together[a, b] = sum(hits) / len(hits)
    (case,) = found
    expected = together[0, 1] / np.sqrt(together[0, 0] * together[1, 1])
    assert case.figure == pytest.approx(expected)
    assert f"{100 * together[0, 1]:.0f} % of mixed pairs" in case.sentence
    assert case.clusters[0] in (0, 1, 2)


def test_pairs_come_most_alike_first_and_no_more_than_five():
    labels = np.repeat([0, 1, 2, 3], 40)
    found = pairs(heaps(0, 0, 0, 0), labels, np.zeros(160, int))
    assert len(found) == 5  # of six
    numbers = np.where((labels == 3) & (np.arange(160) % 4 > 0), 1, 0)
    found = pairs(heaps(0, 0, 0, 0), labels, numbers)
    figures = [case.figure for case in found]
    assert figures == sorted(figures, reverse=True)
    assert all(3 not in case.classes for case in found[:3])


def test_noise_is_shared_with_nobody():
    labels = np.repeat([0, 1], 40)
    numbers = np.full(80, -1)
    numbers[[0, 40]] = 0
    (case,) = pairs(heaps(0, 0), labels, numbers)
    assert "0 % of mixed pairs" in case.sentence
    assert case.rows.tolist() == [0, 40]


def test_unlabelled_images_and_absent_classes_take_no_part():
    labels = np.repeat([0, -1, 2], 40)
    points = heaps(0, 0, 0)
    (case,) = pairs(points, labels, np.zeros(120, int))
    assert case.classes == (0, 2)
    assert set(labels[case.rows].tolist()) == {0, 2}
    assert len(case.rows) == 2 * SHOWN


def test_classes_are_parted_by_two_clusters_or_not():
    labels = np.repeat([0, 1], 40)
    (apart,) = pairs(heaps(0, 30), labels, np.zeros(80, int))
    (mixed,) = pairs(heaps(0, 0), labels, np.zeros(80, int))
    assert not apart.real
    assert "(ARI 1.00)" in apart.sentence
    assert mixed.real


def test_parts_are_told_from_the_largest_on():
    labels = np.array([0] * 100 + [1] * 40)
    numbers = np.array([2] * 50 + [0] * 30 + [1] * 20 + [3] * 40)
    points = np.concatenate([heaps(0, count=50), heaps(5, count=30), heaps(9, count=20), heaps(40)])
    (case,) = splits(points, labels, numbers)
    assert case.clusters == (2, 0)
    assert case.figure == pytest.approx(0.5)
    assert "cat has 3 clusters of its own, with 50 % and 30 %" in case.sentence
    assert not case.real
    first, second = case.rows[:SHOWN], case.rows[SHOWN:]
    assert (numbers[first] == 2).all()
    assert (numbers[second] == 0).all()


def test_a_sliver_is_no_part():
    labels = np.array([0] * 100 + [1] * 40)
    numbers = np.array([0] * 95 + [1] * 5 + [2] * 40)
    assert splits(heaps(0, 20, 40, count=47)[:140], labels, numbers) == ()


def test_one_class_alone_may_be_split_but_not_by_another():
    labels = np.array([0] * 80 + [-1] * 40)
    numbers = np.repeat([0, 1, 2], 40)
    points = heaps(0, 9, 18)
    table = np.array([[40, 40, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
    own = table > 0
    given = Clustered(points, labels, numbers, table, table.sum(1), NAMES)
    (case,) = split_classes(given, own)
    assert not case.real
    assert "one wide class" in case.sentence
