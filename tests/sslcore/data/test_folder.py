import os

import pytest

from sslcore.data import folder as folder_module
from sslcore.data.folder import (
    CatalogueError,
    Problem,
    find_images,
    left_out,
    splits_and_classes,
)
from sslcore.data.pool import Cancelled


def touch(root, *paths):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x")


def test_images_are_found_sorted_with_forward_slashes(tmp_path):
    touch(tmp_path, "b/2.PNG", "b/1.jpeg", "a.webp", "notes.txt", "c/d/e/f/deep.tiff")
    found = find_images(tmp_path)
    assert found.images == ("a.webp", "b/1.jpeg", "b/2.PNG", "c/d/e/f/deep.tiff")
    assert found.others == 1
    assert found.problems == ()


def test_unicode_and_awkward_names(tmp_path):
    names = ("été/ä ö.png", "猫/一.png", "with,comma/#1%.png")
    touch(tmp_path, *names)
    assert find_images(tmp_path).images == tuple(sorted(names))


def test_hidden_caches_and_runs_are_passed_over(tmp_path):
    touch(tmp_path, "a.png", ".hidden.png", ".git/x.png", "__MACOSX/y.png", "@eaDir/z.png")
    touch(tmp_path, "cache/CACHEDIR.TAG", "cache/c.png")
    touch(tmp_path, "run/recipe.toml", "run/events.jsonl", "run/snapshots/s.png")
    assert find_images(tmp_path).images == ("a.png",)
    assert find_images(tmp_path / "cache").images == ("c.png",)  # asked for by name


def test_links_are_followed_without_loops(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    touch(outside, "far.png")
    touch(root, "real/1.png")
    (root / "linked").symlink_to(outside)
    (root / "real" / "up").symlink_to(root)
    (root / "again").symlink_to(root / "real")
    (root / "file.png").symlink_to(root / "real" / "1.png")
    assert find_images(root).images == ("file.png", "linked/far.png", "real/1.png")


def test_folders_that_link_to_each_other_end(tmp_path):
    for i in range(12):
        touch(tmp_path, f"{i}/{i}.png")
    for i in range(12):
        for j in range(12):
            (tmp_path / str(i) / f"to{j}").symlink_to(tmp_path / str(j))
    assert len(find_images(tmp_path).images) == 12


def test_missing_and_forbidden(tmp_path, monkeypatch):
    with pytest.raises(CatalogueError, match="there is no such folder; choose another"):
        find_images(tmp_path / "none")
    touch(tmp_path, "open/1.png", "shut/2.png")
    real = os.scandir

    def refuse(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(folder_module.os, "scandir", refuse)
    found = find_images(tmp_path)
    assert found.images == ("open/1.png",)
    assert [(one.path, one.reason) for one in found.problems] == [
        ("shut", "no permission to open this folder")
    ]
    with pytest.raises(CatalogueError, match="no permission"):
        find_images(tmp_path / "shut")


def test_calling_off(tmp_path):
    touch(tmp_path, "a.png")
    with pytest.raises(Cancelled):
        find_images(tmp_path, cancelled=lambda: True)


@pytest.mark.parametrize(
    ("paths", "splits", "classes"),
    [
        (["1.png", "2.png"], ["", ""], ["", ""]),
        (["cat/1.png", "dog/x/2.png"], ["", ""], ["cat", "dog"]),
        (["3.png", "cat/1.png", "dog/2.png"], ["", "", ""], ["", "cat", "dog"]),
        (["all/cat/1.png", "all/dog/2.png"], ["", ""], ["cat", "dog"]),
        (["all/1.png", "all/2.png"], ["", ""], ["", ""]),
        (["train/cat/1.png", "Test/dog/2.png"], ["train", "test"], ["cat", "dog"]),
        (["data/train/a/1.png", "data/valid/b/2.png"], ["train", "val"], ["a", "b"]),
        (["train/1.png", "validation/2.png"], ["train", "val"], ["", ""]),
        (["train/images/1.png", "test/images/2.png"], ["train", "test"], ["", ""]),
        (["train/a/1.png", "train/b/2.png"], ["train", "train"], ["a", "b"]),
        (["bus/1.png", "train/2.png"], ["", ""], ["bus", "train"]),
        (
            ["train/a/1.png", "test/b/2.png", "unlabelled/3.png"],
            ["train", "test", ""],
            ["a", "b", ""],
        ),
        ([], [], []),
    ],
)
def test_what_folders_say(paths, splits, classes):
    assert splits_and_classes(paths) == (splits, classes)


def test_links_that_lead_back_to_themselves_are_told(tmp_path):
    touch(tmp_path, "a.png")
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    found = find_images(tmp_path)
    assert found.images == ("a.png",)
    assert {one.path: one.reason for one in found.problems} == {
        "one": "a link that leads back to itself",
        "two": "a link that leads back to itself",
    }


@pytest.mark.skipif(os.name == "nt", reason="Windows names are always text")
def test_names_that_are_no_text_are_told(tmp_path):
    touch(tmp_path, "a.png")
    (tmp_path / os.fsdecode(b"b\xfe.png")).write_bytes(b"x")
    found = find_images(tmp_path)
    assert found.images == ("a.png",)
    (problem,) = found.problems
    assert problem.path.encode()  # can be shown and written
    assert "rename it" in problem.reason


def test_what_was_left_out_is_a_sentence():
    one, other = Problem("a.png", "empty"), Problem("b.png", "damaged")
    assert left_out([one]) == "Not everything in the folder is used as it is: a.png: empty."
    assert left_out([one, other]).endswith("a.png: empty; and 1 more.")
