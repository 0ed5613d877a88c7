import pytest

from sslcore.data.demo_mark import LAST, NAME, begin, whole

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


def test_pictures_of_an_older_set_go_and_nothing_else(tmp_path):
    folder = tmp_path / "set"
    begin(folder, MARK, 1)
    for name in ("circle/1.png", "circle/mine.txt", "ring/2.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    precious = tmp_path / "precious.png"
    precious.write_text("mine")
    (folder / LAST).write_text(
        "path,label\ncircle/1.png,circle\nring/2.png,ring\n../precious.png,x\n"
    )
    assert not begin(folder, MARK, 2)
    left = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
    assert left == {NAME, "circle/mine.txt"}
    assert not (folder / "ring").exists()
    assert precious.exists()


def test_a_set_is_whole_when_its_last_file_is_there(tmp_path):
    assert not whole(tmp_path, 1)
    begin(tmp_path, MARK, 1)
    assert not whole(tmp_path, 1)
    (tmp_path / LAST).write_text("path")
    assert whole(tmp_path, 1)
    assert not whole(tmp_path, 2)
    (tmp_path / NAME).write_text("[]")
    assert not whole(tmp_path, 1)
