"""What training asks of the place its results go to; ``runs.directory`` is the one on a disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray


class CheckpointError(ValueError):
    """A checkpoint that is not there, is damaged or does not fit the recipe."""


class SaveError(RuntimeError):
    """Something could not be written; the message names the file, the reason and the remedy."""


@dataclass(frozen=True)
class Loaded:
    """The files of one whole checkpoint, their hashes checked.

    Attributes:
        path: where it lies, as events name it.
        files: file name -> contents.
        problems: a sentence for every newer checkpoint that was damaged and passed over.
    """

    path: str
    files: Mapping[str, bytes]
    problems: tuple[str, ...] = ()


class Store(Protocol):
    """Where a run keeps what it must not lose. Every method returns after the data is safe."""

    def claim(self) -> None:
        """Make this process the only one that trains here.

        Raises:
            SaveError: if another live process does.
        """
        ...

    def release(self) -> None:
        """Give the claim back; does nothing without one."""
        ...

    def save_checkpoint(self, step: int, files: Mapping[str, bytes], keep: int) -> str:
        """Write all files of a checkpoint or none; keep the ``keep`` newest; return its path.

        Raises:
            SaveError: if it cannot be written.
        """
        ...

    def load(self, which: str = "auto") -> Loaded | None:
        """The newest whole checkpoint (``"auto"``; None if there is none), or one by its path.

        Raises:
            CheckpointError: if the one asked for is missing or damaged, or all there are.
        """
        ...

    def save_array(self, name: str, arrays: Mapping[str, NDArray[Any]], /) -> str:
        """Write named arrays as ``NAME.npz`` and return the path.

        Raises:
            SaveError: if it cannot be written.
        """
        ...
