"""What taking images out of the workbench has in common: whole or not at all, never over others."""

from __future__ import annotations

import errno
import os
import re
import uuid
from pathlib import Path

from sslcore.data import video
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled


class TakeoutError(ValueError):
    """Something that cannot be taken out; one sentence with the file and the remedy."""


class Meter:
    """Tells progress, and ends the work (``Cancelled``) where it was called off."""

    def __init__(self, progress: Progress | None, cancelled: CancelAsked | None) -> None:
        self._progress, self._cancelled = progress, cancelled

    def __call__(self, done: int, total: int) -> None:
        """Say how far it is."""
        raise_if_cancelled(self._cancelled)
        if self._progress is not None:
            self._progress(done, total)


def free_name(path: Path) -> Path:
    """The path itself, or with the lowest number behind it that is not taken."""
    found, number = path, 1
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def beside(path: Path) -> Path:
    """Where a file or folder is made before it gets its name; on the same disk, and hidden."""
    return path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.partial")


def settle(part: Path, file: Path) -> None:
    """Give a finished file its name, unless another has it (``FileExistsError``)."""
    try:
        os.link(part, file)
        part.unlink()
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links: the moment between look and rename is short
        if os.path.lexists(file):
            raise FileExistsError(errno.EEXIST, "File exists", str(file)) from None
        part.rename(file)


def write_bytes(file: Path, content: bytes) -> None:
    """Write a file that must not be there yet, whole or not at all (``TakeoutError``)."""
    part = beside(file)
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        settle(part, file)
    except OSError as error:
        raise told(error, file) from None
    finally:
        part.unlink(missing_ok=True)


def told(error: OSError, target: Path) -> TakeoutError:
    """What went wrong on the way to a target, with what to do about it."""
    if isinstance(error, FileExistsError):
        return TakeoutError(f"{target}: is there already; choose another name")
    where = re.sub(r"\.([^/\\]+)\.[0-9a-f]{8}\.partial", r"\1", str(error.filename or target))
    if error.errno == errno.EXDEV:
        return TakeoutError(f"{where}: lies on another disk than {target}; copy instead of linking")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TakeoutError(f"{target}: the disk is full; free space or choose another place")
    return TakeoutError(f"{where}: {error.strerror or error}; choose another place or way")


def file_of(path: str) -> str:
    """The file of a catalogue path: itself, or the video it is a frame of."""
    frame = video.split_path(path) if "#" in path else None
    return path if frame is None else frame[0]
