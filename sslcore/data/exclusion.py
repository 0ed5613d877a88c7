"""Lists of images that are kept out of training: text files with one path per line.

A list made by :func:`named` carries a digest of what it holds in its name, so a run that was
trained without some images can always tell which (docs/decisions/0005-tags-and-exclusion.md).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sslcore.config import ConfigError
from sslcore.data import video
from sslcore.data.table import path_key

_OWN_NAME = re.compile(r"excluded-([0-9a-f]{12})\.txt")


@dataclass(frozen=True, eq=False)
class Exclusion:
    """What a list means for a catalogue.

    Attributes:
        rows: (E,) int64 sorted catalogue rows on the list.
        unknown: paths of the list that are not in the catalogue.
    """

    rows: NDArray[np.int64]
    unknown: tuple[str, ...]


def named(paths: Iterable[str]) -> tuple[str, bytes]:
    """Name and content of the list of some images; the same images give the same file.

    A path with a line break in it is written as a JSON string.
    """
    kept = sorted({path_key(path) for path in paths})
    odd = re.compile(r'^["\s]|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]|\s$')
    lines = [json.dumps(path) if odd.search(path) else path for path in kept]
    content = "".join(f"{line}\n" for line in lines).encode()
    return f"excluded-{_digest(content)}.txt", content


def is_named(name: str) -> bool:
    """Whether a file's name is one that :func:`named` gives."""
    return _OWN_NAME.fullmatch(name) is not None


def read(file: Path) -> tuple[str, ...]:
    """The paths of a list, as written.

    Raises:
        ConfigError: if it cannot be read, or is not what its name says it was.
    """
    try:
        facts = file.stat()
        return _read(file, facts.st_mtime_ns, facts.st_size)
    except OSError as error:
        why = error.strerror or str(error)
        raise ConfigError(
            f"data.excluded = {str(file)!r}: the list of excluded images cannot be read ({why}); "
            "put it back, or empty the field to train on all images"
        ) from None


@lru_cache(maxsize=8)
def _read(file: Path, modified: int, size: int) -> tuple[str, ...]:
    del modified, size  # they only tell when the file is another one
    content = file.read_bytes()
    own = _OWN_NAME.fullmatch(file.name)
    if own is not None and own[1] != _digest(content):
        raise ConfigError(
            f"data.excluded = {str(file)!r}: this list was changed since it was written (its name "
            "holds its digest); give the changed list another name"
        )
    try:
        lines = content.decode("utf-8-sig").split("\n")
        paths = [_path(line.strip()) for line in lines]
    except ValueError:
        raise ConfigError(
            f"data.excluded = {str(file)!r}: not a list of images; write one path per line, "
            "relative to the folder, in UTF-8"
        ) from None
    return tuple(path for path in paths if path)


def match(paths: Sequence[str], listed: Sequence[str]) -> Exclusion:
    """Which rows a list means; a video on the list means all its frames.

    Args:
        paths: of the catalogue, by row.
        listed: as :func:`read` gives them.
    """
    wanted = {path_key(path.replace("\\", "/").removeprefix("./")): path for path in listed}
    rows: list[int] = []
    met: set[str] = set()
    for row, path in enumerate(paths):
        key = path_key(path)
        if key not in wanted and "#" in key and (frame := video.split_path(key)) is not None:
            key = frame[0]
        if key in wanted:
            rows.append(row)
            met.add(key)
    unknown = tuple(path for key, path in wanted.items() if key not in met)
    return Exclusion(np.array(rows, np.int64), unknown)


def _path(line: str) -> str:
    return str(json.loads(line)) if line.startswith('"') else line


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=6).hexdigest()
