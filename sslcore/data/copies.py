"""Files that are equal byte for byte."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sslcore.data.pool import CancelAsked, Progress, each

Answer = TypeVar("Answer")


def copies(
    paths: Sequence[Path],
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> tuple[tuple[int, ...], ...]:
    """Positions of files that are equal byte for byte, in sets of two or more.

    Only files that share their size with another are read (and compared by SHA-256).

    Args:
        paths: the files; one that cannot be read is equal to nothing.
        progress: called with (files read, files to read).
        cancelled: asked often; True calls the search off.

    Raises:
        Cancelled: if called off.
    """
    by_size = _alike(paths, range(len(paths)), _size, None, cancelled)
    suspects = [position for same in by_size for position in same]
    return _alike(paths, suspects, _hash, progress, cancelled)


def _alike(
    paths: Sequence[Path],
    positions: Sequence[int],
    look: Callable[[Path], Answer | None],
    progress: Progress | None,
    cancelled: CancelAsked | None,
) -> tuple[tuple[int, ...], ...]:
    """Positions that look the same, in sets of two or more."""
    found: defaultdict[Answer, list[int]] = defaultdict(list)
    some = [paths[position] for position in positions]
    answers = each(look, some, progress=progress, cancelled=cancelled)
    for position, answer in zip(positions, answers, strict=True):
        if answer is not None:
            found[answer].append(position)
    return tuple(tuple(same) for same in found.values() if len(same) > 1)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None  # gone since the scan: equal to nothing


def _hash(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return None
