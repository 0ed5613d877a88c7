"""Exports are whole or not there, and never over something else."""

import errno
from pathlib import Path

import pytest

from sslcore.export import writing


@pytest.mark.parametrize(
    ("out", "main", "answer"),
    [
        ("a.onnx", "encoder.onnx", True),
        ("a.ONNX", "encoder.onnx", True),
        ("a", "encoder.onnx", False),
        ("a.pt", "encoder.onnx", False),
        ("log", "", False),
    ],
)
def test_a_suffix_tells_whether_a_file_is_meant(out: str, main: str, answer: bool) -> None:
    assert writing.names_a_file(Path(out), main) is answer


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "new" / "taken"
    with writing.beside(out) as part:
        writing.fill(part, {"a": b"1", "deep/er/b": b"2"})
        assert not out.exists()
        writing.settle(part, out)
    assert (out / "deep" / "er" / "b").read_bytes() == b"2"
    assert [one.name for one in out.parent.iterdir()] == ["taken"]


def test_a_file_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "a.onnx"
    with writing.beside(out) as part:
        writing.fill(part, {"encoder.onnx": b"1", "README.md": b""})
        writing.settle(part / "encoder.onnx", out)
    assert out.read_bytes() == b"1"
    assert list(tmp_path.iterdir()) == [out]


def late(part: Path, out: Path, name: str) -> None:
    writing.fill(part, {"encoder.onnx": b"ours"})
    writing.settle(part / name, out)


def test_what_came_there_meanwhile_stays(tmp_path: Path) -> None:
    folder, file = tmp_path / "taken", tmp_path / "a.onnx"
    folder.mkdir()
    file.write_bytes(b"theirs")
    said = "is there already; choose another name"
    for out, name in ((folder, ""), (file, "encoder.onnx")):
        with pytest.raises(writing.ExportError, match=said), writing.beside(out) as part:
            late(part, out, name)
    assert sorted(tmp_path.iterdir()) == [file, folder]
    assert file.read_bytes() == b"theirs"
    assert list(folder.iterdir()) == []
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(writing.ExportError, match="is there already"):
        writing.refuse_what_is_there(tmp_path / "link")


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(writing.ExportError, match="the disk is full; free space"),
        writing.beside(tmp_path / "taken"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "taken"
    with pytest.raises(writing.ExportError, match="file"), writing.beside(out):
        pytest.fail("there is nothing to write into")
