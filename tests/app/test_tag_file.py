import os
import time
from pathlib import Path

import pytest

from app.tag_file import STALE, read
from sslcore.data import exclusion
from sslcore.data.catalogue import scan
from sslcore.data.tags import EXCLUDED, TagError, TagStore


@pytest.fixture
def store(tmp_path):
    return TagStore(tmp_path / "tags.sqlite")


@pytest.fixture
def catalogue(pictures):
    return scan(pictures)


def test_tags_are_read_by_row_and_excluded_images_listed(store, catalogue, tmp_path):
    store.change({"horse": ("cat/03.png", "gone.png")})
    found = read(store, catalogue, None, tmp_path / "lists")
    assert found.tagged.of_tag("horse").tolist() == [3]
    assert found.listed == ""
    assert not (tmp_path / "lists").exists()
    store.change({EXCLUDED: ("dog/01.png", "cat/00.png", "gone.png")})
    found = read(store, catalogue, found.places, tmp_path / "lists")
    assert exclusion.read(Path(found.listed)) == (
        "cat/00.png", "dog/01.png",
    )  # fmt: skip
    store.set_few_labels(["horse"])
    again = read(store, catalogue, found.places, tmp_path / "lists")
    assert again.tagged.few_labels == {"horse"}
    assert again.listed == found.listed
    assert len(list((tmp_path / "lists").iterdir())) == 1


def test_lists_that_nobody_used_for_long_are_removed(store, catalogue, tmp_path):
    folder = tmp_path / "lists"
    folder.mkdir()
    for name, age in (
        ("excluded-old.txt", STALE + 60),
        ("excluded-new.txt", 60),
        ("mine.txt", 9e9),
    ):
        (folder / name).touch()
        os.utime(folder / name, (0, max(time.time() - age, 0)))
    store.change({EXCLUDED: ("dog/01.png",)})
    read(store, catalogue, None, folder)
    assert {one.name for one in folder.iterdir()} >= {"excluded-new.txt", "mine.txt"}
    assert not (folder / "excluded-old.txt").exists()


def test_a_list_that_was_damaged_is_written_anew(store, catalogue, tmp_path):
    store.change({EXCLUDED: ("dog/01.png",)})
    found = read(store, catalogue, None, tmp_path)
    (tmp_path / found.listed).write_text("something else")
    read(store, catalogue, None, tmp_path)
    assert (tmp_path / found.listed).read_text() == "dog/01.png\n"


def test_a_list_that_cannot_be_written_is_told_and_tags_are_there(store, catalogue, tmp_path):
    (tmp_path / "file").touch()
    store.change({EXCLUDED: ("dog/01.png",)})
    found = read(store, catalogue, None, tmp_path / "file")
    assert found.tagged.of_tag(EXCLUDED).tolist() == [13]
    assert "cannot be listed" in found.problem
    assert found.listed == ""


def test_what_is_wrong_with_the_file_is_raised(store, catalogue, tmp_path):
    store.path.write_text("no database, " * 100)
    with pytest.raises(TagError, match="not a file of tags"):
        read(store, catalogue, None, tmp_path)
