"""Thumbnails on disk: one file for all folders, bounded, the oldest dropped.

A million small files would be slow to list, to count and to delete, so all thumbnails lie in one
SQLite database. What it gives that packed files of our own would have to build again: a commit is
whole or not there at all, also when the process is killed in the middle of it; its locks let two
windows write at once; and looking up a small picture costs less than opening a file.

A connection is opened for a batch and closed after it (a fraction of a millisecond). So the cache
folder may be deleted at any time, also where the system keeps open files from being deleted. The
rollback journal is used rather than the write-ahead log, which needs memory shared between
processes and so does not work on the network homes of clusters.

Everything in it can be made again: what is damaged is thrown away, and where it can be neither
read nor written, thumbnails come from the images each time.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")

LIMIT = 2 * 2**30
"""Bytes of thumbnails kept: about half a million at 128 px."""

NAME = "thumbnails.sqlite"
_VERSION = 1  # of decoding; raise it when the same file would give another thumbnail
_WAIT = 5.0  # Seconds that another window may hold the file
_DROPPED = 64  # Thumbnails dropped at a time: little to do for each batch that is written
_ASKED = 500  # Keys in one question; SQLite takes 999

_TABLE = """
CREATE TABLE IF NOT EXISTS thumbnails (
    number INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    picture BLOB NOT NULL
)
"""


def key_of(path: str, facts: os.stat_result, side: int) -> bytes:
    """What a thumbnail is kept under; another one once the image was changed.

    Args:
        path: of the image.
        facts: of its file: time of the last change and size count.
        side: of the thumbnail in pixels.
    """
    text = f"{_VERSION}\0{path}\0{facts.st_mtime_ns}\0{facts.st_size}\0{side}"
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()


class ThumbnailFile:
    """Encoded thumbnails by key. Safe to use from several threads and processes.

    Args:
        folder: where the file lies; made when something is written.
        limit: bytes of thumbnails that are kept.
    """

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.path = folder / NAME
        self._limit = limit

    def read(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Those of some thumbnails that are kept."""
        asked = list(keys)
        if not asked or not self.path.exists():
            return {}

        def look_up(database: sqlite3.Connection) -> dict[bytes, bytes]:
            found: dict[bytes, bytes] = {}
            for first in range(0, len(asked), _ASKED):
                part = asked[first : first + _ASKED]
                marks = ",".join("?" * len(part))
                question = f"SELECT key, picture FROM thumbnails WHERE key IN ({marks})"
                found.update(database.execute(question, part).fetchall())
            return found

        return self._tried(look_up) or {}

    def write(self, pictures: Mapping[bytes, bytes]) -> bool:
        """Keep thumbnails: all of them or, where that cannot be done, none; whether they are."""
        if not pictures:
            return True
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)

        def add(database: sqlite3.Connection) -> bool:
            with database:  # commits, or takes everything back
                # Taken at once: two windows that both read first would wait for each other.
                database.execute("BEGIN IMMEDIATE")
                database.execute(_TABLE)
                database.executemany(
                    "INSERT OR REPLACE INTO thumbnails (key, picture) VALUES (?, ?)",
                    pictures.items(),
                )
                while _used(database) > self._limit and _drop(database):
                    pass
            return True

        return self._tried(add) is True

    def used(self) -> int:
        """Bytes of the thumbnails that are kept, 0 where there are none."""
        return (self._tried(_used) or 0) if self.path.exists() else 0

    def _tried(self, act: Callable[[sqlite3.Connection], Answer]) -> Answer | None:
        """The database for one batch; what fails ends the batch, and None comes back."""
        database: sqlite3.Connection | None = None
        try:
            database = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)
            database.execute("PRAGMA synchronous = NORMAL")
            return act(database)
        except sqlite3.OperationalError:
            return None  # locked for long, a full or read-only disk, deleted at this moment
        except sqlite3.DatabaseError:
            if database is not None:
                database.close()
            self._throw_away()
            return None
        finally:
            if database is not None:
                database.close()

    def _throw_away(self) -> None:
        # The journal first: left alone, it would be rolled back into the next database.
        for path in (self.path.with_name(f"{NAME}-journal"), self.path):
            with suppress(OSError):
                path.unlink()


def _used(database: sqlite3.Connection) -> int:
    """Bytes in pages that hold something; those of dropped thumbnails are used again."""
    pages, free, size = (
        int(database.execute(f"PRAGMA {what}").fetchone()[0])
        for what in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _drop(database: sqlite3.Connection) -> int:
    """Forget the thumbnails written longest ago; how many they were."""
    oldest = "SELECT number FROM thumbnails ORDER BY number LIMIT ?"
    statement = f"DELETE FROM thumbnails WHERE number IN ({oldest})"
    return database.execute(statement, (_DROPPED,)).rowcount
