import numpy as np
import pytest

from app.plots.pairs import Counts, Pairs
from sslcore.diagnostics import heatmap

NAMES = ("cat", "dog", "owl")


def shown(row_ids, column_ids):
    matrix = np.zeros((len(row_ids), len(column_ids)))
    return heatmap(matrix, row_ids=np.array(row_ids), column_ids=np.array(column_ids))


def by_hand(row_ids, column_ids, labels):
    """Every cell looked at on its own: its relation, and the counts."""
    paired = list(row_ids) == list(column_ids)
    relations, negatives, false, unknown = {}, 0, 0, 0
    for i, a in enumerate(row_ids):
        for j, b in enumerate(column_ids):
            if (i == j) if paired else (a == b):
                relations[i, j] = "positive"
                continue
            relations[i, j] = "negative"
            if labels[a] < 0 or labels[b] < 0:
                unknown += 1
                continue
            negatives += 1
            if labels[a] == labels[b]:
                false += 1
                relations[i, j] = "false negative"
    return relations, Counts(negatives, false, unknown)


SIDES = {
    "one batch": ([4, 9, 2, 7, 0], [4, 9, 2, 7, 0]),
    "copies of an image": ([4, 4, 9, 9, 2], [4, 4, 9, 9, 2]),
    "two lists": ([4, 9, 2], [9, 1, 4, 4, 8, 3]),
    "nothing in common": ([0, 1], [2, 3, 5]),
}


@pytest.mark.parametrize("unlabelled", [(), (9,), (2, 4)])
@pytest.mark.parametrize("sides", SIDES.values(), ids=SIDES)
def test_every_cell_is_what_it_is_by_hand(sides, unlabelled):
    labels = np.arange(10) % 3
    labels[list(unlabelled)] = -1
    pairs = Pairs.of(shown(*sides), labels, NAMES)
    relations, counts = by_hand(*sides, labels)
    assert pairs.counts == counts
    assert {cell: pairs.relation(*cell) for cell in relations} == relations
    rows, columns = (np.arange(len(one)) for one in sides)
    marked = pairs.false_negatives(rows, columns)
    assert {tuple(one) for one in np.argwhere(marked).tolist()} == {
        cell for cell, relation in relations.items() if relation == "false negative"
    }


def test_rows_are_marked_in_the_order_that_is_asked_for():
    ids, labels = np.array([3, 0, 6, 1]), np.array([0, 1, 0, 0, 2, 2, 1, 0])
    pairs = Pairs.of(shown(ids, ids), labels, NAMES)
    rows, columns = np.array([2, 0, 3, 1]), np.array([1, 3, 0, 2])
    plain = pairs.false_negatives(np.arange(4), np.arange(4))
    assert plain.sum() == 4  # two cats and two dogs, in either order
    assert np.array_equal(pairs.false_negatives(rows, columns), plain[np.ix_(rows, columns)])


def test_a_cell_is_put_into_words():
    labels = np.array([0, 0, 1, -1])
    pairs = Pairs.of(shown([0, 1, 2, 3, 0], [0, 1, 2, 3, 0]), labels, NAMES)
    assert pairs.words_at(0, 0) == "positive: cat"
    assert pairs.words_at(3, 3) == "positive: no class"
    assert pairs.words_at(0, 1) == "false negative: both cat"
    assert pairs.words_at(1, 2) == "negative: cat and dog"
    assert pairs.words_at(2, 3) == "negative: dog and no class"
    assert pairs.words_at(0, 4) == "false negative: another copy of the image, cat"


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(240, 12, 0), "12 of 240 negatives are of the same class"),
        (Counts(9120, 1012, 0), "1,012 of 9,120 negatives are of the same class"),
        (Counts(6, 1, 0), "1 of 6 negatives is of the same class"),
        (Counts(1, 0, 0), "None of 1 negative is of the same class"),
        (
            Counts(20, 4, 10),
            "4 of 20 negatives are of the same class; 10 without a class not counted",
        ),
    ],
)
def test_counts_are_put_into_words(counts, words):
    assert counts.words == words


@pytest.mark.parametrize(
    ("rows", "columns"),
    [([], []), ([0, 1, 2], []), ([0, 1, 12], [0, 1, 12]), ([0, 1, -1], [0, 1, 2])],
    ids=["no images", "images on one side", "of another folder", "no such row"],
)
def test_a_matrix_that_is_not_of_these_images_has_no_pairs(rows, columns):
    matrix = heatmap(np.zeros((3, 3)), row_ids=np.array(rows), column_ids=np.array(columns))
    assert Pairs.of(matrix, np.zeros(12, np.int64), NAMES) is None


def test_images_without_any_class_have_no_pairs():
    labels = np.array([-1, -1, 1])
    assert Pairs.of(shown([0, 1], [0, 1]), labels, NAMES) is None
    assert Pairs.of(shown([0, 2], [0, 2]), labels, NAMES) is not None
