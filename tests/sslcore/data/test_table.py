import math
import os

import pytest

from sslcore.data.folder import CatalogueError
from sslcore.data.table import find_table, leaves, numbers_or_text, path_key, read_table


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_columns_and_paths(tmp_path):
    table = read_table(
        write(tmp_path / "a.csv", 'Path,Label,note\na.png,cat,"big, black"\nb\\c.png,dog,\n')
    )
    assert table.paths == ("a.png", "b/c.png")
    assert table.columns == {"label": ("cat", "dog"), "note": ("big, black", "")}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_and_byte_order_mark_and_line_ends(tmp_path, delimiter):
    text = "\ufeff" + delimiter.join(["path", "n"]) + "\r\n" + delimiter.join(["é.png", "1"])
    table = read_table(write(tmp_path / "a.csv", text))
    assert table.paths == ("é.png",)
    assert table.columns["n"] == ("1",)


def test_file_name_serves_as_path(tmp_path):
    assert read_table(write(tmp_path / "a.csv", "file_name,x\na.png,1\n")).paths == ("a.png",)


@pytest.mark.parametrize(
    "written",
    ["./cat/0.png", "cat//0.png", "cat\\0.png", ".\\cat\\0.png", "dog/../cat/0.png",
     "{folder}/cat/0.png", "{folder}/./cat//0.png", "{link}/cat/0.png"],
)  # fmt: skip
def test_paths_are_those_of_a_scan_however_they_are_written(tmp_path, written):
    (tmp_path / "images").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "images")
    path = written.format(folder=tmp_path / "images", link=tmp_path / "link")
    for folder in ("images", "link"):
        assert read_table(write(tmp_path / folder / "a.csv", f"path\n{path}\n")).paths == (
            "cat/0.png",
        )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no backslashes in names")
def test_a_file_with_a_backslash_in_its_name_comes_first(tmp_path):
    (tmp_path / "cat\\0.png").touch()
    table = read_table(write(tmp_path / "a.csv", "path\ncat\\0.png\n./cat\\0.png\ncat\\1.png\n"))
    assert table.paths == ("cat\\0.png", "cat\\0.png", "cat/1.png")


def test_paths_that_leave_the_folder_are_known(tmp_path, monkeypatch):
    elsewhere = (tmp_path.parent / "x.png").as_posix()
    lines = ["path", "../x.png", "./a/../../x.png", elsewhere, "", "..x/y.png", "/a\0/b.png"]
    file = write(tmp_path / "a.csv", "\n".join(lines) + "\n")
    paths = read_table(file).paths
    assert paths == ("../x.png", "../x.png", elsewhere, "..x/y.png", "/a\0/b.png")
    assert [leaves(path) for path in paths] == [True, True, True, False, True]
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "b.csv", f"path\n{tmp_path.as_posix()}/a.png\n")
    assert read_table(type(tmp_path)("b.csv")).paths == ("a.png",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty; it needs a header line with a column 'path'"),
        ("image,label\na.png,1\n", "no column 'path'; its columns are: image, label"),
        ("path,label\na.png\n", "row 2 has 1 cells, the header has 2"),
        ("path,x,x\na.png,1,2\n", "two columns are called 'x'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, says):
    with pytest.raises(CatalogueError, match=says):
        read_table(write(tmp_path / "a.csv", text))


def test_other_encodings_are_refused(tmp_path):
    with pytest.raises(CatalogueError, match="not UTF-8"):
        read_table(write(tmp_path / "a.csv", "path\né.png\n", "latin-1"))
    with pytest.raises(CatalogueError, match="cannot be read"):
        read_table(tmp_path / "none.csv")


def test_which_table_describes_a_folder(tmp_path):
    assert find_table(tmp_path) is None
    write(tmp_path / "one.csv", "path\n")
    assert find_table(tmp_path) == tmp_path / "one.csv"
    write(tmp_path / "two.csv", "path\n")
    assert find_table(tmp_path) is None
    write(tmp_path / "metadata.csv", "path\n")
    assert find_table(tmp_path) == tmp_path / "metadata.csv"
    write(tmp_path / "labels.csv", "path\n")
    assert find_table(tmp_path) == tmp_path / "labels.csv"


def test_numbers_become_floats_and_gaps_nan():
    values = numbers_or_text(["1", "", "2.5e3"])
    assert values[0] == 1.0
    assert math.isnan(values[1])
    assert values[2] == 2500.0
    assert numbers_or_text(["1", "two"]) == ("1", "two")
    assert numbers_or_text(["", ""]) == ("", "")


def test_accents_compare_however_they_are_composed():
    assert path_key("e\u0301.png") == path_key("\u00e9.png")
    assert path_key("e.png") != path_key("\u00e9.png")
