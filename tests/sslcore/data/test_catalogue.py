import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sslcore.data.catalogue import Cancelled, CatalogueError, scan
from sslcore.data.reading import Reading
from tests.sslcore.data.pictures import huge_png, noise, save


def filled(root, *paths, **options):
    for seed, path in enumerate(paths):
        save(root / path, seed=seed, **options)
    return root


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_sub_folders_are_classes(tmp_path):
    filled(tmp_path, "dog/2.png", "cat/deep/1.jpg", "cat/0.bmp", "loose.gif")
    catalogue = scan(tmp_path)
    assert catalogue.paths == ("cat/0.bmp", "cat/deep/1.jpg", "dog/2.png", "loose.gif")
    assert catalogue.classes == ("cat", "dog")
    assert catalogue.labels.tolist() == [0, 0, 1, -1]
    assert catalogue.labels.dtype == np.int64
    assert catalogue.sizes.tolist() == [[12, 10]] * 4
    assert catalogue.splits == ("",) * 4
    assert catalogue.groups is None
    assert catalogue.metadata == {}
    assert catalogue.kinds == ("images",)
    assert catalogue.path(2) == tmp_path / "dog" / "2.png"
    assert (catalogue.channels, catalogue.bits, len(catalogue)) == (3, 8, 4)


def test_labels_none_hides_classes(tmp_path):
    catalogue = scan(filled(tmp_path, "a/1.png", "b/2.png"), Reading(labels="none"))
    assert catalogue.classes == ()
    assert catalogue.labels.tolist() == [-1, -1]


def test_channels_and_bits(tmp_path):
    save(tmp_path / "g" / "1.png", noise(4, 4, 1))
    assert (scan(tmp_path / "g").channels, scan(tmp_path / "g").bits) == (1, 8)
    save(tmp_path / "g" / "2.png", noise(4, 4, 1).astype(np.uint16) * 200)
    assert (scan(tmp_path / "g").channels, scan(tmp_path / "g").bits) == (1, 16)
    assert scan(tmp_path / "g").problems == ()
    save(tmp_path / "g" / "3.png", noise(4, 4))
    assert (scan(tmp_path / "g").channels, scan(tmp_path / "g").bits) == (3, 8)
    (problem,) = scan(tmp_path / "g").problems
    assert problem.path == "3.png"
    assert "16-bit grey images (here 1) are reduced to 8 bits" in problem.reason
    assert "all files in colour (here 1)" in problem.reason
    save(tmp_path / "a" / "1.png", noise(4, 4, 4))
    assert scan(tmp_path / "a").channels == 3  # transparency is laid on white


def test_bad_files_are_listed_and_never_fatal(tmp_path, monkeypatch):
    filled(tmp_path, "good.png", "cut.jpg", "shut.png")
    data = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) // 2])
    (tmp_path / "empty.png").touch()
    write(tmp_path / "letter.jpg", "Dear Sir or Madam")
    huge_png(tmp_path / "huge.png", 20_000, 20_000)
    save(tmp_path / "dot.png", noise(1, 1))
    (tmp_path / "broken.png").symlink_to(tmp_path / "nowhere")
    real = Path.open

    def refuse(self, *args, **options):
        if self.name == "shut.png":
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    catalogue = scan(tmp_path)
    assert catalogue.paths == ("dot.png", "good.png")
    reasons = {one.path: one.reason for one in catalogue.problems}
    assert set(reasons) == {
        "broken.png",
        "cut.jpg",
        "empty.png",
        "huge.png",
        "letter.jpg",
        "shut.png",
    }
    assert "truncated" in reasons["cut.jpg"]
    assert "no bytes" in reasons["empty.png"]
    assert "20,000 x 20,000" in reasons["huge.png"]
    assert "not an image" in reasons["letter.jpg"]
    assert "permission" in reasons["shut.png"]
    assert "link to nothing" in reasons["broken.png"]


def test_folders_without_images_say_so(tmp_path):
    with pytest.raises(CatalogueError, match=r"no images \(it is empty\); choose a folder with"):
        scan(tmp_path)
    write(tmp_path / "a.txt", "text")
    with pytest.raises(CatalogueError, match=r"no images \(its only file is not an image\)"):
        scan(tmp_path)
    write(tmp_path / "b.md", "text")
    with pytest.raises(CatalogueError, match="none of its 2 files is an image"):
        scan(tmp_path)
    with pytest.raises(CatalogueError, match="there is no such folder; check the path"):
        scan(tmp_path / "none")
    with pytest.raises(CatalogueError, match="a file, not a folder; choose the folder it lies in"):
        scan(tmp_path / "a.txt")
    write(tmp_path / "c.png", "text")
    with pytest.raises(CatalogueError, match=r"its only image cannot be read: c.png: not an"):
        scan(tmp_path)
    write(tmp_path / "d.png", "text")
    told = r"none of its 2 images can be read; the first: c.png: not an"
    with pytest.raises(CatalogueError, match=told):
        scan(tmp_path)


