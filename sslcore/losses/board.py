"""Tiles laid out on a square board, to be looked at."""

from __future__ import annotations

import torch
from torch import Tensor

EMPTY = 0.5
"""What a cell without a tile looks like."""


def laid_out(tiles: Tensor, cells: Tensor, side: int = 3) -> Tensor:
    """Put tiles into cells of a board.

    Args:
        tiles: (N, K, C, s, s), K tiles for each of N boards.
        cells: (N, K) int64, the cell of every tile in reading order; a later tile covers an
            earlier one.
        side: S, cells along each side.

    Returns:
        (N, C, S s, S s), middle grey where no tile lies.

    Raises:
        ValueError: if there is not one cell on the board for every tile.
    """
    count, number, channels, height, width = tiles.shape
    if cells.shape != (count, number):
        raise ValueError(
            f"need a cell for each of {count} x {number} tiles, got {tuple(cells.shape)}"
        )
    if cells.numel() and not 0 <= int(cells.min()) <= int(cells.max()) < side**2:
        raise ValueError(f"a board of {side} x {side} has no cell {cells.flatten().tolist()}")
    board = torch.full(
        (count, side**2, channels, height, width), EMPTY, dtype=tiles.dtype, device=tiles.device
    )
    rows = torch.arange(count, device=tiles.device)
    for tile in range(number):
        board[rows, cells[:, tile]] = tiles[:, tile]
    cut = board.unflatten(1, (side, side))  # N S S C s s
    return cut.permute(0, 3, 1, 4, 2, 5).reshape(count, channels, side * height, side * width)
