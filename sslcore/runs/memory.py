"""A store that keeps everything in memory: for trials and tests that leave nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from sslcore.engine.store import CheckpointError, Loaded


class MemoryStore:
    """An ``engine.store.Store`` without a disk.

    Attributes:
        checkpoints: path -> files, oldest first.
        arrays: path -> named arrays.
    """

    def __init__(self) -> None:
        self.checkpoints: dict[str, dict[str, bytes]] = {}
        self.arrays: dict[str, dict[str, NDArray[Any]]] = {}

    def claim(self) -> None:
        """Nobody else can train here."""

    def release(self) -> None:
        """Nothing to give back."""

    def save_checkpoint(self, step: int, files: Mapping[str, bytes], keep: int) -> str:
        """Keep a checkpoint and the ``keep - 1`` before it."""
        path = f"step_{step:08d}"
        self.checkpoints.pop(path, None)
        self.checkpoints[path] = dict(files)
        while len(self.checkpoints) > keep:
            del self.checkpoints[next(iter(self.checkpoints))]
        return path

    def load(self, which: str = "auto") -> Loaded | None:
        """The newest checkpoint, or the one of that path."""
        if which == "auto":
            if not self.checkpoints:
                return None
            which = next(reversed(self.checkpoints))
        if which not in self.checkpoints:
            raise CheckpointError(f"{which}: no such checkpoint")
        return Loaded(which, self.checkpoints[which])

    def save_array(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> str:
        """Keep named arrays."""
        self.arrays[name] = dict(arrays)
        return name
