import pytest

from sslcore.data.demo_mark import LAST, NAME, begin

MARK = {"count": 3, "kind": "pairs"}


def test_a_set_is_begun_finished_and_found_again(tmp_path):
    folder = tmp_path / "set"
    assert not begin(folder, MARK, 1)
    assert (folder / NAME).exists()
    assert not begin(folder, MARK, 1), "without its last file it is unfinished"
    (folder / LAST).write_text("path")
    assert begin(folder, MARK, 1)
    assert not begin(folder, MARK, 2), "an older drawing is done anew"
    assert not (folder / LAST).exists()


def test_anything_else_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(ValueError, match="holds something else already"):
        begin(tmp_path, MARK, 1)
    with pytest.raises(ValueError, match="a file, not a folder"):
        begin(tmp_path / "mine.txt", MARK, 1)
    begin(tmp_path / "other", MARK, 1)
    with pytest.raises(ValueError, match="something else"):
        begin(tmp_path / "other", {**MARK, "count": 4}, 1)
