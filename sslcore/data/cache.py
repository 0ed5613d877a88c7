"""Pixel caches on disk: one folder of raw pixels with small JSON headers beside them.

A cache is two files named by the hash of what it was made from: ``KEY.pixels`` (raw numbers, one
image after another) and ``KEY.json``. Both are written under another name, synced and renamed, the
header last, so a cache that has a header is whole; its length is checked all the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import platformdirs
from numpy.typing import NDArray

from sslcore.data.folder import CACHE_TAG

ENVIRONMENT = "SSL_WORKBENCH_CACHE"
"""Environment variable that names another folder for caches."""

_VERSION = 1  # of decoding and layout; raise it when the same files would give other pixels
_STALE_SECONDS = 86_400.0
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n# Pixels of SSL Workbench; may go.\n"


def default_folder() -> Path:
    """Where caches lie unless told otherwise; ``SSL_WORKBENCH_CACHE`` overrides it."""
    given = os.environ.get(ENVIRONMENT)
    base = Path(given) if given else Path(platformdirs.user_cache_dir("ssl-workbench"))
    return base / "pixels"


@dataclass(frozen=True)
class Layout:
    """What a cache holds, and from what it was made.

    Attributes:
        fingerprint: of the catalogue.
        shape: (N, C, side, side).
        bits: 8 or 16 for each number, or 32 for floating point.
    """

    fingerprint: str
    shape: tuple[int, int, int, int]
    bits: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the numbers in the file, little-endian."""
        return np.dtype({8: "u1", 16: "<u2", 32: "<f4"}[self.bits])

    @property
    def size(self) -> int:
        """Bytes of all pixels."""
        count, channels, height, width = self.shape
        return count * channels * height * width * self.dtype.itemsize

    @property
    def header(self) -> dict[str, Any]:
        """As it is written to JSON."""
        return {
            "version": _VERSION,
            "fingerprint": self.fingerprint,
            "shape": list(self.shape),
            "bits": self.bits,
        }

    @property
    def key(self) -> str:
        """Name of the cache: a hash of everything above."""
        text = json.dumps(self.header, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, eq=False)
class Cached:
    """A cache that is open.

    Attributes:
        pixels: memory-mapped (N, C, side, side), read-only.
        missing: row -> why it could not be decoded; such rows are mid-grey.
    """

    pixels: NDArray[Any]
    missing: Mapping[int, str]


def load(folder: Path, layout: Layout) -> Cached | None:
    """The cache if it is there, whole and made from the same; None where it must be built."""
    try:
        header = json.loads((folder / f"{layout.key}.json").read_text("utf-8"))
        missing = cast("dict[str, str]", header.pop("missing"))
        file = folder / f"{layout.key}.pixels"
        if header != layout.header or file.stat().st_size != layout.size:
            return None
        pixels = np.memmap(file, layout.dtype, "r", shape=layout.shape)
        return Cached(pixels, {int(row): reason for row, reason in missing.items()})
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None  # absent or damaged: it is built anew


def build(
    folder: Path,
    layout: Layout,
    images: Iterable[NDArray[Any]],
    missing: Mapping[int, str],
) -> Cached:
    """Write a cache.

    Args:
        folder: made if need be.
        layout: what it will hold.
        images: N arrays (C, side, side) in order of the rows; may raise, and nothing is left.
        missing: filled while ``images`` is gone through; read at the end.

    Raises:
        OSError: if it cannot be written or read back; nothing half-made is left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _remove_stale(folder)
    if not (folder / CACHE_TAG).exists():
        (folder / CACHE_TAG).write_text(_SIGNATURE, "utf-8")
    part = folder / f"{layout.key}.{os.getpid()}-{time.monotonic_ns()}.partial"
    try:
        with part.open("wb") as file:
            for image in images:
                file.write(np.ascontiguousarray(image, layout.dtype).data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / f"{layout.key}.pixels")
        header = {**layout.header, "missing": {str(row): why for row, why in missing.items()}}
        with part.open("w", encoding="utf-8") as file:
            file.write(json.dumps(header))
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / f"{layout.key}.json")
    finally:
        part.unlink(missing_ok=True)
    cached = load(folder, layout)
    if cached is None:
        raise OSError(f"the pixel cache in {folder} cannot be read back")
    return cached


def usage(folder: Path | None = None) -> int:
    """Bytes that all pixel caches take, 0 where there are none."""
    total = 0
    for path in _files(folder or default_folder()):
        with suppress(FileNotFoundError):  # another window may clear it at this moment
            total += path.stat().st_size
    return total


def clear(folder: Path | None = None) -> int:
    """Remove all pixel caches; those in use stay readable where the system allows that.

    Returns:
        Bytes freed. A cache that the system will not let go of now is left where it is.
    """
    freed = 0
    for path in _files(folder or default_folder()):
        with suppress(OSError):
            size = path.stat().st_size
            path.unlink()
            freed += size
    return freed


def _files(folder: Path) -> list[Path]:
    kinds = (".pixels", ".json", ".partial")
    return [path for path in sorted(folder.glob("*")) if path.suffix in kinds]


def _remove_stale(folder: Path) -> None:
    """What killed programs left; anything younger may be another window at work."""
    for path in folder.glob("*.partial"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()
