"""Tags on images, kept in one SQLite file that survives a killed process and a second window.

Images are named by their path within the folder, so tags stay with them when the folder is moved.
Every change is one transaction, on the disk when the call returns, and answered with its exact
inverse. A tag is there for as long as an image carries it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from sslcore.data import tag_tables
from sslcore.data.tag_tables import (
    APPLICATION,
    EXCLUDED,
    LONGEST,
    SCHEMA,
    Change,
    Paths,
    Tag,
    TagError,
    path_name,
    tag_name,
)

__all__ = [
    "BESIDE_IMAGES", "EXCLUDED", "IN_RUN", "LONGEST", "Change", "Paths", "Tag", "TagError",
    "TagStore", "UnwritableError", "path_name", "tag_name",
]  # fmt: skip

BESIDE_IMAGES = ".ssl-workbench-tags.sqlite"
"""Name of the file in the folder of the images; hidden, so that no scan takes it for data."""
IN_RUN = "tags.sqlite"
"""Name of the file in a run directory."""
WAIT = 5.0
"""Seconds to wait for another process that writes."""


class UnwritableError(TagError):
    """The file may not be written where it lies; another place may do."""


class TagStore:
    """The tags in one file; it is made at the first change. Safe to use from several threads.

    The file is opened for each call and closed after it, so that it can be moved, and so that two
    windows take turns.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def contents(self) -> dict[Tag, tuple[str, ...]]:
        """Every tag in order with the paths that carry it, sorted.

        Raises:
            TagError: if the file cannot be read, is damaged or is somebody else's.
        """
        with self._reading() as database:
            found: dict[int, list[str]] = {}
            for number, path in database.execute("SELECT tag, path FROM tagged ORDER BY tag, path"):
                found.setdefault(number, []).append(path)
            numbers = dict(database.execute("SELECT name, id FROM tag"))
            known = tag_tables.tags(database)
            return {tag: tuple(found.get(numbers[name], ())) for name, tag in known.items()}

    def counts(self) -> dict[str, int]:
        """Names in order with the number of images each (``TagError`` as :meth:`contents`)."""
        with self._reading() as database:
            return dict(
                database.execute(
                    "SELECT name, (SELECT count(*) FROM tagged WHERE tag = id) FROM tag "
                    "ORDER BY position, name"
                )
            )

    def paths(self, name: str) -> tuple[str, ...]:
        """Images that carry a tag, sorted (``TagError`` as :meth:`contents`)."""
        with self._reading() as database:
            return tag_tables.paths_of(database, tag_name(name))

    def tags_of(self, path: str) -> tuple[str, ...]:
        """Tags of an image in order (``TagError`` as :meth:`contents`)."""
        with self._reading() as database:
            rows = database.execute(
                "SELECT name FROM tag JOIN tagged ON tag = id WHERE path = ? "
                "ORDER BY position, name",
                (path_name(path),),
            )
            return tuple(name for (name,) in rows)

    def verify(self) -> None:
        """Read the whole file once (``TagError`` if any of it is damaged)."""
        with self._reading() as database:
            (word,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if word != "ok":
            raise TagError(self._damaged(str(word)))

    def apply(self, change: Change) -> Change:
        """Do a change and return its inverse, by which everything is exactly as before.

        What is there already, or gone already, is passed over and is no part of the inverse.

        Raises:
            TagError: if a name or path cannot be kept, or the file cannot be used.
            UnwritableError: if it may not be written. Nothing was changed then.
        """
        with self._writing() as database:
            return tag_tables.apply(database, change)

    def change(self, adds: Paths | None = None, removes: Paths | None = None) -> Change:
        """:meth:`apply` of what images get and lose."""
        return self.apply(Change(adds or {}, removes or {}))

    def rename(self, old: str, new: str) -> Change:
        """Give a tag another name; if that is taken, its images join those of the other.

        Returns:
            The inverse, as of :meth:`apply`.

        Raises:
            TagError: if the new name cannot be one, the old one is unknown, or one is reserved.
        """
        old, new = tag_name(old), tag_name(new)
        if EXCLUDED in (old, new) and old != new:
            raise TagError(f"The tag '{EXCLUDED}' is kept for images that are not trained on.")
        with self._writing() as database:
            known = tag_tables.tags(database)
            if old not in known:
                raise TagError(f"There is no tag '{old}' any more.")
            if old == new:
                return Change()
            paths = tag_tables.paths_of(database, old)
            kept = () if new in known else (replace(known[old], name=new),)
            return tag_tables.apply(database, Change({new: paths}, {old: paths}, kept))

    def delete(self, name: str) -> Change:
        """Take a tag from every image; returns the inverse (errors as of :meth:`apply`)."""
        name = tag_name(name)
        with self._writing() as database:
            return tag_tables.apply(
                database, Change(removes={name: tag_tables.paths_of(database, name)})
            )

    def recolour(self, name: str, colour: int | None) -> Change:
        """Give a tag a colour by its number, or (None) the one of its position; the inverse.

        Raises:
            TagError: if there is no such tag or colour (else as :meth:`apply`).
        """
        if colour is not None and colour < 0:
            raise TagError(f"There is no colour {colour}; numbers begin with 0.")
        with self._writing() as database:
            tag = tag_tables.tags(database).get(tag_name(name))
            if tag is None:
                raise TagError(f"There is no tag '{name}' any more.")
            return tag_tables.apply(database, Change(tags=(replace(tag, colour=colour),)))

    def set_few_labels(self, names: Iterable[str]) -> Change:
        """Make the images of these tags, and of no other, the few-label set; the inverse.

        Raises:
            TagError: if one of the tags is unknown or reserved (else as :meth:`apply`).
        """
        wanted = set(map(tag_name, names))
        if EXCLUDED in wanted:
            raise TagError(f"'{EXCLUDED}' images are kept out: choose another tag.")
        with self._writing() as database:
            known = tag_tables.tags(database)
            if unknown := sorted(wanted - known.keys()):
                raise TagError(f"There is no tag '{unknown[0]}' any more.")
            changed = (
                replace(tag, few_labels=not tag.few_labels)
                for name, tag in known.items()
                if tag.few_labels != (name in wanted)
            )
            return tag_tables.apply(database, Change(tags=tuple(changed)))

    # The file

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        if not self._is_there():
            with closing(sqlite3.connect(":memory:")) as database:
                tag_tables.create(database)
                yield database
            return
        # Not "ro": what a killed process left half-done must be taken back before reading.
        with self._opened("rw") as database:
            if self._is_empty(database):
                database.close()
                with closing(sqlite3.connect(":memory:")) as empty:
                    tag_tables.create(empty)
                    yield empty
            else:
                yield database

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        with self._opened("rwc") as database:
            # A journal file and no write-ahead log: folders of images lie on network disks too.
            # EXTRA: a change that was answered is on the disk, through a power cut as well.
            database.execute("PRAGMA synchronous = EXTRA")
            database.execute("BEGIN IMMEDIATE")
            try:
                if self._is_empty(database):
                    tag_tables.create(database)
                tag_tables.upgrade(database)
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    @contextmanager
    def _opened(self, mode: str) -> Generator[sqlite3.Connection]:
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        try:
            with closing(
                sqlite3.connect(address, timeout=WAIT, isolation_level=None, uri=True)
            ) as database:
                yield database
        except sqlite3.Error as error:
            raise self._told(error) from error

    def _is_there(self) -> bool:
        try:
            return self.path.exists()
        except OSError:  # a folder that may not be looked into: the next change says so
            return False

    def _is_empty(self, database: sqlite3.Connection) -> bool:
        """Whether nothing was ever written; TagError if what is there is not ours."""
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (application, version, tables) == (0, 0, 0):
            return True
        if application != APPLICATION:
            raise TagError(
                f"{self.path}: a database of another program, so no tags are kept in it; move it "
                "away or keep tags in another place"
            )
        if version > SCHEMA:
            raise TagError(
                f"{self.path}: written by a newer SSL Workbench (form {version}, this one knows "
                f"{SCHEMA}); update it"
            )
        return False

    def _damaged(self, why: str) -> str:
        return (
            f"{self.path}: not a file of tags, or damaged ({why}); it is left as it is. Move it "
            "away, or put a copy in its place"
        )

    def _told(self, error: sqlite3.Error) -> TagError:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")):
            return TagError(
                f"{self.path}: another program has been writing to it for {WAIT:.0f} seconds; "
                "close that program, or try again"
            )
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
            return UnwritableError(
                f"{self.path}: cannot be opened or written; change the permissions of its folder, "
                "or keep tags in another place (Settings, Ctrl+,)"
            )
        if name.startswith("SQLITE_FULL"):
            return TagError(f"{self.path}: the disk is full; free space and try again")
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")) or "no such table" in str(error):
            return TagError(self._damaged(str(error)))
        return TagError(f"{self.path}: cannot be read or written ({error}); try again")
