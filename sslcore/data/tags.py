"""Tags on images, kept in one SQLite file that survives a killed process and a second window.

Images are named by their path within the folder, so tags stay with them when the folder is moved.
Every change is one transaction, on the disk when the call returns, and answered with its exact
inverse. A tag is there for as long as an image carries it.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

BESIDE_IMAGES = ".ssl-workbench-tags.sqlite"
"""Name of the file in the folder of the images; hidden, so that no scan takes it for data."""
IN_RUN = "tags.sqlite"
"""Name of the file in a run directory."""
EXCLUDED = "excluded"
"""The tag of images that are kept out of training."""
LONGEST = 64
"""Characters of a tag."""
WAIT = 5.0
"""Seconds to wait for another process that writes."""

_APPLICATION = 0x53534C54  # "SSLT": tells our files from other people's
_SCHEMA = 1  # raise it when the tables change
_TABLES = (
    "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT "
    "NULL)",
    "CREATE TABLE tagged (tag INTEGER NOT NULL REFERENCES tag (id), path TEXT NOT NULL, "
    "PRIMARY KEY (tag, path)) WITHOUT ROWID",
    "CREATE INDEX tags_of_path ON tagged (path)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_SCHEMA}",
)


class TagError(ValueError):
    """A tag, or a file of tags, that cannot be used; one sentence with the remedy."""


class UnwritableError(TagError):
    """The file may not be written where it lies; another place may do."""


@dataclass(frozen=True)
class Tag:
    """A tag that some image carries.

    Attributes:
        name: in one Unicode form, without blanks around it.
        position: tags are listed by it; a new tag comes last.
    """

    name: str
    position: int


Paths = Mapping[str, tuple[str, ...]]
"""Name of a tag -> paths of images."""


@dataclass(frozen=True)
class Change:
    """What is done to tags in one go: first the removes, then the adds.

    Attributes:
        adds, removes: tags and the images that get or lose them.
        tags: positions of tags among ``adds``; without, a new tag comes last.
    """

    adds: Paths = field(default_factory=dict[str, tuple[str, ...]])
    removes: Paths = field(default_factory=dict[str, tuple[str, ...]])
    tags: tuple[Tag, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return any(map(len, (*self.adds.values(), *self.removes.values(), self.tags)))


def tag_name(text: str) -> str:
    """A tag as it is kept: one Unicode form, single blanks within, none around.

    Raises:
        TagError: if it cannot be one.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise TagError("A tag needs at least one character.")
    if len(name) > LONGEST:
        raise TagError(f"A tag has at most {LONGEST} characters, this one has {len(name)}.")
    if ";" in name:
        raise TagError("A tag cannot contain ';': tables put it between tags.")
    if any(unicodedata.category(one) in ("Cc", "Cs") for one in name):
        raise TagError(f"{name!r} contains a character that cannot be shown; type it anew.")
    return name


def path_name(path: str) -> str:
    """A path as it is kept: one Unicode form, forward slashes, within the folder.

    Raises:
        TagError: if it leads out of the folder.
    """
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts:
        raise TagError(f"{path!r} is no path within the folder; only its images can be tagged")
    return unicodedata.normalize("NFC", path)


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
            rows = database.execute("SELECT id, name, position FROM tag ORDER BY position, name")
            return {Tag(name, place): tuple(found.get(number, ())) for number, name, place in rows}

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
            return _paths_of(database, tag_name(name))

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
            return _apply(database, change)

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
            known = _tags(database)
            if old not in known:
                raise TagError(f"There is no tag '{old}' any more.")
            if old == new:
                return Change()
            paths = _paths_of(database, old)
            kept = () if new in known else (Tag(new, known[old].position),)
            return _apply(database, Change({new: paths}, {old: paths}, kept))

    def delete(self, name: str) -> Change:
        """Take a tag from every image; returns the inverse (errors as of :meth:`apply`)."""
        name = tag_name(name)
        with self._writing() as database:
            return _apply(database, Change(removes={name: _paths_of(database, name)}))

    # The file

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        if not self._is_there():
            with closing(sqlite3.connect(":memory:")) as database:
                _create(database)
                yield database
            return
        # Not "ro": what a killed process left half-done must be taken back before reading.
        with self._opened("rw") as database:
            if self._is_empty(database):
                database.close()
                with closing(sqlite3.connect(":memory:")) as empty:
                    _create(empty)
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
                    _create(database)
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
        if application != _APPLICATION:
            raise TagError(
                f"{self.path}: a database of another program, so no tags are kept in it; move it "
                "away or keep tags in another place"
            )
        if version > _SCHEMA:
            raise TagError(
                f"{self.path}: written by a newer SSL Workbench (form {version}, this one knows "
                f"{_SCHEMA}); update it"
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


def _create(database: sqlite3.Connection) -> None:
    for statement in _TABLES:
        database.execute(statement)


def _tags(database: sqlite3.Connection) -> dict[str, Tag]:
    return {
        name: Tag(name, place) for name, place in database.execute("SELECT name, position FROM tag")
    }


def _paths_of(database: sqlite3.Connection, name: str) -> tuple[str, ...]:
    rows = database.execute(
        "SELECT path FROM tagged WHERE tag = (SELECT id FROM tag WHERE name = ?) ORDER BY path",
        (name,),
    )
    return tuple(path for (path,) in rows)


def _apply(database: sqlite3.Connection, change: Change) -> Change:
    before = _tags(database)
    removed: dict[str, tuple[str, ...]] = {}
    for name, paths in change.removes.items():
        number = _number(database, tag_name(name))
        if number is not None:
            statement = "DELETE FROM tagged WHERE tag = ? AND path = ?"
            removed[tag_name(name)] = _done(database, statement, number, paths)
    added: dict[str, tuple[str, ...]] = {}
    for name in filter(change.adds.get, change.adds):
        known = tag_name(name)
        number = _number(database, known)
        if number is None:
            statement = "SELECT coalesce(max(position), 0) + 1 FROM tag"
            (last,) = database.execute(statement).fetchone()
            place = next((tag.position for tag in change.tags if tag.name == known), last)
            statement = "INSERT INTO tag (name, position) VALUES (?, ?)"
            number = database.execute(statement, (known, place)).lastrowid
        statement = "INSERT OR IGNORE INTO tagged (tag, path) VALUES (?, ?)"
        added[known] = _done(database, statement, number, change.adds[name])
    database.execute(
        "DELETE FROM tag WHERE NOT EXISTS (SELECT 1 FROM tagged WHERE tagged.tag = tag.id)"
    )
    after = _tags(database)
    gone = tuple(tag for name, tag in before.items() if after.get(name) != tag)
    return Change(_filled(removed), _filled(added), gone)


def _number(database: sqlite3.Connection, name: str) -> int | None:
    row = database.execute("SELECT id FROM tag WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def _done(
    database: sqlite3.Connection, statement: str, number: int | None, paths: Iterable[str]
) -> tuple[str, ...]:
    """Paths for which the statement changed anything."""
    names = map(path_name, paths)
    return tuple(one for one in names if database.execute(statement, (number, one)).rowcount)


def _filled(paths: dict[str, tuple[str, ...]]) -> Paths:
    return {name: one for name, one in paths.items() if one}
