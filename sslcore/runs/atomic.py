"""Files that are either whole or not there: temporary file, fsync, rename."""

from __future__ import annotations

import errno
import os
import re
import shutil
import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sslcore.engine.store import SaveError

_UNFINISHED = re.compile(
    r"\.(recipe\.toml|excluded-[0-9a-f]{12}\.txt|step_\d+|.+\.npz)\.[0-9a-f]{8}\.(tmp|old)"
)


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Turn an ``OSError`` of writing at ``path`` into a ``SaveError`` a person can act on."""
    try:
        yield
    except OSError as error:
        raise SaveError(_reason(error, path)) from error


def _reason(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{path}: the disk is full; free space or choose another run directory"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{path}: not writable; choose another run directory or change its permissions"
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        return (
            f"{path}: a file and a folder are in each other's place; choose another run directory"
        )
    if error.errno == errno.ENOENT:
        return f"{path}: its folder was removed or moved; choose another run directory"
    return f"{path}: could not be written: {error.strerror or error}"


def write(path: Path, content: bytes) -> None:
    """Write a file whole: a reader or a crash sees the old content or the new.

    Raises:
        SaveError: naming the file, the reason and what to do.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_through(temporary, content)
            temporary.replace(path)
            _sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files whole; one of the same name is replaced.

    Raises:
        SaveError: naming the folder, the reason and what to do.
    """
    mark = uuid.uuid4().hex[:8]
    temporary = path.with_name(f".{path.name}.{mark}.tmp")
    old = path.with_name(f".{path.name}.{mark}.old")
    with explained(path):
        try:
            temporary.mkdir(parents=True)
            for name, content in files.items():
                _write_through(temporary / name, content)
            _sync_folder(temporary)
            if path.exists():
                path.replace(old)
            temporary.replace(path)
            _sync_folder(path.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what a killed process left of unfinished writes, below a folder that we have claimed.

    Only names as ``write`` and ``write_folder`` make them: the folder may be a person's home. What
    cannot be removed is left: it only takes room.
    """
    for path in [*folder.glob(".*"), *folder.glob("*/.*")]:
        if not _UNFINISHED.fullmatch(path.name):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    """Make renames in a folder survive a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
