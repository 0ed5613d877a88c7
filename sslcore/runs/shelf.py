"""The checkpoints of a run directory, each a folder with a SHA-256 manifest.

``torch.load`` does not notice a flipped bit, so the hashes of all files are checked at every load.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from sslcore.engine.store import CheckpointError, Loaded
from sslcore.runs import atomic

MANIFEST = "manifest.json"


class Shelf:
    """Checkpoints in one folder, in the order they were saved (which a serial number keeps).

    The newest is the one saved last, not the one with the most steps: a run that was resumed from
    an older checkpoint goes on from its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, step: int, files: Mapping[str, bytes], keep: int) -> Path:
        """Write a checkpoint whole and remove all but the ``keep`` newest.

        Raises:
            SaveError: if it cannot be written.
        """
        before = self.entries()
        manifest = {
            "step": step,
            "serial": 1 + max((serial for serial, _ in before), default=0),
            "files": {name: hashlib.sha256(one).hexdigest() for name, one in files.items()},
        }
        path = self.folder / f"step_{step:08d}"
        content = json.dumps(manifest, indent=1).encode()
        atomic.write_folder(path, {**files, MANIFEST: content})
        for _, old in self.entries()[:-keep]:
            shutil.rmtree(old, ignore_errors=True)
        return path

    def entries(self) -> list[tuple[int, Path]]:
        """(serial, folder) of every checkpoint, oldest first; a damaged manifest counts as 0."""
        if not self.folder.is_dir():
            return []
        found: list[tuple[int, Path]] = []
        for path in sorted(self.folder.glob("step_*")):
            try:
                serial = int(_manifest(path)["serial"])
            except CheckpointError:
                serial = 0
            found.append((serial, path))
        return sorted(found)

    def newest(self) -> Loaded | None:
        """The newest whole checkpoint; None if there never was one.

        Raises:
            CheckpointError: if there are some and all are damaged.
        """
        problems: list[str] = []
        for _, path in reversed(self.entries()):
            try:
                return Loaded(str(path), read(path), tuple(problems))
            except CheckpointError as error:
                problems.append(str(error))
        if problems:
            raise CheckpointError(
                f"every checkpoint is damaged ({'; '.join(problems)}); restore one or start anew"
            )
        return None


def read(path: Path) -> dict[str, bytes]:
    """The files of one checkpoint, hashes checked.

    Raises:
        CheckpointError: naming the checkpoint, the file and what is wrong.
    """
    hashes: dict[str, str] = _manifest(path)["files"]
    files: dict[str, bytes] = {}
    for name, expected in hashes.items():
        try:
            content = (path / name).read_bytes()
        except OSError as error:
            raise CheckpointError(
                f"checkpoint {path}: {name} cannot be read ({error.strerror})"
            ) from None
        if hashlib.sha256(content).hexdigest() != expected:
            raise CheckpointError(
                f"checkpoint {path}: {name} is damaged (its SHA-256 is not the one written)"
            )
        files[name] = content
    return files


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest: Any = json.loads((path / MANIFEST).read_bytes())
    except OSError as error:
        raise CheckpointError(
            f"checkpoint {path}: no readable {MANIFEST} ({error.strerror})"
        ) from None
    except ValueError:
        raise CheckpointError(f"checkpoint {path}: {MANIFEST} is damaged") from None
    if not _is_whole(manifest):
        raise CheckpointError(f"checkpoint {path}: {MANIFEST} is damaged")
    return manifest


def _is_whole(manifest: Any) -> bool:
    """Whether this is what :meth:`Shelf.save` writes."""
    if not isinstance(manifest, dict):
        return False
    values = cast("dict[str, Any]", manifest)
    return (
        isinstance(values.get("serial"), int)
        and isinstance(values.get("files"), dict)
        and bool(values["files"])
    )
