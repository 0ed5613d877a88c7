"""What a change does to the tables, and files that an earlier version wrote."""

import sqlite3
from pathlib import Path

import pytest

from sslcore.data import tag_tables
from sslcore.data.tag_tables import APPLICATION, SCHEMA, Change, Tag
from sslcore.data.tags import EXCLUDED, TagError, TagStore

FIRST = (
    "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT "
    "NULL)",
    "CREATE TABLE tagged (tag INTEGER NOT NULL REFERENCES tag (id), path TEXT NOT NULL, "
    "PRIMARY KEY (tag, path)) WITHOUT ROWID",
    "CREATE INDEX tags_of_path ON tagged (path)",
    f"PRAGMA application_id = {APPLICATION}",
    "PRAGMA user_version = 1",
    "INSERT INTO tag VALUES (7, 'horse', 1), (8, 'dog', 2)",
    "INSERT INTO tagged VALUES (7, 'a.png'), (7, 'b.png'), (8, 'a.png')",
)
"""A file as the first version made it."""


@pytest.fixture
def store(tmp_path: Path) -> TagStore:
    made = TagStore(tmp_path / "tags.sqlite")
    made.change({"cat": ("a", "b")})
    made.change({"dog": ("c",)})
    return made


@pytest.fixture
def old(tmp_path: Path) -> TagStore:
    with sqlite3.connect(tmp_path / "old.sqlite") as database:
        for statement in FIRST:
            database.execute(statement)
    database.close()
    return TagStore(tmp_path / "old.sqlite")


def version(store: TagStore) -> int:
    with sqlite3.connect(store.path) as database:
        (found,) = database.execute("PRAGMA user_version").fetchone()
    database.close()
    return found


def test_colour_and_few_labels_are_kept_and_taken_back_exactly(store: TagStore) -> None:
    before = store.contents()
    coloured = store.recolour("cat", 4)
    assert list(store.contents()) == [Tag("cat", 1, 4), Tag("dog", 2)]
    assert coloured == Change(tags=(Tag("cat", 1),))
    marked = store.set_few_labels(["dog", " cat "])
    assert list(store.contents()) == [Tag("cat", 1, 4, True), Tag("dog", 2, None, True)]
    one = store.set_few_labels(["dog"])
    assert one == Change(tags=(Tag("cat", 1, 4, True),)), "only what changed is taken back"
    forward = [store.apply(inverse) for inverse in (one, marked, coloured)]
    assert list(store.contents().items()) == list(before.items())
    for again in forward[::-1]:
        store.apply(again)
    assert list(store.contents()) == [Tag("cat", 1, 4), Tag("dog", 2, None, True)]
    assert not store.recolour("cat", 4)
    assert not store.set_few_labels(["dog"])


def test_a_tag_takes_its_colour_along_when_it_is_renamed_or_comes_back(store: TagStore) -> None:
    store.recolour("cat", 3)
    store.set_few_labels(["cat"])
    back = store.rename("cat", "kitten")
    assert list(store.contents()) == [Tag("kitten", 1, 3, True), Tag("dog", 2)]
    store.apply(back)
    assert list(store.contents()) == [Tag("cat", 1, 3, True), Tag("dog", 2)]
    gone = store.delete("cat")
    assert list(store.contents()) == [Tag("dog", 2)]
    store.apply(gone)
    assert list(store.contents()) == [Tag("cat", 1, 3, True), Tag("dog", 2)]
    store.rename("cat", "dog")
    assert list(store.contents()) == [Tag("dog", 2)], "a tag that was there keeps its own"


def test_what_cannot_be_is_refused_and_nothing_changes(store: TagStore) -> None:
    before = store.contents()
    for act, words in (
        (lambda: store.recolour("owl", 1), "no tag 'owl'"),
        (lambda: store.recolour("cat", -1), "no colour -1"),
        (lambda: store.set_few_labels(["cat", "owl"]), "no tag 'owl'"),
        (lambda: store.set_few_labels([EXCLUDED]), "choose another tag"),
    ):
        with pytest.raises(TagError, match=words):
            act()
    assert store.contents() == before
    assert not store.apply(Change(tags=(Tag("owl", 1, 2),))), "a tag no image carries is none"


def test_a_file_of_the_first_version_is_read_as_it_is_and_upgraded_by_a_change(
    old: TagStore,
) -> None:
    assert list(old.contents().items()) == [
        (Tag("horse", 1), ("a.png", "b.png")), (Tag("dog", 2), ("a.png",)),
    ]  # fmt: skip
    assert version(old) == 1, "looking changes nothing"
    old.verify()
    inverse = old.recolour("dog", 5)
    assert version(old) == SCHEMA
    assert list(old.contents()) == [Tag("horse", 1), Tag("dog", 2, 5)]
    assert old.paths("horse") == ("a.png", "b.png")
    old.apply(inverse)
    assert list(old.contents()) == [Tag("horse", 1), Tag("dog", 2)]


def test_an_upgrade_that_is_rolled_back_leaves_the_old_form(old: TagStore) -> None:
    with pytest.raises(TagError, match="no tag 'owl'"):
        old.recolour("owl", 1)
    assert version(old) == 1
    assert list(old.contents()) == [Tag("horse", 1), Tag("dog", 2)]


def test_tables_are_made_in_the_form_of_today() -> None:
    database = sqlite3.connect(":memory:")
    tag_tables.create(database)
    (form,) = database.execute("PRAGMA user_version").fetchone()
    assert form == SCHEMA
    tag_tables.upgrade(database)
    change = Change({"cat": ("b", "a")}, tags=(Tag("cat", 9, 2, True),))
    inverse = tag_tables.apply(database, change)
    assert inverse == Change(removes={"cat": ("b", "a")})
    assert tag_tables.tags(database) == {"cat": Tag("cat", 9, 2, True)}
    assert tag_tables.paths_of(database, "cat") == ("a", "b")
    database.close()
