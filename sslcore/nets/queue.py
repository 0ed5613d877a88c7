"""A queue of keys: the dictionary of MoCo, larger than any batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Queue(nn.Module):
    """First in, first out. Rows, ages and place all lie in the state dict, so a run can resume.

    Until it has been filled, it holds random unit vectors (from torch's global generator), as
    MoCo does; their ``born`` is -1.

    Args:
        size: K, number of rows.
        dimensions: d, length of a row.

    Raises:
        ValueError: if a size is not positive.
    """

    rows: Tensor
    born: Tensor
    place: Tensor

    def __init__(self, size: int, dimensions: int) -> None:
        super().__init__()
        if size < 1 or dimensions < 1:
            raise ValueError(f"a queue needs positive sizes, got {size} rows of {dimensions}")
        self.register_buffer("rows", F.normalize(torch.randn(size, dimensions), dim=-1))
        self.register_buffer("born", torch.full((size,), -1, dtype=torch.int64))
        self.register_buffer("place", torch.zeros((), dtype=torch.int64))

    def __len__(self) -> int:
        return self.rows.shape[0]

    @torch.no_grad()
    def push(self, keys: Tensor, step: int) -> None:
        """Put keys in the place of the oldest rows.

        New tensors take the place of the old ones: a loss that still holds the rows it was
        computed with can still run backward.

        Args:
            keys: (B, d), any B; of more than K only the last K stay.
            step: when they were made.

        Raises:
            ValueError: if the keys are of another length than the rows.
        """
        if keys.dim() != 2 or keys.shape[1] != self.rows.shape[1]:
            raise ValueError(
                f"keys of shape {tuple(keys.shape)} do not fit rows of {self.rows.shape[1]}"
            )
        size = len(self)
        count = keys.shape[0]
        fresh = keys.detach()[max(count - size, 0) :].to(self.rows)
        start = int(self.place) + count - fresh.shape[0]
        places = (torch.arange(fresh.shape[0], device=fresh.device) + start) % size
        self.rows = self.rows.index_copy(0, places, fresh)
        self.born = self.born.index_copy(0, places, torch.full_like(places, step))
        self.place = (self.place + count) % size

    def ages(self, step: int) -> Tensor:
        """(K,) int64: steps since each row came in; -1 for the random rows of the start."""
        return torch.where(self.born < 0, -1, step - self.born)
