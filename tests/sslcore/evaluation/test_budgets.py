"""Label budgets: what is read, and that subsets are stratified, nested and seeded."""

import itertools

import numpy as np
import pytest

from sslcore.evaluation import budgets
from sslcore.evaluation.budgets import Budget


@pytest.mark.parametrize(
    ("text", "budget", "title"),
    [
        ("1 %", Budget(part=0.01), "1 %"),
        ("0.5%", Budget(part=0.005), "0.5 %"),
        ("100 %", Budget(part=1.0), "100 %"),
        ("10", Budget(each=10), "10 per class"),
        ("4 per class", Budget(each=4), "4 per class"),
        ("4 each", Budget(each=4), "4 per class"),
        ("Tagged", Budget(tagged=True), "tagged"),
    ],
)
def test_what_a_budget_means(text, budget, title):
    assert Budget.parse(f" {text} ") == budget
    assert budget.title == title
    assert Budget.parse(title) == budget


def test_a_list_keeps_its_order_and_names_each_once():
    found = budgets.parse("10 %, 1 %, 3, 10 %,")
    assert [one.title for one in found] == ["10 %", "1 %", "3 per class"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("many", "'many' is no label budget; write '1 %'"),
        ("1 %, -3", "'-3' is no label budget"),
        ("0 %", "above 0 and at most 1"),
        ("101 %", "above 0 and at most 1"),
        ("0 per class", "at least 1"),
        (" , ", "no label budget is given"),
    ],
)
def test_what_is_no_budget_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        budgets.parse(text)
    for wrong in ({"part": 0.1, "each": 1}, {"each": 1, "tagged": True}, {}):
        with pytest.raises(ValueError, match="either"):
            Budget(**wrong)


@pytest.fixture
def labels():
    """Classes of 200, 100, 30 and 1 images, and 40 without a label, mixed."""
    numbers = np.repeat([0, 1, 2, 5, -1], [200, 100, 30, 1, 40])
    return np.random.default_rng(0).permutation(numbers)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("1 %", [2, 1, 1, 1]),
        ("10 %", [20, 10, 3, 1]),
        ("100 %", [200, 100, 30, 1]),
        ("7", [7, 7, 7, 1]),
        ("60", [60, 60, 30, 1]),
    ],
)
def test_every_class_has_its_share_and_at_least_one_image(labels, text, counts):
    rows = budgets.subset(labels, Budget.parse(text), 3)
    assert rows.tolist() == sorted(set(rows.tolist()))
    assert [int((labels[rows] == one).sum()) for one in (0, 1, 2, 5)] == counts
    assert (labels[rows] >= 0).all()


def test_larger_budgets_hold_smaller_ones_and_seeds_differ(labels):
    sets = [
        set(budgets.subset(labels, one, 0).tolist())
        for one in budgets.parse("1 %, 2, 5 %, 10 %, 50, 100 %")
    ]
    small = budgets.subset(labels, Budget(part=0.1), 0)
    assert all(one <= other for one, other in itertools.pairwise(sets))
    assert small.tolist() == budgets.subset(labels, Budget(part=0.1), 0).tolist()
    assert small.tolist() != budgets.subset(labels, Budget(part=0.1), 1).tolist()


def test_images_that_were_picked_are_taken_as_they_are(labels):
    picked = np.array([30, 7, 12])
    budget = Budget(tagged=True)
    for seed in (0, 1):
        assert budgets.subset(labels, budget, seed, picked).tolist() == [7, 12, 30]
    for none in (None, picked[:0]):
        with pytest.raises(ValueError, match="no image was picked"):
            budgets.subset(labels, budget, 0, none)


def test_a_class_does_not_depend_on_the_others(labels):
    small = budgets.subset(labels, Budget(part=0.1), 0)
    fewer = np.where(labels == 1, -1, labels)
    same = budgets.subset(fewer, Budget(part=0.1), 0)
    assert same.tolist() == [row for row in small.tolist() if labels[row] != 1]


def test_small_classes_are_told_of(labels):
    said = budgets.remarks(labels, np.array([0, 1, 7, 8]), ("cat", "dog"))
    assert len(said) == 2
    assert "One labelled image only: class 5." in said[0]
    assert "never shown: class 7, class 8." in said[1]
    many = budgets.remarks(np.arange(9), np.arange(9), ("cat", "dog"))
    assert "cat, dog, class 2 and 6 more" in many[0]
    assert budgets.remarks(np.array([0, 0, 1, 1]), np.array([1])) == ()


def test_without_labels_there_is_no_subset():
    with pytest.raises(ValueError, match="bank: no image has a label"):
        budgets.subset(np.array([-1, -1]), Budget(each=1), 0)