def test_calling_off_and_progress(tmp_path):
    filled(tmp_path, *(f"{i}.png" for i in range(9)))
    with pytest.raises(Cancelled):
        scan(tmp_path, cancelled=lambda: True)
    seen = []
    scan(tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen[0][1] == 0
    assert seen[-1] == (9, 9)


def test_the_fingerprint_follows_the_files(tmp_path):
    filled(tmp_path, "1.png", "2.png")
    first = scan(tmp_path).fingerprint
    assert scan(tmp_path).fingerprint == first
    write(tmp_path / "labels.csv", "path,label\n1.png,a\n")
    assert scan(tmp_path).fingerprint == first  # pixels are the same
    os.utime(tmp_path / "1.png", ns=(1, 1))
    second = scan(tmp_path).fingerprint
    assert second != first
    (tmp_path / "2.png").rename(tmp_path / "3.png")
    assert scan(tmp_path).fingerprint not in (first, second)


def test_a_csv_adds_to_the_folder(tmp_path):
    filled(tmp_path, "a/1.png", "a/2.png", "b/3.png")
    write(
        tmp_path / "labels.csv",
        "path,label,split,group,age,site\n"
        "b/3.png,sick,test,p1,61,north\na/1.png,well,train,p1,,south\ngone.png,well,train,p2,5,x\n",
    )
    catalogue = scan(tmp_path)
    assert catalogue.paths == ("a/1.png", "a/2.png", "b/3.png")
    assert catalogue.classes == ("sick", "well")
    assert catalogue.labels.tolist() == [1, -1, 0]
    assert catalogue.splits == ("train", "", "test")
    assert catalogue.groups is not None
    assert catalogue.groups[0] == catalogue.groups[2] != catalogue.groups[1]
    assert catalogue.metadata["site"] == ("south", "", "north")
    ages = catalogue.metadata["age"]
    assert ages[2] == 61.0
    assert np.isnan(ages[0])
    assert [one.path for one in catalogue.problems] == ["gone.png"]


def test_paths_of_a_csv_may_be_written_as_other_programs_do(tmp_path):
    filled(tmp_path, "a/1.png", "a/2.png", "b/3.png", "b/4.png", "b/5.png")
    write(
        tmp_path / "labels.csv",
        f"path,label\n./a/1.png,v\na//2.png,w\nb\\3.png,x\n{tmp_path}/b/4.png,y\n"
        "b/5.png,z\n./b/5.png,v\n../b/5.png,v\n/b/5.png,v\n",
    )
    catalogue = scan(tmp_path)
    assert [catalogue.classes[label] for label in catalogue.labels] == list("vwxyz")
    reasons = {one.path: one.reason for one in catalogue.problems}
    assert reasons.keys() == {"b/5.png", "../b/5.png", "/b/5.png"}
    assert "listed twice" in reasons.pop("b/5.png")
    for reason in reasons.values():
        assert reason.startswith("listed in labels.csv, but outside the folder; list images")


def test_a_csv_in_place_of_the_folder_may_list_images_elsewhere(tmp_path):
    filled(tmp_path, "a/1.png", "b/2.png")
    (tmp_path / "lists").mkdir()
    text = f"path,label\n../a/1.png,x\n{tmp_path}/b/2.png,y\n"
    catalogue = scan(write(tmp_path / "lists" / "some.csv", text))
    assert (catalogue.classes, catalogue.problems) == (("x", "y"), ())


def test_groups_may_come_from_any_column(tmp_path):
    filled(tmp_path, "1.png", "2.png", "3.png")
    write(tmp_path / "labels.csv", "path,Patient,group\n1.png,p,a\n2.png,q,a\n3.png,p,b\n")
    catalogue = scan(tmp_path, Reading(groups="Patient"))
    assert catalogue.groups is not None
    assert catalogue.groups.tolist() == [0, 1, 0]
    assert catalogue.metadata == {"Patient": ("p", "q", "p"), "group": ("a", "a", "b")}
    assert scan(tmp_path).metadata.keys() == {"Patient"}
    none = scan(tmp_path, Reading(groups="none"))
    assert none.groups is None
    assert none.metadata.keys() == {"Patient", "group"}
    with pytest.raises(CatalogueError, match=r"no CSV column 'state'.*'none' or.*: Patient, group"):
        scan(tmp_path, Reading(groups="state"))
    (tmp_path / "labels.csv").unlink()
    with pytest.raises(CatalogueError, match=r"no CSV column 'Patient'.*there is no CSV file"):
        scan(tmp_path, Reading(groups="Patient"))


@pytest.mark.parametrize(
    ("header", "told"),
    [("patient", "'patient'"), ("Slide ID", "'Slide ID'"), ("site", ""), ("group", "")],
)
def test_a_column_that_looks_like_groups_is_told(tmp_path, header, told):
    filled(tmp_path, "1.png", "2.png", "3.png")
    write(tmp_path / "labels.csv", f"path,{header}\n1.png,p\n2.png,q\n3.png,p\n")
    problems = scan(tmp_path).problems
    assert len(problems) == bool(told)
    for one in problems:
        assert one.path == "labels.csv"
        assert f"its column {told} does not keep images together" in one.reason
        assert f"choose it as Groups in Data (data.groups = {told})" in one.reason
        assert scan(tmp_path, Reading(groups=header)).problems == ()
        assert scan(tmp_path, Reading(labels=header)).problems == ()
    write(tmp_path / "labels.csv", f"path,{header}\n1.png,p\n2.png,q\n3.png,r\n")
    assert scan(tmp_path).problems == ()  # one image each: nothing to tear


def test_labels_may_come_from_any_column(tmp_path):
    filled(tmp_path, "a/1.png", "a/2.png")
    write(tmp_path / "labels.csv", "path,label,site\na/1.png,x,north\na/2.png,y,south\n")
    catalogue = scan(tmp_path, Reading(labels="site"))
    assert catalogue.classes == ("north", "south")
    assert catalogue.metadata["label"] == ("x", "y")
    with pytest.raises(CatalogueError, match=r"no CSV column 'state'.*one of: label, site"):
        scan(tmp_path, Reading(labels="state"))


def test_a_csv_in_place_of_the_folder_decides_which_images_there_are(tmp_path):
    filled(tmp_path, "a/1.png", "a/2.png", "b/3.png")
    file = write(tmp_path / "some.csv", "path,label\nb/3.png,x\na/1.png,y\nb/3.png,z\nno.png,x\n")
    catalogue = scan(file)
    assert catalogue.root == tmp_path
    assert catalogue.paths == ("a/1.png", "b/3.png")
    assert catalogue.labels.tolist() == [1, 0]
    assert {one.path for one in catalogue.problems} == {"b/3.png", "no.png"}
    with pytest.raises(CatalogueError, match="no column 'path'"):
        scan(write(tmp_path / "bad.csv", "x\n1\n"))
    with pytest.raises(CatalogueError, match="no images"):
        scan(write(tmp_path / "bare.csv", "path\n"))


def test_a_csv_about_something_else_is_no_obstacle(tmp_path):
    filled(tmp_path, "a/1.png", "b/2.png")
    write(tmp_path / "prices.csv", "item,price\nbread,3\n")
    catalogue = scan(tmp_path)
    assert catalogue.classes == ("a", "b")
    assert catalogue.problems[0].path == "prices.csv"
    assert catalogue.problems[0].reason.startswith("no column 'path'")
    with pytest.raises(CatalogueError, match="no column 'path'"):
        scan(tmp_path, Reading(labels="item"))


def test_composed_and_decomposed_accents_meet(tmp_path):
    save(tmp_path / "e\u0301.png")
    write(tmp_path / "labels.csv", "path,label\n\u00e9.png,x\n")
    assert scan(tmp_path).classes == ("x",)


def test_unknown_splits_are_a_problem(tmp_path):
    filled(tmp_path, "1.png")
    write(tmp_path / "labels.csv", "path,split\n1.png,maybe\n")
    catalogue = scan(tmp_path)
    assert catalogue.splits == ("",)
    assert "unknown split" in catalogue.problems[0].reason


@pytest.fixture
def own_splits(tmp_path):
    for split, count in (("train", 20), ("val", 4), ("test", 6)):
        for i in range(count):
            save(tmp_path / split / "ab"[i % 2] / f"{i}.png", noise(2, 2, seed=i))
    return scan(tmp_path)


def test_own_test_folder_is_held_out(own_splits):
    split = own_splits.split(0, 0.5)
    assert {own_splits.splits[row] for row in split.train} == {"train"}
    assert {own_splits.splits[row] for row in split.held_out} == {"test"}
    assert (len(split.train), len(split.held_out)) == (20, 6)
    assert np.array_equal(own_splits.split(5, 0.1).held_out, split.held_out)


def test_a_validation_part_of_the_training_images(own_splits):
    split = own_splits.split(0, 0.2, source="train")
    assert (len(split.train), len(split.held_out)) == (16, 4)
    rows = np.concatenate([split.train, split.held_out])
    assert {own_splits.splits[row] for row in rows} == {"train"}
    assert np.bincount(own_splits.labels[split.held_out]).tolist() == [2, 2]
    assert len(np.intersect1d(split.train, split.held_out)) == 0


def test_the_limit_is_stratified_and_leaves_the_held_out_alone(own_splits):
    whole, few = own_splits.split(0, 0.2), own_splits.split(0, 0.2, limit=10)
    assert np.array_equal(whole.held_out, few.held_out)
    assert np.bincount(own_splits.labels[few.train]).tolist() == [5, 5]
    assert np.isin(few.train, whole.train).all()
    assert np.array_equal(few.train, np.sort(few.train))
    with pytest.raises(ValueError, match="limit = 0"):
        own_splits.split(0, 0.2, limit=0)


def test_val_serves_where_there_is_no_test_and_test_alone_is_trained_on(tmp_path):
    filled(tmp_path / "v", "train/1.png", "val/2.png")
    split = scan(tmp_path / "v").split(0, 0.5)
    assert (split.train.tolist(), split.held_out.tolist()) == ([0], [1])
    filled(tmp_path / "t", *(f"test/{i}.png" for i in range(4)))
    split = scan(tmp_path / "t").split(0, 0.5)
    assert (len(split.train), len(split.held_out)) == (2, 2)


def test_one_image(tmp_path):
    split = scan(filled(tmp_path, "1.png")).split(0, 0.9)
    assert split.train.tolist() == [0]
    assert split.held_out.tolist() == []
    assert split.held_out.dtype == np.int64


def test_groups_are_never_torn(tmp_path):
    lines = ["path,label,group"]
    for i in range(40):
        save(tmp_path / f"{i:02}.png", noise(2, 2, seed=i))
        lines.append(f"{i:02}.png,{'ab'[i % 2]},{f'patient {i // 5}' if i < 30 else ''}")
    write(tmp_path / "labels.csv", "\n".join(lines))
    catalogue = scan(tmp_path)
    split = catalogue.split(0, 0.3)
    assert catalogue.groups is not None
    assert not np.isin(catalogue.groups[split.train], catalogue.groups[split.held_out]).any()
    assert len(split.train) + len(split.held_out) == 40
    assert 8 <= len(split.held_out) <= 16
    assert len(np.unique(catalogue.groups[30:])) == 10  # without a group: each its own


def test_duplicates_are_found_by_content(tmp_path):
    filled(tmp_path, "1.png", "2.png")
    for name in ("3.png", "4.png"):
        (tmp_path / name).write_bytes((tmp_path / "1.png").read_bytes())
    Image.open(tmp_path / "2.png").save(tmp_path / "5.bmp")
    assert scan(tmp_path).duplicates() == ((0, 2, 3),)


def test_duplicates_of_vanished_files_are_none(tmp_path):
    filled(tmp_path, "1.png", "2.png")
    (tmp_path / "2.png").write_bytes((tmp_path / "1.png").read_bytes())
    catalogue = scan(tmp_path)
    (tmp_path / "2.png").unlink()
    assert catalogue.duplicates() == ()


def test_rows_listed_twice_are_told_also_where_the_folder_decides(tmp_path):
    filled(tmp_path, "1.png", "2.png")
    write(tmp_path / "labels.csv", "path,label\n1.png,a\n2.png,b\n1.png,b\n")
    catalogue = scan(tmp_path)
    assert catalogue.labels.tolist() == [0, 1]
    assert [(one.path, one.reason) for one in catalogue.problems] == [
        ("1.png", "listed twice in labels.csv; the first counts")
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows names are always text")
def test_a_folder_whose_name_is_no_text_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="rename the folder"):
        scan(tmp_path / os.fsdecode(b"bad\xff"))
