"""Scores of a classifier against scikit-learn, and what is refused."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, top_k_accuracy_score

from sslcore.evaluation.scores import class_count, kept_aside, known, labelled, scored


@pytest.fixture
def judged():
    """Scores of 200 queries of eight classes that are right more often than not."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 8, 200)
    scores = rng.normal(size=(200, 8)) + 1.5 * np.eye(8)[truth]
    return torch.from_numpy(scores), truth


def test_all_numbers_are_scikit_learns(judged):
    scores, truth = judged
    found = scored(scores, truth)
    guess = scores.argmax(1).numpy()
    assert found.top_1 == accuracy_score(truth, guess)
    assert found.top_5 == top_k_accuracy_score(truth, scores.numpy(), k=5)
    assert np.array_equal(found.confusion, confusion_matrix(truth, guess, labels=range(8)))
    recalls = [(guess[truth == one] == one).mean() for one in range(8)]
    np.testing.assert_allclose(found.per_class, recalls)


def test_every_cell_of_the_confusion_names_its_images(judged):
    scores, truth = judged
    hidden = truth.copy()
    hidden[::4] = -1
    found = scored(scores, hidden)
    assert found.asked.tolist() == np.flatnonzero(hidden >= 0).tolist()
    guess = scores.argmax(1).numpy()
    for true in range(8):
        for other in range(8):
            rows = np.flatnonzero((hidden == true) & (guess == other))
            assert found.cell(true, other).tolist() == rows.tolist()
            assert found.confusion[true, other] == len(rows)
    assert found.wrong.tolist() == np.flatnonzero((hidden >= 0) & (guess != hidden)).tolist()


def test_classes_that_are_not_there():
    scores = torch.tensor([[1.0, 0.0], [0.0, 1.0], [3.0, 2.0]])
    found = scored(scores, np.array([0, 0, 3]))
    assert found.confusion.shape == (4, 4)
    np.testing.assert_array_equal(found.per_class, [0.5, np.nan, np.nan, 0.0])
    assert found.top_5 == pytest.approx(2 / 3)  # with two scores all known classes are among five


def test_what_is_kept_aside_is_a_part_of_every_class_and_never_all_of_one():
    truth = torch.tensor([0] * 40 + [1] * 20 + [2] * 2 + [3])
    aside = kept_aside(truth, 0.25, 0)
    assert [int(aside[truth == one].sum()) for one in range(4)] == [10, 5, 1, 0]
    assert torch.equal(aside, kept_aside(truth, 0.25, 0))
    assert not torch.equal(aside, kept_aside(truth, 0.25, 1))


def test_rows_with_a_label():
    rows, truth = labelled(np.arange(8.0).reshape(4, 2), np.array([1, -1, 0, -1]), "bank")
    assert rows.tolist() == [[0, 1], [4, 5]]
    assert truth.tolist() == [1, 0]
    assert class_count(truth) == 2
    assert class_count(truth, 5) == 5


def test_what_cannot_be_judged_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match="queries: no image has a label; sub-folders"):
        scored(torch.zeros(2, 3), np.array([-1, -1]))
    with pytest.raises(ValueError, match="3 images need as many labels"):
        known("bank", np.array([0, 1]), 3)
    with pytest.raises(ValueError, match="labels of at least two classes"):
        class_count(torch.tensor([2, 2]))
