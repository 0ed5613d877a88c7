import pytest

from sslcore.data.copies import copies
from sslcore.data.pool import Cancelled


@pytest.fixture
def paths(tmp_path):
    contents = [b"one", b"two", b"one", b"longer", b"one", b"two", b""]
    made = [tmp_path / f"{number}.png" for number in range(len(contents))]
    for path, content in zip(made, contents, strict=True):
        path.write_bytes(content)
    return made


def test_equal_files_come_in_sets_by_first_position(paths):
    assert copies(paths) == ((0, 2, 4), (1, 5))


def test_only_files_of_one_size_are_read(paths):
    told = []
    copies(paths, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (5, 5), "neither the longer nor the empty file has a mate of its size"


def test_a_file_that_is_gone_is_equal_to_nothing(paths):
    for number in (0, 5):
        paths[number].unlink()
    assert copies(paths) == ((2, 4),)
    assert copies([]) == ()


def test_it_can_be_called_off(paths):
    with pytest.raises(Cancelled):
        copies(paths, cancelled=lambda: True)
