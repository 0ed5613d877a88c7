import os
import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QPixmap

from app import thumbnails as module
from app.tasks import Ticket
from app.thumbnail_file import ThumbnailFile
from app.thumbnails import SIDES, Thumbnails, read_thumbnails, shared, stored_side
from sslcore.data.reading import Reading


def always(_row):
    return True


@pytest.fixture
def file(tmp_path):
    return ThumbnailFile(tmp_path / "kept")


@pytest.fixture
def photos(core, tmp_path):
    """Forty pictures of 300 x 150, each of one grey."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(40):
        Image.new("L", (300, 150), 6 * number).save(folder / f"{number:02d}.png")
    return core.scan(folder, Ticket(lambda: None), Reading(labels="none"))


@pytest.fixture
def store(workspace, tmp_path):
    made = Thumbnails(workspace.tasks, tmp_path / "kept")
    made.told = []
    made.arrived.connect(lambda _catalogue, rows: made.told.append(rows))
    return made


def settled(workspace, qtbot):
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=20_000)


def test_thumbnails_are_read_or_the_reason_is(tmp_path, file):
    Image.new("L", (60, 30), 200).save(tmp_path / "grey.png")
    (tmp_path / "broken.png").write_text("no picture")
    paths = [(4, tmp_path / "grey.png"), (7, tmp_path / "broken.png"), (9, tmp_path / "none.png")]
    found = {read.row: read for read in read_thumbnails(paths, 30, file, always)}
    assert (found[4].picture.width(), found[4].picture.height()) == (30, 15)
    assert found[4].picture.pixelColor(10, 10).getRgb()[:3] == (200, 200, 200)
    assert "not an image" in found[7].picture
    assert isinstance(found[9].picture, str)
    assert read_thumbnails(paths, 30, file, lambda row: row == 9)[0].row == 9


def test_colours_keep_their_places(tmp_path, file):
    Image.new("RGB", (90, 90), (250, 120, 10)).save(tmp_path / "one.png")
    for _ in range(2):  # made, then kept
        (read,) = read_thumbnails([(0, tmp_path / "one.png")], 64, file, always)
        near = zip(read.picture.pixelColor(20, 20).getRgb()[:3], (250, 120, 10), strict=True)
        assert all(abs(a - b) < 6 for a, b in near)
        assert bytes(read.picture.constBits())[3::4] == b"\xff" * (64 * 64), "as RGB32 demands"


def test_a_large_image_is_decoded_once_until_it_changes(tmp_path, file, monkeypatch):
    path = tmp_path / "large.png"
    Image.new("L", (300, 200), 40).save(path)
    (first,) = read_thumbnails([(0, path)], 64, file, always)
    assert not first.whole
    decoded = []
    decode = module.importlib.import_module("sslcore.data.decode")
    load = decode.load_image
    monkeypatch.setattr(
        decode,
        "load_image",
        lambda *given, **more: decoded.append(given[1]) or load(*given, **more),
    )
    (kept,) = read_thumbnails([(0, path)], 64, file, always)
    assert decoded == []
    assert kept.picture.size() == first.picture.size()
    read_thumbnails([(0, path)], 128, file, always)
    assert decoded == [128], "another size is another thumbnail"
    Image.new("L", (300, 200), 240).save(path)
    os.utime(path, ns=(1, 1))
    (changed,) = read_thumbnails([(0, path)], 64, file, always)
    assert decoded == [128, 64]
    assert changed.picture.pixelColor(5, 5).lightness() > 200


def test_a_damaged_thumbnail_is_made_again(tmp_path, file):
    path = tmp_path / "large.png"
    Image.new("L", (300, 200), 40).save(path)
    file.write({module.key_of(str(path), path.stat(), 64): b"no picture"})
    for _ in range(2):
        (read,) = read_thumbnails([(0, path)], 64, file, always)
        assert read.picture.width() == 64


def test_of_many_channels_the_first_three_are_seen(tmp_path, file, core):
    picture = np.zeros((90, 90, 4), np.uint8)
    picture[..., 0] = 200  # red, and wholly transparent
    Image.fromarray(picture).save(tmp_path / "clear.png")
    bands = np.zeros((5, 90, 90), np.uint8)
    bands[1] = 180
    np.save(tmp_path / "bands.npy", bands)
    for native, seen in ((False, (255, 255, 255)), (True, (200, 0, 0)), (False, (255, 255, 255))):
        (read,) = read_thumbnails([(0, tmp_path / "clear.png")], 64, file, always, native)
        near = zip(read.picture.pixelColor(20, 20).getRgb()[:3], seen, strict=True)
        assert all(abs(a - b) < 6 for a, b in near), "those laid on white are kept apart"
    (read,) = read_thumbnails([(0, tmp_path / "bands.npy")], 64, file, always)
    red, green, blue, _ = read.picture.pixelColor(20, 20).getRgb()
    assert (red, green, blue) == (0, 180, 0)


def test_small_images_are_not_kept_on_disk(tmp_path, file):
    path = tmp_path / "small.png"
    Image.new("L", (32, 32), 40).save(path)
    (read,) = read_thumbnails([(0, path)], 64, file, always)
    assert read.whole
    assert file.used() == 0


def test_one_of_a_few_sizes_serves(tmp_path):
    assert [stored_side(one) for one in (32, 64, 70, 71, 132, 142, 256, 300, 900)] == [
        *(64, 64, 64, 128, 128, 256, 256, 512, 512)
    ]


def test_frames_of_videos_are_kept_by_their_video(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"12")
    frames = [tmp_path / f"clip.mp4#{number:06d}" for number in (0, 1)]
    first, second = (module._key(frame, 64) for frame in frames)
    assert first is not None
    assert first != second
    (tmp_path / "clip.mp4").write_bytes(b"123")
    assert module._key(frames[0], 64) != first
    assert module._key(tmp_path / "gone.mp4#000001", 64) is None
    assert module._key(tmp_path / "gone.png", 64) is None


def test_what_was_asked_comes_once(store, photos, workspace, qtbot):
    store.ask("one", photos, [3, 1], 64)
    assert store.get(photos, 3) is None
    settled(workspace, qtbot)
    assert store.told == [[3, 1]]
    picture = store.get(photos, 3)
    assert isinstance(picture, QPixmap)
    assert (picture.width(), picture.height()) == (64, 32)
    assert store.all(photos, [3, 9, 1]) == [picture, None, store.get(photos, 1)]
    store.ask("one", photos, [3, 1], 60)
    assert not workspace.tasks.running(), "it is there"
    store.ask("one", photos, [3], 128)
    assert store.get(photos, 3) is picture, "the smaller one stands in"
    settled(workspace, qtbot)
    assert store.get(photos, 3).width() == 128
    store.ask("one", photos, [3], 64)
    assert not workspace.tasks.running(), "a larger one serves as well"


class Gate:
    """Reading that waits until it is let through, and what was read in which order."""

    def __init__(self, monkeypatch):
        self.go = threading.Event()
        self.rows = []
        read = module.read_thumbnails

        def late(paths, side, file, *more):
            self.go.wait(20)
            found = read(paths, side, file, *more)
            self.rows += [one.row for one in found]
            return found

        monkeypatch.setattr(module, "read_thumbnails", late)
        monkeypatch.setattr(module, "LANES", 1)
        monkeypatch.setattr(module, "CHUNK", 4)


def test_the_newest_request_goes_first_and_stale_ones_are_dropped(
    store, photos, workspace, qtbot, monkeypatch
):
    gate = Gate(monkeypatch)
    store.ask("grid", photos, range(12), 64)
    store.ask("grid", photos, range(20, 26), 64)  # scrolled on
    store.ask("card", photos, [33], 64)
    gate.go.set()
    settled(workspace, qtbot)
    assert gate.rows == [33, 20, 21, 22, 23, 24, 25], "0 to 3 had begun, and were let go"
    assert store.get(photos, 0) is None


def test_who_comes_back_in_time_gets_what_had_begun(store, photos, workspace, qtbot, monkeypatch):
    gate = Gate(monkeypatch)
    store.ask("grid", photos, range(4), 64)
    store.ask("grid", photos, range(2, 8), 128)
    gate.go.set()
    settled(workspace, qtbot)
    assert [store.get(photos, row) is not None for row in range(9)] == [False] * 2 + [True] * 6 + [
        False
    ]
    assert store.get(photos, 2).width() == 128, "the small one that was on its way is not all"


def test_who_left_needs_nothing(store, photos, workspace, qtbot, monkeypatch):
    gate = Gate(monkeypatch)
    store.ask("grid", photos, range(8), 64)
    store.forget("grid")
    store.forget("nobody")
    gate.go.set()
    settled(workspace, qtbot)
    assert gate.rows == []


def test_memory_is_bounded_and_what_was_not_wanted_lately_goes_first(
    store, photos, workspace, qtbot, monkeypatch
):
    monkeypatch.setattr(module, "KEPT", 12 * 4 * 64 * 32)  # twelve of them
    store.ask("grid", photos, range(6), 64)
    settled(workspace, qtbot)
    store.ask("grid", photos, range(6, 12), 64)
    settled(workspace, qtbot)
    store.ask("grid", photos, range(3), 64)  # looked at again
    store.ask("grid", photos, range(12, 16), 64)
    settled(workspace, qtbot)
    kept = [row for row in range(40) if store.get(photos, row) is not None]
    assert kept == [0, 1, 2, *range(7, 16)]
    store.ask("grid", photos, range(40), 64)
    settled(workspace, qtbot)
    kept = [row for row in range(40) if store.get(photos, row) is not None]
    assert kept[:6] == [0, 1, 2, 3, 4, 5], "not more is read than there is room for"


def test_a_job_that_fails_says_so_on_its_images(store, photos, workspace, qtbot, monkeypatch):
    def broken(*_):
        raise MemoryError("no memory for this")

    with monkeypatch.context() as patched:
        patched.setattr(module, "read_thumbnails", broken)
        store.ask("grid", photos, range(30), 64)
        settled(workspace, qtbot)
    assert "no memory" in store.get(photos, 29)
    store.ask("grid", photos, [30], 64)
    settled(workspace, qtbot)
    assert isinstance(store.get(photos, 30), QPixmap), "the next ones are read"


def test_a_window_has_one_store(workspace, settings):
    assert shared(workspace.tasks) is shared(workspace.tasks)
    assert shared(workspace.tasks)._file.path.is_relative_to(settings.cache_folder)
    assert tuple(sorted(SIDES)) == SIDES
