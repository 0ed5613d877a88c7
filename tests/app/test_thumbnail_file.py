import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from app.thumbnail_file import NAME, ThumbnailFile, key_of


@pytest.fixture
def file(tmp_path):
    return ThumbnailFile(tmp_path / "cache")


def keys(first, count=1):
    return [number.to_bytes(16, "big") for number in range(first, first + count)]


def test_what_is_written_is_read_also_by_another_window(file, tmp_path):
    assert file.read(keys(0, 3)) == {}
    assert file.used() == 0
    assert not file.path.exists(), "nothing is made by looking"
    one, two, three = keys(0, 3)
    file.write({one: b"first", two: b"second"})
    assert ThumbnailFile(tmp_path / "cache").read([one, three, two]) == {
        one: b"first",
        two: b"second",
    }
    file.write({one: b"changed"})
    assert file.read([one]) == {one: b"changed"}
    assert [path.name for path in file.path.parent.iterdir()] == [NAME]


def test_more_keys_than_one_question_takes(file):
    many = keys(0, 1300)
    file.write({key: key[-2:] for key in many})
    assert file.read(many) == {key: key[-2:] for key in many}


def test_another_size_time_or_place_is_another_key(tmp_path):
    path = tmp_path / "one.png"
    path.write_bytes(b"1234")
    os.utime(path, ns=(10**18, 10**18))
    first = key_of(str(path), path.stat(), 64)
    assert key_of(str(path), path.stat(), 64) == first
    found = {first, key_of(str(path), path.stat(), 128), key_of("elsewhere", path.stat(), 64)}
    path.write_bytes(b"12345")
    os.utime(path, ns=(10**18, 10**18))
    found.add(key_of(str(path), path.stat(), 64))
    os.utime(path, ns=(10**18, 10**18 + 1))
    found.add(key_of(str(path), path.stat(), 64))
    assert len(found) == 5


def test_the_oldest_are_dropped_and_the_file_stays_within_its_limit(tmp_path):
    file = ThumbnailFile(tmp_path, limit=400_000)
    for first in range(0, 600, 12):
        file.write({key: bytes(3000) for key in keys(first, 12)})
    assert 200_000 < file.used() <= 400_000
    assert file.path.stat().st_size < 500_000, "pages of the dropped ones are used again"
    left = [number for number in range(600) if file.read(keys(number))]
    assert left == list(range(left[0], 600)), "none is missing between the oldest and the newest"


def test_damage_is_thrown_away_and_writing_goes_on(file):
    file.write({key: bytes(5000) for key in keys(0, 50)})
    data = bytearray(file.path.read_bytes())
    data[100:] = os.urandom(len(data) - 100)
    file.path.write_bytes(bytes(data))
    assert file.read(keys(0)) == {}
    assert not file.path.exists()
    file.write({keys(1)[0]: b"new"})
    assert file.read(keys(0, 2)) == {keys(1)[0]: b"new"}
    file.path.write_text("no database at all, but longer than a header of one would have to be" * 9)
    file.write({keys(2)[0]: b"lost"})
    file.write({keys(2)[0]: b"kept"})
    assert file.read(keys(2)) == {keys(2)[0]: b"kept"}


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    file = ThumbnailFile(tmp_path / "taken")
    file.write({keys(0)[0]: b"lost"})
    assert file.read(keys(0)) == {}
    assert file.used() == 0


def test_a_locked_file_is_done_without(file, monkeypatch):
    monkeypatch.setattr("app.thumbnail_file._WAIT", 0.05)
    file.write({keys(0)[0]: b"kept"})
    other = sqlite3.connect(file.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert file.read(keys(0)) == {}
    file.write({keys(1)[0]: b"lost"})
    other.execute("COMMIT")
    other.close()
    assert file.read(keys(0, 2)) == {keys(0)[0]: b"kept"}


def test_the_cache_may_be_cleared_while_it_is_used(file):
    file.write({keys(0)[0]: b"first"})
    file.path.unlink()
    assert file.read(keys(0)) == {}
    file.write({keys(1)[0]: b"second"})
    assert file.read(keys(0, 2)) == {keys(1)[0]: b"second"}


WRITER = """
import sys
from pathlib import Path
from app.thumbnail_file import ThumbnailFile
file, first = ThumbnailFile(Path(sys.argv[1])), int(sys.argv[2])
for start in range(first, first + 100_000, 10):
    numbers = range(start, start + 10)
    if file.write({n.to_bytes(16, "big"): n.to_bytes(4, "big") * 900 for n in numbers}):
        print(start, flush=True)
"""


def test_killed_in_the_middle_of_writing_whole_batches_are_left(tmp_path):
    """Two windows write at once, both are killed again and again, and nothing is half there.

    What a writer was told is kept must be there, whole; of anything else all or nothing.
    """
    file = ThumbnailFile(tmp_path)
    for turn in range(3):
        started = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(tmp_path), str(first)],
                stdout=subprocess.PIPE,
                text=True,
            )
            for first in (turn * 1_000_000, turn * 1_000_000 + 500_000)
        ]
        told = [[int(one.stdout.readline()) for _ in range(6)] for one in started]
        time.sleep(0.013 * turn)
        for one in started:
            one.send_signal(signal.SIGKILL)
            one.wait()
            one.stdout.close()
        for kept in told:
            first = kept[0] - kept[0] % 500_000
            for start in range(first, kept[-1] + 200, 10):
                found = file.read(keys(start, 10))
                assert len(found) in ((10,) if start in kept else (0, 10)), start
                for key, picture in found.items():
                    assert picture == key[-4:] * 900
    file.write({keys(9)[0]: b"still works"})
    assert file.read(keys(9)) == {keys(9)[0]: b"still works"}


def test_threads_share_it(file):
    def work(first):
        for start in range(first, first + 60, 6):
            file.write({key: key for key in keys(start, 6)})
            file.read(keys(start, 6))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 240, 60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file.read(keys(0, 240)) == {key: key for key in keys(0, 240)}
