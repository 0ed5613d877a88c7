import errno
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sslcore.data.catalogue import scan
from sslcore.data.pool import Cancelled
from sslcore.data.takeout import TakeoutError
from sslcore.data.takeout_files import take_files
from tests.sslcore.data.pictures import save


def names(folder):
    return sorted(one.name for one in folder.iterdir())


@pytest.fixture
def catalogue(tmp_path):
    for number in range(6):
        save(tmp_path / "images" / "ab"[number % 2] / f"{number}.png", seed=number)
    return scan(tmp_path / "images")


def below(folder):
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


@pytest.mark.parametrize("way", ["copy", "hard link", "symbolic link"])
def test_files_keep_their_paths_and_content(catalogue, tmp_path, way):
    rows, told = np.array([5, 0, 3]), []
    target = tmp_path / "out" / "chosen"
    count = take_files(catalogue, rows, target, way, progress=lambda *n: told.append(n))
    assert count == 3
    assert below(target) == sorted(catalogue.paths[row] for row in rows)
    for row in rows:
        taken, source = target / catalogue.paths[row], catalogue.path(row)
        assert taken.read_bytes() == source.read_bytes()
        assert taken.is_symlink() == (way == "symbolic link")
        assert taken.samefile(source) == (way != "copy")
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert names(target.parent) == ["chosen"]


def test_what_is_there_is_never_written_over(catalogue, tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    assert take_files(catalogue, np.array([0]), target) == 1, "an empty folder is as good as none"
    before = below(target)
    with pytest.raises(TakeoutError, match="out: is there already and not empty"):
        take_files(catalogue, np.array([1]), target)
    (tmp_path / "file").touch()
    with pytest.raises(TakeoutError, match="file: is there already"):
        take_files(catalogue, np.array([1]), tmp_path / "file")
    assert below(target) == before


def test_the_folder_of_the_images_is_no_target(catalogue):
    with pytest.raises(TakeoutError, match="find every image twice"):
        take_files(catalogue, np.array([0]), catalogue.root / "new")


@pytest.mark.parametrize("path", ["../x.png", "/x.png"])
def test_images_from_elsewhere_have_no_place(catalogue, tmp_path, path):
    other = replace(catalogue, paths=(path, *catalogue.paths[1:]))
    with pytest.raises(TakeoutError, match=r"lies outside of the folder.*export a table"):
        take_files(other, np.array([0]), tmp_path / "out")


@pytest.mark.parametrize("way", ["copy", "hard link", "symbolic link"])
def test_a_file_that_is_gone_leaves_nothing_half_done(catalogue, tmp_path, way):
    catalogue.path(3).unlink()
    with pytest.raises(TakeoutError, match=catalogue.paths[3]):
        take_files(catalogue, np.arange(6), tmp_path / "out", way)
    assert names(tmp_path) == ["images"]


def test_called_off_in_the_middle_leaves_nothing(catalogue, tmp_path):
    seen = []
    with pytest.raises(Cancelled):
        take_files(
            catalogue, np.arange(6), tmp_path / "out",
            progress=lambda *numbers: seen.append(numbers), cancelled=lambda: len(seen) > 3,
        )  # fmt: skip
    assert len(seen) == 4
    assert names(tmp_path) == ["images"]


def test_another_disk_is_told(catalogue, tmp_path, monkeypatch):
    def refuse(source, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link", str(source))

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(TakeoutError, match=r"on another disk.*copy instead of linking"):
        take_files(catalogue, np.array([0]), tmp_path / "out", "hard link")


def test_a_full_disk_is_told(catalogue, tmp_path, monkeypatch):
    def refuse(source, target):
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(shutil, "copy2", refuse)
    with pytest.raises(TakeoutError, match="disk is full"):
        take_files(catalogue, np.array([0]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_video_is_taken_once(catalogue, tmp_path):
    (catalogue.root / "v.mp4").write_bytes(b"frames")
    frames = replace(catalogue, paths=("v.mp4#000000", "v.mp4#000001", *catalogue.paths[2:]))
    assert take_files(frames, np.array([0, 1]), Path(tmp_path / "out")) == 1
    assert below(tmp_path / "out") == ["v.mp4"]
