"""The tables in a file of tags, and what a change does to them and its exact inverse."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

EXCLUDED = "excluded"
"""The tag of images that are kept out of training."""
LONGEST = 64
"""Characters of a tag."""
APPLICATION = 0x53534C54  # "SSLT": tells our files from other people's
SCHEMA = 2  # raise it when the tables change, and say in upgrade() how

_TABLES = (
    "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT "
    "NULL, colour INTEGER, few_labels INTEGER NOT NULL DEFAULT 0)",
    "CREATE TABLE tagged (tag INTEGER NOT NULL REFERENCES tag (id), path TEXT NOT NULL, "
    "PRIMARY KEY (tag, path)) WITHOUT ROWID",
    "CREATE INDEX tags_of_path ON tagged (path)",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {SCHEMA}",
)
_SINCE_FIRST = (
    "ALTER TABLE tag ADD COLUMN colour INTEGER",
    "ALTER TABLE tag ADD COLUMN few_labels INTEGER NOT NULL DEFAULT 0",
    f"PRAGMA user_version = {SCHEMA}",
)


class TagError(ValueError):
    """A tag, or a file of tags, that cannot be used; one sentence with the remedy."""


@dataclass(frozen=True)
class Tag:
    """A tag that some image carries.

    Attributes:
        name: in one Unicode form, without blanks around it.
        position: tags are listed by it; a new tag comes last.
        colour: number of the colour a person chose, 0 or more; None for one by the position.
        few_labels: whether its images belong to the few-label set.
    """

    name: str
    position: int
    colour: int | None = None
    few_labels: bool = False


Paths = Mapping[str, tuple[str, ...]]
"""Name of a tag -> paths of images."""


@dataclass(frozen=True)
class Change:
    """What is done to tags in one go: first the removes, then the adds, then the tags themselves.

    Attributes:
        adds, removes: tags and the images that get or lose them.
        tags: how tags are to be kept, as far as an image carries them; without, a new tag comes
            last and has nothing of its own.
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


def create(database: sqlite3.Connection) -> None:
    """Make the tables in an empty database."""
    for statement in _TABLES:
        database.execute(statement)


def upgrade(database: sqlite3.Connection) -> None:
    """Make tables of an older form ours; to be called within a transaction that writes."""
    if _form(database) < SCHEMA:
        for statement in _SINCE_FIRST:
            database.execute(statement)


def tags(database: sqlite3.Connection) -> dict[str, Tag]:
    """Every tag by name, in order; also of an older form, which is left as it is."""
    own = "colour, few_labels" if _form(database) >= SCHEMA else "NULL, 0"
    rows = database.execute(f"SELECT name, position, {own} FROM tag ORDER BY position, name")
    return {name: Tag(name, place, colour, bool(few)) for name, place, colour, few in rows}


def paths_of(database: sqlite3.Connection, name: str) -> tuple[str, ...]:
    """Images that carry a tag, sorted."""
    rows = database.execute(
        "SELECT path FROM tagged WHERE tag = (SELECT id FROM tag WHERE name = ?) ORDER BY path",
        (name,),
    )
    return tuple(path for (path,) in rows)


def apply(database: sqlite3.Connection, change: Change) -> Change:
    """Do a change and return its inverse, by which everything is exactly as before.

    Raises:
        TagError: if a name or path cannot be kept; the transaction is to be rolled back then.
    """
    before = tags(database)
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
            statement = "INSERT INTO tag (name, position) VALUES (?, ?)"
            number = database.execute(statement, (known, last)).lastrowid
        statement = "INSERT OR IGNORE INTO tagged (tag, path) VALUES (?, ?)"
        added[known] = _done(database, statement, number, change.adds[name])
    for tag in change.tags:
        database.execute(
            "UPDATE tag SET position = ?, colour = ?, few_labels = ? WHERE name = ?",
            (tag.position, tag.colour, tag.few_labels, tag_name(tag.name)),
        )
    database.execute(
        "DELETE FROM tag WHERE NOT EXISTS (SELECT 1 FROM tagged WHERE tagged.tag = tag.id)"
    )
    after = tags(database)
    gone = tuple(tag for name, tag in before.items() if after.get(name) != tag)
    return Change(_filled(removed), _filled(added), gone)


def _form(database: sqlite3.Connection) -> int:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    return int(version)


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
