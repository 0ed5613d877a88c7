"""Lists of excluded images: there and back, lists of other people, and what they match."""

from pathlib import Path

import pytest

from sslcore.config import ConfigError
from sslcore.data.exclusion import is_named, match, named, read

ODD = [
    "a b.png",
    "cat/01.png",
    "line\nbreak.png",
    '"quoted".png',
    " blank.png",
    "猫.png",
    "x\r.png",
]


def test_lists_come_back_whatever_the_names(tmp_path: Path) -> None:
    name, content = named(ODD)
    (tmp_path / name).write_bytes(content)
    assert read(tmp_path / name) == tuple(sorted(ODD))
    assert is_named(name)
    assert not is_named("excluded.txt")


def test_the_same_images_give_the_same_file_and_others_another() -> None:
    assert named(["b", "a", "a"]) == named(["a", "b"])
    assert named(["a"]) != named(["b"])
    assert named(["cafe\u0301"]) == named(["caf\u00e9"])


def test_a_list_that_was_changed_is_not_the_one_its_name_says(tmp_path: Path) -> None:
    name, content = named(["a.png", "b.png"])
    (tmp_path / name).write_bytes(content)
    assert len(read(tmp_path / name)) == 2
    (tmp_path / name).write_bytes(content + b"c.png\n")
    with pytest.raises(ConfigError, match=r"data\.excluded = .*was changed since it was written"):
        read(tmp_path / name)
    (tmp_path / "mine.txt").write_bytes(content + b"c.png\n")
    assert read(tmp_path / "mine.txt") == ("a.png", "b.png", "c.png")


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        (b"\xef\xbb\xbfa.png\r\n\r\nb/c.png\r\n", ("a.png", "b/c.png")),
        (b"", ()),
        (b"a.png", ("a.png",)),
    ],
)
def test_lists_that_a_person_wrote(tmp_path: Path, content: bytes, paths: tuple[str, ...]) -> None:
    (tmp_path / "mine.txt").write_bytes(content)
    assert read(tmp_path / "mine.txt") == paths


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'"unclosed\n'])
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mine.txt").write_bytes(content)
    with pytest.raises(ConfigError, match="not a list of images; write one path per line"):
        read(tmp_path / "mine.txt")


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.txt", tmp_path):
        with pytest.raises(ConfigError, match=r"data\.excluded = .*cannot be read") as caught:
            read(path)
        assert str(path) in str(caught.value)


def test_rows_are_found_and_what_is_unknown_is_told() -> None:
    paths = ["a/1.png", "a/2.png", "caf\u00e9.png", "v.mp4#000000", "v.mp4#000001", "w.mp4#000000"]
    found = match(paths, ["a\\2.png", "./a/1.png", "cafe\u0301.png", "v.mp4", "gone.png"])
    assert found.rows.tolist() == [0, 1, 2, 3, 4]
    assert found.unknown == ("gone.png",)
    assert match(paths, ["w.mp4#000000", "v.mp4#000001"]).rows.tolist() == [4, 5]
    assert match(paths, []).rows.tolist() == []
