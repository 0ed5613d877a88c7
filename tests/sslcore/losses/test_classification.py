"""Classification of pretext answers against the definition."""

import math

import numpy as np
import pytest
import torch

from sslcore.losses.classification import confusion, cross_entropy


def test_the_loss_is_minus_log_of_the_softmax_written_out():
    torch.manual_seed(0)
    scores = torch.randn(6, 5, dtype=torch.float64)
    answer = torch.tensor([0, 1, 2, 3, 4, 0])
    expected = []
    for row, right in zip(scores.tolist(), answer.tolist(), strict=True):
        expected.append(-math.log(math.exp(row[right]) / sum(math.exp(x) for x in row)))
    assert cross_entropy(scores, answer).tolist() == pytest.approx(expected, rel=1e-9)
    torch.testing.assert_close(cross_entropy(scores + 100, answer), cross_entropy(scores, answer))


@pytest.mark.parametrize("value", [0.0, 1e4])
def test_extreme_scores_in_half_precision_stay_finite(value):
    loss = cross_entropy(torch.full((2, 8), value, dtype=torch.float16), torch.tensor([0, 7]))
    assert loss.dtype == torch.float32
    assert loss.tolist() == pytest.approx([math.log(8)] * 2)


def test_answers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="a row of scores for each of 3 answers"):
        cross_entropy(torch.zeros(2, 4), torch.zeros(3, dtype=torch.int64))
    with pytest.raises(ValueError, match="answers run from 0 to 4, but there are 4 scores"):
        cross_entropy(torch.zeros(2, 4), torch.tensor([0, 4]))


def test_rows_of_the_confusion_matrix_add_up_to_one():
    torch.manual_seed(0)
    guess, answer = torch.randint(0, 3, (2, 50))
    expected = np.zeros((3, 3))
    for said, true in zip(guess.tolist(), answer.tolist(), strict=True):
        expected[true, said] += 1
    expected /= expected.sum(1, keepdims=True)
    assert confusion(guess, answer, 3).numpy() == pytest.approx(expected)
    assert confusion(torch.tensor([1]), torch.tensor([2]), 3).sum(1).tolist() == [0, 0, 1]
