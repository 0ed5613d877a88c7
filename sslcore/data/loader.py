"""The loader: an endless seeded order of batches, read ahead by one background thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.batch import Sample
from sslcore.data.order import shuffled


class Reader(Protocol):
    """What a loader asks of a pixel store."""

    def read(self, rows: NDArray[np.int64], /) -> Tensor:
        """(B, C, H, W) float32 in [0, 1] of catalogue rows."""
        ...


class Loader:
    """Batches of training images.

    What step s holds is a function of (rows, batch size, seed, s) alone, so that resuming starts
    anywhere and reading ahead changes nothing. Every epoch is a fresh order; a last batch that
    would not be full is left out, and a set smaller than one batch is a batch.

    Args:
        store: where pixels are read.
        rows: catalogue rows to train on.
        batch_size: images per batch.
        seed: of the order, at least 0.
        prefetch: batches read ahead in a background thread; 0 reads in the caller's.
        sample: makes a sample of (B,) rows where it is more than images (see
            :class:`sslcore.data.source.Source`); None reads images alone from the store.

    Raises:
        ValueError: if there are no rows or the batch size is below 1.
    """

    def __init__(
        self,
        store: Reader,
        rows: NDArray[np.int64] | Sequence[int],
        batch_size: int,
        seed: int,
        prefetch: int = 2,
        sample: Callable[[NDArray[np.int64]], Sample] | None = None,
    ) -> None:
        self._store = store
        self._sample = sample
        self._rows = np.asarray(rows, np.int64)
        if not len(self._rows):
            raise ValueError("no images to train on; hold out fewer or choose another folder")
        if batch_size < 1:
            raise ValueError(f"batch_size = {batch_size}: a batch needs at least one image")
        self._seed = seed
        self._prefetch = prefetch
        self.batch_size = min(batch_size, len(self._rows))
        self.steps_per_epoch = len(self._rows) // self.batch_size
        self._order: tuple[int, NDArray[np.int64]] | None = None
        self._closed = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="loader")

    def order(self, epoch: int) -> NDArray[np.int64]:
        """All training rows in the order of an epoch, counted from 0."""
        kept = self._order
        if kept is None or kept[0] != epoch:
            kept = (epoch, self._rows[shuffled(len(self._rows), self._seed, epoch)])
            self._order = kept
        return kept[1]

    def rows(self, step: int) -> NDArray[np.int64]:
        """(B,) catalogue rows of a step, counted from 0."""
        epoch, place = divmod(step, self.steps_per_epoch)
        return self.order(epoch)[place * self.batch_size : (place + 1) * self.batch_size]

    def read(self, step: int) -> Sample:
        """The batch of a step, on the CPU."""
        rows = self.rows(step)
        if self._sample is not None:
            return self._sample(rows)
        return Sample(torch.from_numpy(rows.copy()), self._store.read(rows))

    def batches(self, first_step: int = 0) -> Iterator[Sample]:
        """Batches without end from a step on; ends when the loader is closed.

        What goes wrong while reading ahead is raised where its batch would have come.
        """
        if self._prefetch < 1:
            step = first_step
            while not self._closed:
                yield self.read(step)
                step += 1
            return
        ahead: deque[Future[Sample]] = deque()
        step = first_step
        try:
            while not self._closed:
                while len(ahead) <= self._prefetch:
                    ahead.append(self._executor.submit(self.read, step))
                    step += 1
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def close(self) -> None:
        """End all iteration and wait for the background thread; closing twice is fine."""
        self._closed = True
        self._executor.shutdown(wait=True, cancel_futures=True)
