"""What the workbench takes of the disk, and what of it may go at any time."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings


@dataclass(frozen=True)
class Usage:
    """Bytes on the disk.

    Attributes:
        cache: decoded pixels, thumbnails, layouts and the demo set.
        checkpoints: of all runs in the folder of runs.
        runs: how many these are.
    """

    cache: int
    checkpoints: int
    runs: int


def measure(settings: Settings) -> Usage:
    """Look through both folders; files that vanish meanwhile count nothing."""
    folder = settings.runs_folder
    runs = [one for one in _entries(folder) if (one / "recipe.toml").is_file()]
    kept = (file for run in runs for file in (run / "checkpoints").rglob("*"))
    return Usage(cache_bytes(settings), _bytes(kept), len(runs))


def cache_bytes(settings: Settings) -> int:
    """Bytes in the cache folder."""
    return _bytes(settings.cache_folder.rglob("*"))


def clear_cache(settings: Settings) -> None:
    """Delete everything in the cache folder but the demo set, which may be open."""
    for entry in _entries(settings.cache_folder):
        if entry == settings.demo_folder:
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _bytes(files: Iterable[Path]) -> int:
    total = 0
    for file in files:
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total
