import numpy as np
import pytest
import torch

from sslcore.evaluation.vectors import as_matrix, unit


def test_unit_rows_survive_sizes_that_overflow_a_square():
    rows = torch.tensor([[3e30, 4e30], [3e-30, 4e-30], [3.0, 4.0]])
    torch.testing.assert_close(unit(rows), torch.tensor([[0.6, 0.8]]).repeat(3, 1))


def test_a_zero_row_stays_zero():
    assert unit(torch.zeros(1, 3)).tolist() == [[0.0, 0.0, 0.0]]


def test_kinds_of_numbers():
    assert as_matrix(np.ones((2, 2), np.float16), "x").dtype == torch.float32
    assert as_matrix(np.ones((2, 2)), "x").dtype == torch.float64
    assert as_matrix(torch.ones(2, 2), "x", double=True).dtype == torch.float64
    assert not as_matrix(torch.ones(2, 2, requires_grad=True), "x").requires_grad


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_refuses_what_has_diverged_and_names_the_row(bad):
    rows = np.ones((4, 2))
    rows[2, 1] = bad
    with pytest.raises(ValueError, match=r"bank features hold NaN.*row 2"):
        as_matrix(rows, "bank features")


def test_numbers_whose_sum_is_too_large_are_still_numbers():
    rows = np.full((4, 2), 3e38, np.float32)
    assert torch.equal(as_matrix(rows, "x"), torch.from_numpy(rows))
    rows[1, 0], rows[3, 1] = np.inf, -np.inf
    with pytest.raises(ValueError, match="row 1"):
        as_matrix(rows, "x")


@pytest.mark.parametrize("shape", [(3,), (0, 2), (2, 0), (2, 2, 2)])
def test_refuses_what_is_no_matrix(shape):
    with pytest.raises(ValueError, match="must be"):
        as_matrix(np.ones(shape), "features")
