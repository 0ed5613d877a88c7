"""Single pictures of the open catalogue, read on a worker without building the training cache."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.tasks import Task, Tasks, Ticket

if TYPE_CHECKING:
    from sslcore.batch import Sample
    from sslcore.data.catalogue import Catalogue
    from sslcore.data.pixel_store import PixelStore
    from sslcore.recipe import Recipe


class Pixels:
    """Pixel stores of one catalogue, one per size, opened when first asked for.

    Args:
        catalogue: whose images.
        cache_folder: where a training cache may already lie; it is used if it does.
        tasks: runs the reading.
    """

    def __init__(self, catalogue: Catalogue, cache_folder: Path, tasks: Tasks) -> None:
        self._catalogue = catalogue
        self._cache_folder = cache_folder
        self._tasks = tasks
        self._stores: dict[int, PixelStore] = {}
        self._lock = threading.Lock()
        self._running: list[Task] = []
        self._reading = 0
        self._closed = False

    def sample(
        self,
        rows: Sequence[int],
        size: int,
        deliver: Callable[[Sample], None],
        key: str,
        recipe: Recipe | None = None,
    ) -> Task:
        """Read rows as stored for training at ``size`` and deliver them on the window's thread.

        With a recipe whose method is trained on sequences, the frames around them come too.
        """

        def read(ticket: Ticket) -> Sample:
            torch = importlib.import_module("torch")
            batch = importlib.import_module("sslcore.batch")
            source = importlib.import_module("sslcore.data.source")
            index = torch.as_tensor(list(rows), dtype=torch.int64)
            served = "images" if recipe is None else recipe.served(self._catalogue)
            with self.store(size, ticket) as store:
                if recipe is not None and served == "sequences":
                    window = recipe.data.window
                    near = source.nearest(self._catalogue, index.numpy(), served, window)
                    frames = source.Source(self._catalogue, served, store, window=window)
                    return frames.sample(near)
                return batch.Sample(index=index, image=store.read(index.numpy()))

        task = self._tasks.start("Reading images", read, deliver, key=key, quiet=True)
        self._running = [one for one in self._running if one.running] + [task]
        return task

    @contextmanager
    def store(self, size: int, ticket: Ticket) -> Generator[PixelStore]:
        """The store of a size for a ``with`` block on a worker; it is not closed meanwhile."""
        module = importlib.import_module("sslcore.data.pixel_store")
        with self._lock:
            if size not in self._stores:
                # A budget of nothing streams: one picture never waits for the whole cache.
                self._stores[size] = module.PixelStore.open(
                    self._catalogue,
                    size,
                    cache_folder=self._cache_folder,
                    budget_bytes=0,
                    cancelled=ticket.cancelled,
                )
            self._reading += 1
        try:
            yield self._stores[size]
        finally:
            with self._lock:
                self._reading -= 1
                self._close_unused()

    def close(self) -> None:
        """Drop what is being read and close every store, the last reader's work done."""
        for task in self._running:
            task.cancel()
        with self._lock:
            self._closed = True
            self._close_unused()

    def _close_unused(self) -> None:
        if self._closed and not self._reading:
            for store in self._stores.values():
                store.close()
            self._stores.clear()
