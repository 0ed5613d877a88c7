"""HHA files: where they go, what is in them, what stays, what is refused."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sslcore.augment.geocentric import as_picture, hha
from sslcore.data import geocentric_files
from sslcore.data.catalogue import scan
from sslcore.data.geocentric_files import Camera, encode, look, make, read_depth, tasks
from sslcore.data.image_file import UnreadableError
from sslcore.data.pool import Cancelled
from sslcore.data.reading import Reading
from sslcore.data.takeout import TakeoutError
from tests.sslcore.data.pictures import noise, save

CAMERA = Camera(focal=(20.0, 18.0), centre=(9.0, 7.0))


def depth_map(seed=0, high=16, wide=20):
    """A floor below a wall, in millimetres, with noise and holes."""
    generator = np.random.default_rng(seed)
    rows = np.arange(high)[:, None] + np.zeros((1, wide))
    metres = np.where(rows > high / 2, 1.2 * 18 / np.maximum(rows - 7, 1), 2.4)
    metres = metres + generator.normal(0, 0.01, metres.shape)
    metres[generator.random(metres.shape) < 0.1] = 0
    return np.rint(1000 * metres).astype(np.uint16)


@pytest.fixture
def rooms(tmp_path):
    for room in ("den", "hall"):
        for number in range(2):
            save(tmp_path / room / "rgb" / f"{number}.png", noise(16, 20, seed=number))
            save(tmp_path / room / "depth" / f"{number}.png", depth_map(number))
    return tmp_path


def made_files(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("hha/*"))


def test_files_are_what_the_formula_says_of_metres(rooms):
    done = make(rooms, CAMERA)
    assert (done.written, done.there, done.problems) == (4, 0, ())
    assert done.folders == ("den/hha", "hall/hha")
    assert made_files(rooms) == [
        "den/hha/0.png",
        "den/hha/1.png",
        "hall/hha/0.png",
        "hall/hha/1.png",
    ]
    metres = torch.from_numpy(depth_map(1).astype(np.float64) / 1000)[None, None]
    expected = as_picture(hha(metres, CAMERA.focal, CAMERA.centre))[0].permute(1, 2, 0).numpy()
    with Image.open(rooms / "den/hha/1.png") as file:
        assert file.mode == "RGB"
        np.testing.assert_allclose(np.asarray(file) / 255, expected, atol=0.502 / 255)
    medians = [np.median(one[one > 0]) / 1000 for one in (depth_map(0), depth_map(1))]
    assert done.median == pytest.approx(np.median(2 * medians), rel=1e-6)


def test_the_folder_is_read_as_pairs_with_it(rooms):
    make(rooms, CAMERA)
    catalogue = scan(rooms, Reading(target="hha"))
    assert len(catalogue) == 4
    assert (catalogue.targets.role, catalogue.targets.folder) == ("picture", "hha")
    assert set(catalogue.targets.folders) == {"depth", "hha"}
    assert len(catalogue.targets.rows) == 4
    assert scan(rooms, Reading()).targets.folder == "depth", "depth stays the first choice"


def test_depth_may_be_above_the_rooms_and_be_called_otherwise(tmp_path):
    save(tmp_path / "depths" / "den" / "x.tif", depth_map())
    save(tmp_path / "kinect" / "y.png", depth_map())
    assert [one.target for one in tasks(tmp_path)] == [tmp_path / "hha" / "den" / "x.png"]
    named = tasks(tmp_path, "kinect", "geo")
    assert [one.target for one in named] == [tmp_path / "geo" / "y.png"]
    seen = {"count": 1, "width": 20, "height": 16, "fractions": False}
    assert vars(look(tmp_path, "Kinect")) == seen


def test_what_is_there_stays_but_not_that_of_another_camera(rooms):
    make(rooms, CAMERA)
    own = rooms / "den" / "hha" / "0.png"
    foreign = rooms / "hall" / "hha" / "0.png"
    save(foreign, noise(16, 20))
    broken = rooms / "hall" / "hha" / "1.png"
    broken.write_bytes(broken.read_bytes()[:30])
    times = {path: path.stat().st_mtime_ns for path in (own, foreign)}
    done = make(rooms, CAMERA)
    assert (done.written, done.there) == (1, 3), "only the broken one"
    assert {path: path.stat().st_mtime_ns for path in times} == times
    other = Camera(focal=(21.0, 18.0), centre=(9.0, 7.0))
    done = make(rooms, other)
    assert (done.written, done.there) == (3, 1), "all but the foreign one"
    assert foreign.stat().st_mtime_ns == times[foreign]
    assert make(rooms, other, unit=0.002).written == 3
    assert make(rooms, other, unit=0.002, again=True).written == 4


def test_a_field_of_view_is_a_focal_length():
    focal, centre = Camera(field_of_view=60.0).of(640, 480)
    assert focal == pytest.approx((320 / math.tan(math.radians(30)),) * 2)
    assert centre == (319.5, 239.5)
    depth = depth_map().astype(np.float32) / 1000
    same = Camera(focal=Camera(field_of_view=50.0).of(20, 16)[0])
    np.testing.assert_array_equal(encode(depth, Camera(field_of_view=50.0)), encode(depth, same))


@pytest.mark.parametrize(
    ("camera", "words"),
    [
        (Camera(focal=(0.0, 20.0)), "focal = 0 20: in images of 20 x 16 pixels no camera"),
        (Camera(focal=(-5.0, 20.0)), "no camera has such focal lengths; give them in pixels"),
        (Camera(focal=(math.nan, 20.0)), "no camera"),
        (Camera(focal=(20.0, 9e9)), "no camera"),
        (Camera(focal=(0.035, 0.035)), r"focal = 0.035 0.035.*\(17 would be 60 degrees across\)"),
        (Camera(centre=(20.0, 3.0)), "centre = 20 3: lies outside of images of 20 x 16 pixels"),
        (Camera(centre=(3.0, -1.0)), "centre = 3 -1: lies outside"),
        (Camera(field_of_view=0.0), "field of view = 0: a camera sees 1 to 175 degrees"),
        (Camera(field_of_view=180.0), "field of view = 180"),
    ],
)
def test_impossible_cameras_are_refused_before_anything_is_written(rooms, camera, words):
    with pytest.raises(ValueError, match=words):
        make(rooms, camera)
    assert made_files(rooms) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"unit": 0.0}, "unit = 0: metres of one step"),
        ({"depth": "sonar"}, "no images in a folder sonar/; put depth"),
        ({"out": "a/b"}, "out = 'a/b': a plain name"),
        ({"out": ""}, "a plain name"),
        ({"out": ".."}, "a plain name"),
        ({"out": "Labels"}, "out = 'Labels': a folder of this name holds something else"),
        ({"out": "depth"}, "holds something else"),
        ({"out": "rgb"}, "holds something else"),
    ],
)
def test_impossible_settings_are_refused(rooms, settings, words):
    with pytest.raises(ValueError, match=words):
        make(rooms, CAMERA, **settings)
    assert made_files(rooms) == []


def test_a_folder_without_depth_says_what_is_needed(tmp_path):
    save(tmp_path / "rgb" / "x.png")
    with pytest.raises(ValueError, match=r"no images in a folder depth/ or depths/.*--depth"):
        make(tmp_path, CAMERA)
    save(tmp_path / "depth" / "x.png", depth_map())
    save(tmp_path / "depth" / "x.tif", depth_map())
    with pytest.raises(ValueError, match=r"x\.tif: x\.png beside it has the same name"):
        make(tmp_path, CAMERA)


def test_files_that_are_not_depth_are_told_and_the_others_made(rooms):
    save(rooms / "den" / "depth" / "0.png", noise(16, 20, 1))
    save(rooms / "den" / "depth" / "1.png", noise(16, 20, 3))
    (rooms / "hall" / "depth" / "0.png").write_bytes(b"no picture")
    done = make(rooms, CAMERA)
    assert done.written == 1
    told = {one.path: one.reason for one in done.problems}
    assert list(told) == ["den/depth/0.png", "den/depth/1.png", "hall/depth/0.png"]
    assert "8-bit (L), not 16-bit" in told["den/depth/0.png"]
    assert "8-bit (RGB), not 16-bit" in told["den/depth/1.png"]
    assert made_files(rooms) == ["hall/hha/1.png"]


@pytest.mark.parametrize(
    "camera",
    [
        Camera(focal=(60.0, 60.0), centre=(40.0, 28.0)),
        Camera(focal=(60.0, 60.0), centre=(9.0, 9.0)),
    ],
    ids=["centre-outside", "centre-inside"],
)
def test_files_of_another_size_are_told_and_the_others_made(tmp_path, camera):
    for name in "acd":
        save(tmp_path / "depth" / f"{name}.png", depth_map(high=32, wide=48))
    save(tmp_path / "depth" / "b.png", depth_map(high=24, wide=20))
    done = make(tmp_path, camera)
    assert (done.written, made_files(tmp_path)) == (3, ["hha/a.png", "hha/c.png", "hha/d.png"])
    (problem,) = done.problems
    assert problem.path == "depth/b.png"
    words = "20 x 24 pixels, the first has 48 x 32; all share one camera"
    assert problem.reason == words
    done = make(tmp_path, camera)
    assert (done.written, done.there) == (0, 3)
    assert [one.reason for one in done.problems] == [words], "also where the first one is made"


def test_the_first_file_is_the_first_that_can_be_read(tmp_path):
    whole = save(tmp_path / "depth" / "b.png", np.full((40, 30), 900, np.uint16)).read_bytes()
    save(tmp_path / "depth" / "c.png", noise(8, 8, 1))
    (tmp_path / "depth" / "a.png").write_bytes(b"no picture")
    (tmp_path / "depth" / "b.png").write_bytes(whole[:-40])
    with pytest.raises(UnreadableError, match=r"^depth/a\.png: not an image"):
        look(tmp_path)
    done = make(tmp_path, CAMERA)
    assert [one.path for one in done.problems] == [f"depth/{name}.png" for name in "abc"]
    save(tmp_path / "depth" / "d.tif", np.full((16, 20), 1.5, np.float32))
    save(tmp_path / "depth" / "e.png", depth_map())
    assert vars(look(tmp_path)) == {"count": 5, "width": 20, "height": 16, "fractions": True}
    done = make(tmp_path, CAMERA)
    assert [one.path for one in done.problems] == [f"depth/{name}.png" for name in "abc"]
    assert made_files(tmp_path) == ["hha/d.png", "hha/e.png"]


def test_a_turned_first_file_gives_the_size_it_is_looked_at(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    save(tmp_path / "depth" / "a.png", depth_map(high=20, wide=16), exif=exif)
    save(tmp_path / "depth" / "b.png", depth_map())
    assert (look(tmp_path).width, look(tmp_path).height) == (20, 16)
    assert make(tmp_path, CAMERA).written == 2


def test_arrays_and_videos_beside_pictures_are_passed_over(tmp_path):
    save(tmp_path / "depth" / "x.png", depth_map())
    np.save(tmp_path / "depth" / "x.npy", depth_map()[None])
    (tmp_path / "depth" / "x.mp4").write_bytes(b"film")
    assert [one.source.name for one in tasks(tmp_path)] == ["x.png"]
    (tmp_path / "depth" / "x.png").unlink()
    with pytest.raises(ValueError, match="no images in a folder depth/"):
        tasks(tmp_path)


def test_whole_numbers_are_millimetres_and_fractions_metres(tmp_path):
    save(tmp_path / "whole.png", np.full((3, 4), 1500, np.uint16))
    save(tmp_path / "part.tif", np.full((3, 4), 1.5, np.float32))
    for name in ("whole.png", "part.tif"):
        assert read_depth(tmp_path / name).dtype == np.float32
        np.testing.assert_allclose(read_depth(tmp_path / name), 1.5, rtol=1e-6)
    np.testing.assert_allclose(read_depth(tmp_path / "whole.png", 0.0002), 0.3, rtol=1e-6)
    with pytest.raises(UnreadableError, match="not 16-bit"):
        read_depth(save(tmp_path / "bytes.png", noise(3, 4, 1)))


def test_a_depth_of_holes_only_is_black_and_has_no_median(tmp_path):
    save(tmp_path / "depth" / "x.png", np.zeros((6, 5), np.uint16))
    done = make(tmp_path, Camera())
    assert done.written == 1
    assert math.isnan(done.median)
    with Image.open(tmp_path / "hha" / "x.png") as file:
        assert not np.asarray(file).any()


def test_progress_is_told_and_called_off_work_goes_on_from_there(rooms, monkeypatch):
    seen = []
    asked = iter([False] * 9)
    with pytest.raises(Cancelled):
        make(rooms, CAMERA, cancelled=lambda: next(asked, True))
    before = made_files(rooms)
    assert len(before) < 4
    assert not list(rooms.rglob("*.partial")), "nothing half-made"
    done = make(rooms, CAMERA, progress=lambda *told: seen.append(told))
    assert done.there == len(before)
    assert seen[-1] == (4 - len(before), 4 - len(before))


def test_a_file_is_whole_or_not_there(rooms, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(TakeoutError, match=r"\d\.png: the disk is full"):
        make(rooms, CAMERA)
    assert made_files(rooms) == []
    assert geocentric_files.FOLDERS == ("depth", "depths")
