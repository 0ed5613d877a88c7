"""Layouts kept on disk by what they were made from, so that the same map appears at once again.

One file per layout, named by two hashes: of the features and settings, and of the layout it set
out from. It lies in the cache folder, not in the run: a run may be read-only or train at this
moment on another machine, and what can be computed again should go when room is needed. A file
that is damaged is taken for missing.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
import uuid
import zipfile
import zlib
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sslcore.data.cache import default_folder
from sslcore.data.folder import CACHE_TAG
from sslcore.evaluation.projected import Faithfulness, Projection
from sslcore.evaluation.projection_settings import Computed, to_words

MOST = 256 << 20
"""Bytes kept: some 10,000 layouts of 2,000 points; those not asked for longest go first."""
_VERSION = 1  # of computing; raise it when the same features would give another layout
_STALE_SECONDS = 3600.0
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n# Maps of SSL Workbench; may go.\n"
_DAMAGED = (
    OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, MemoryError,
    zlib.error, zipfile.BadZipFile,
)  # fmt: skip
FROM_PCA = "pca"


def content_key(features: NDArray[np.float32], settings: Computed) -> str:
    """Hash of features and settings; not of where points set out."""
    words = {name: value for name, value in to_words(settings).items() if name != "start"}
    digest = hashlib.sha256(json.dumps([_VERSION, words], sort_keys=True).encode())
    digest.update(_head(features))
    digest.update(np.ascontiguousarray(features).data)
    return digest.hexdigest()


def start_key(initial: NDArray[np.float32] | None) -> str:
    """Hash of where points set out from; None is PCA, which the features tell."""
    if initial is None:
        return FROM_PCA
    digest = hashlib.sha256(_head(initial))
    digest.update(np.ascontiguousarray(initial).data)
    return digest.hexdigest()[:32]


def _head(array: NDArray[Any]) -> bytes:
    return json.dumps([str(array.dtype), array.shape]).encode()


class LayoutCache:
    """The folder of layouts.

    Args:
        folder: made when something is kept; None takes the workbench's cache.
        most: bytes of all files.
    """

    def __init__(self, folder: Path | None = None, most: int = MOST) -> None:
        self.folder = folder or default_folder().parent / "layouts"
        self._most = most

    def get(self, content: str, start: str | None, shape: tuple[int, int]) -> Projection | None:
        """A layout that was kept; None if there is none or its file is damaged.

        Args:
            content: of :func:`content_key`.
            start: of :func:`start_key`; None takes the newest, wherever its points set out.
            shape: (N, dimensions) it must have.
        """
        paths = [self._path(content, start)] if start else self._newest_first(f"{content}-*.npz")
        for path in paths:
            found = _read(path, shape)
            if found is not None:
                with suppress(OSError):
                    os.utime(path)
                return found
        return None

    def put(self, content: str, start: str, projection: Projection) -> None:
        """Keep a layout; where nothing can be written, nothing is kept."""
        points = np.ascontiguousarray(projection.layout, np.float32)
        words = {
            "kind": projection.kind,
            "note": projection.note,
            "faith": asdict(projection.faith),
            "scale": projection.scale,
            "points": hashlib.sha256(points.data).hexdigest(),
        }
        file = io.BytesIO()
        np.savez(file, points=points, words=np.frombuffer(json.dumps(words).encode(), np.uint8))
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / CACHE_TAG).exists():
                (self.folder / CACHE_TAG).write_text(_SIGNATURE, "utf-8")
            _write(self._path(content, start), file.getvalue())
            self._sweep()

    def _path(self, content: str, start: str) -> Path:
        return self.folder / f"{content}-{start}.npz"

    def _newest_first(self, pattern: str) -> list[Path]:
        ages: list[tuple[float, Path]] = []
        for path in self.folder.glob(pattern):
            with suppress(OSError):  # another window may sweep at this moment
                ages.append((path.stat().st_mtime, path))
        return [path for _, path in sorted(ages, reverse=True)]

    def _sweep(self) -> None:
        """Keep the newest that fit, and nothing that a killed program left half written."""
        total = 0
        for path in self._newest_first("*.npz"):
            with suppress(OSError):
                total += path.stat().st_size
                if total > self._most:
                    path.unlink()
        for path in self.folder.glob("*.partial"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink()


def _write(path: Path, content: bytes) -> None:
    """A reader or a crash sees the whole file or none."""
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _read(path: Path, shape: tuple[int, int]) -> Projection | None:
    """What a file holds; a damaged one is removed."""
    try:
        # Opened here: numpy leaves a file that is no archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            points, words = found["points"], json.loads(found["words"].tobytes())
        whole = hashlib.sha256(np.ascontiguousarray(points).data).hexdigest() == words["points"]
        if not whole or points.shape != shape or points.dtype != np.float32:
            raise ValueError("damaged")
        faith = Faithfulness(**words["faith"])
        return Projection(points, words["kind"], words["note"], faith, float(words["scale"]))
    except FileNotFoundError:
        return None
    except _DAMAGED:
        with suppress(OSError):
            path.unlink()
        return None
