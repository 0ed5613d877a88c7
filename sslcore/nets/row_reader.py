"""A network that reads a grid row by row: what it says of a row knows nothing of those below."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RowReader(nn.Module):
    """A convolution along every row, then a recurrent network down every column.

    A sequence is a grid of one column. Stands in for the PixelCNN of CPC (van den Oord et al.
    2018, https://arxiv.org/abs/1807.03748), which sees the same rows.

    Args:
        inputs: D, numbers of a cell.
        outputs: H, numbers of what is remembered.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.beside = nn.Conv2d(inputs, inputs, (1, 3), padding=(0, 1))
        self.memory = nn.GRU(inputs, outputs, batch_first=True)

    def forward(self, grid: Tensor) -> Tensor:
        """(B, rows, columns, D) -> (B, rows, columns, H), each from its own row and those above."""
        read = torch.relu(self.beside(grid.movedim(-1, 1))).movedim(1, -1)
        columns = read.transpose(1, 2)  # B x columns x rows x D
        remembered: Tensor = self.memory(columns.flatten(0, 1))[0]
        return remembered.unflatten(0, columns.shape[:2]).transpose(1, 2)
