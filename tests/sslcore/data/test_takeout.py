import errno
import os
from pathlib import Path

import pytest

from sslcore.data.pool import Cancelled
from sslcore.data.takeout import (
    Meter,
    TakeoutError,
    beside,
    file_of,
    free_name,
    settle,
    told,
    write_bytes,
)


def test_a_name_that_is_taken_gets_a_number(tmp_path):
    assert free_name(tmp_path / "cats.csv") == tmp_path / "cats.csv"
    (tmp_path / "cats.csv").touch()
    (tmp_path / "cats-2.csv").touch()
    assert free_name(tmp_path / "cats.csv") == tmp_path / "cats-3.csv"


@pytest.mark.parametrize("links", [True, False])
def test_a_finished_file_never_takes_the_place_of_another(tmp_path, monkeypatch, links):
    if not links:

        def refuse(*_):
            raise OSError(errno.EPERM, "no links on this disk")

        monkeypatch.setattr(os, "link", refuse)
    file, part = tmp_path / "a", beside(tmp_path / "a")
    part.write_text("new")
    settle(part, file)
    assert file.read_text() == "new"
    assert not part.exists()
    part.write_text("newer")
    with pytest.raises(FileExistsError):
        settle(part, file)
    assert file.read_text() == "new"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EXDEV, "from: lies on another disk than /to; copy instead"),
        (errno.ENOSPC, "/to: the disk is full"),
        (errno.EACCES, "from: Permission denied; choose another place"),
        (errno.EEXIST, "/to: is there already"),
    ],
)
def test_errors_name_the_file_and_the_remedy(number, words):
    assert words in str(told(OSError(number, os.strerror(number), "from"), Path("/to")))


def test_a_meter_ends_what_was_called_off():
    seen = []
    Meter(lambda *numbers: seen.append(numbers), lambda: False)(1, 2)
    Meter(None, None)(1, 2)
    assert seen == [(1, 2)]
    with pytest.raises(Cancelled):
        Meter(None, lambda: True)(1, 2)


def test_the_file_of_a_frame_is_its_video():
    assert file_of("a/v.mp4#000012") == "a/v.mp4"
    assert file_of("a/1.png") == "a/1.png"


def test_bytes_are_written_once_and_never_over_others(tmp_path):
    write_bytes(tmp_path / "map.svg", b"one")
    with pytest.raises(TakeoutError, match=r"map\.svg: is there already"):
        write_bytes(tmp_path / "map.svg", b"two")
    with pytest.raises(TakeoutError, match=r"nowhere.map\.svg: No such file"):
        write_bytes(tmp_path / "nowhere" / "map.svg", b"two")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("map.svg", b"one")]
