"""Tiles on a board: each lies in its cell, the rest is grey."""

import pytest
import torch

from sslcore.losses.board import EMPTY, laid_out


def test_tiles_lie_in_their_cells():
    tiles = torch.rand(2, 3, 1, 2, 2)
    cells = torch.tensor([[0, 4, 8], [5, 2, 6]])
    boards = laid_out(tiles, cells)
    assert boards.shape == (2, 1, 6, 6)
    for board in range(2):
        for cell in range(9):
            down, across = divmod(cell, 3)
            found = boards[board, :, 2 * down : 2 * down + 2, 2 * across : 2 * across + 2]
            place = (cells[board] == cell).nonzero().flatten()
            expected = tiles[board, place[0]] if len(place) else torch.full((1, 2, 2), EMPTY)
            assert torch.equal(found, expected)


def test_a_later_tile_covers_an_earlier_one_and_boards_have_any_side():
    tiles = torch.stack((torch.zeros(1, 1, 1), torch.ones(1, 1, 1)))[None]
    board = laid_out(tiles, torch.tensor([[3, 3]]), side=2)
    assert board.flatten().tolist() == [EMPTY, EMPTY, EMPTY, 1.0]


def test_tiles_without_a_cell_are_refused():
    with pytest.raises(ValueError, match="a cell for each of 1 x 2 tiles"):
        laid_out(torch.zeros(1, 2, 1, 1, 1), torch.zeros(1, 3, dtype=torch.int64))
    with pytest.raises(ValueError, match=r"a board of 3 x 3 has no cell \[0, 9\]"):
        laid_out(torch.zeros(1, 2, 1, 1, 1), torch.tensor([[0, 9]]))
