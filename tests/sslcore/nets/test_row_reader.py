"""Reading row by row: nothing from below, the neighbours beside, a sequence as one column."""

import torch

from sslcore.nets.row_reader import RowReader


def test_what_is_said_of_a_row_depends_on_it_and_on_rows_above_only():
    torch.manual_seed(0)
    reader = RowReader(4, 6)
    grid = torch.randn(2, 5, 3, 4, requires_grad=True)
    said = reader(grid)
    assert said.shape == (2, 5, 3, 6)
    said[0, 2, 1].sum().backward()
    reached = grid.grad.abs().sum(-1) > 0
    assert reached[0, :3].all()
    assert not reached[0, 3:].any()
    assert not reached[1].any()


def test_columns_further_off_are_not_seen():
    reader = RowReader(4, 6)
    grid = torch.randn(1, 2, 7, 4, requires_grad=True)
    reader(grid)[0, 1, 3].sum().backward()
    assert (grid.grad.abs().sum(-1) > 0)[0, 0].nonzero().flatten().tolist() == [2, 3, 4]


def test_a_sequence_is_read_as_by_the_recurrence_alone():
    torch.manual_seed(0)
    reader = RowReader(4, 6)
    frames = torch.randn(2, 5, 1, 4)
    weight, bias = reader.beside.weight[:, :, 0, 1], reader.beside.bias
    expected, _ = reader.memory(torch.relu(frames[:, :, 0] @ weight.T + bias))
    torch.testing.assert_close(reader(frames)[:, :, 0], expected)
