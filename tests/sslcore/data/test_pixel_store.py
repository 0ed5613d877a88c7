import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from sslcore.data import cache, pixel_store
from sslcore.data.catalogue import Cancelled, scan
from sslcore.data.decode import decode
from sslcore.data.image_file import UnreadableError
from sslcore.data.pixel_store import PixelStore, stored_side
from tests.sslcore.data.pictures import noise, save

PLENTY = 10**9


@pytest.fixture
def folder(tmp_path):
    for i in range(12):
        save(tmp_path / "images" / f"{i:02}.png", noise(40, 50, seed=i))
    return tmp_path / "images"


def open_store(folder, tmp_path, budget=PLENTY, **options):
    return PixelStore.open(
        scan(folder), 16, cache_folder=tmp_path / "cache", budget_bytes=budget, **options
    )


def counting(monkeypatch):
    calls = []
    real = pixel_store.decode
    monkeypatch.setattr(
        pixel_store,
        "decode",
        lambda *args, **more: (calls.append(args[0].name), real(*args, **more))[1],
    )
    return calls


@pytest.mark.parametrize(
    ("sizes", "image_size", "side"),
    [
        ([(500, 400)], 32, 40),
        ([(32, 32)], 32, 32),
        ([(36, 99)], 32, 36),
        ([(1, 1)], 32, 32),
        ([(8, 8), (300, 300), (300, 300)], 224, 280),
    ],
)
def test_the_stored_side(sizes, image_size, side):
    assert stored_side(np.array(sizes), image_size) == side


@pytest.mark.parametrize("budget", [PLENTY, 0], ids=["cached", "streamed"])
def test_pixels_are_those_of_decoding(folder, tmp_path, budget):
    with open_store(folder, tmp_path, budget) as store:
        assert store.cached == (budget > 0)
        assert (store.side, store.channels, len(store)) == (20, 3, 12)
        out = store.read([7, 0, 7])
        assert out.shape == (3, 3, 20, 20)
        assert out.dtype == torch.float32
        for image, row in zip(out, [7, 0, 7], strict=True):
            expected = decode(folder / f"{row:02}.png", 20).astype(np.float64) / 255
            assert np.allclose(image.numpy(), expected, atol=1e-7)
        assert torch.equal(store.read(torch.tensor([7, 0, 7])), out)
        assert torch.equal(store.read(np.array([7, 0, 7])), out)
        assert store.read([]).shape == (0, 3, 20, 20)
        assert store.missing == {}
        assert store.notices == ()


@pytest.mark.parametrize("budget", [PLENTY, 0], ids=["cached", "streamed"])
def test_sixteen_bit_grey(tmp_path, budget):
    pixels = np.random.default_rng(0).integers(0, 65536, (16, 16), np.uint16)
    save(tmp_path / "images" / "a.png", pixels)
    with open_store(tmp_path / "images", tmp_path, budget) as store:
        out = store.read([0])
        assert np.allclose(out[0, 0].numpy() * 65535, pixels, atol=0.01)


def test_the_second_opening_decodes_nothing(folder, tmp_path, monkeypatch):
    first = open_store(folder, tmp_path)
    calls = counting(monkeypatch)
    with open_store(folder, tmp_path) as second:
        assert torch.equal(first.read(range(12)), second.read(range(12)))
    assert calls == []
    save(folder / "new.png")
    with open_store(folder, tmp_path) as third:
        assert len(third) == 13
    assert len(calls) == 13
    first.close()


def test_a_damaged_cache_is_built_anew(folder, tmp_path):
    open_store(folder, tmp_path).close()
    (file,) = (tmp_path / "cache").glob("*.pixels")
    file.write_bytes(file.read_bytes()[:100])
    with open_store(folder, tmp_path) as store:
        assert store.read([11]).shape == (1, 3, 20, 20)
    assert file.stat().st_size == 12 * 3 * 20 * 20


def test_what_was_cached_outlives_the_files(folder, tmp_path):
    with open_store(folder, tmp_path) as store:
        before = store.read(range(12))
        shutil.rmtree(folder)
        assert torch.equal(store.read(range(12)), before)
        assert store.missing == {}


def test_streamed_files_that_vanish_read_grey_and_are_told(folder, tmp_path):
    with open_store(folder, tmp_path, budget=0) as store:
        (folder / "03.png").unlink()
        (folder / "05.png").write_bytes((folder / "05.png").read_bytes()[:300])
        out = store.read([2, 3, 5])
        assert out[0].std() > 0.1
        assert torch.all((out[1:] - 0.5).abs() < 0.01)
        missing = store.missing
        assert set(missing) == {3, 5}
        assert missing[3].startswith("03.png: it is not there any more")
        assert "truncated" in missing[5]


def test_files_damaged_inside_are_found_while_building(folder, tmp_path):
    data = bytearray((folder / "04.png").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (folder / "04.png").write_bytes(bytes(data))
    with open_store(folder, tmp_path) as store:
        assert set(store.missing) == {4}
        assert torch.all((store.read([4]) - 0.5).abs() < 0.01)
    with open_store(folder, tmp_path) as again:
        assert set(again.missing) == {4}


def test_what_could_not_be_read_for_a_while_comes_back(folder, tmp_path, monkeypatch):
    real = pixel_store.decode

    def away(path, *args, **more):
        if path.name == "06.png":
            raise UnreadableError("the network is down")
        return real(path, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(pixel_store, "decode", away)
        with open_store(folder, tmp_path) as store:
            assert store.missing == {6: "06.png: the network is down"}
    with open_store(folder, tmp_path) as store:
        assert store.missing == {}
        assert np.allclose(store.read([5, 6])[1] * 255, decode(folder / "06.png", 20), atol=1e-4)


def test_streaming_remembers_within_its_limit(folder, tmp_path, monkeypatch):
    calls = counting(monkeypatch)
    one = 3 * 20 * 20
    with open_store(folder, tmp_path, budget=2 * one) as store:
        for rows in ([0], [1], [0], [1]):
            store.read(rows)
        assert len(calls) == 2
        store.read([2])  # forgets 0, the one not read for longest
        store.read([1])
        assert len(calls) == 3
        store.read([0])
        assert len(calls) == 4


def test_calling_off_leaves_nothing(folder, tmp_path):
    asked = []
    with pytest.raises(Cancelled):
        open_store(folder, tmp_path, cancelled=lambda: (asked.append(1), len(asked) > 5)[1])
    assert not list((tmp_path / "cache").glob("*.p*"))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("images")]


def test_progress(folder, tmp_path):
    seen = []
    open_store(folder, tmp_path, progress=lambda *counts: seen.append(counts)).close()
    assert seen[-1] == (12, 12)


def test_a_folder_that_cannot_be_written_gives_way_to_a_temporary_one(
    folder, tmp_path, monkeypatch
):
    (tmp_path / "cache").write_text("a file where the folder should be")
    monkeypatch.setattr(pixel_store.tempfile, "tempdir", str(tmp_path))
    store = open_store(folder, tmp_path)
    assert store.cached
    (notice,) = store.notices
    assert str(tmp_path / "cache") in notice
    assert "temporary" in notice
    (temporary,) = tmp_path.glob("ssl-workbench-*")
    assert store.read([0]).shape == (1, 3, 20, 20)
    store.close()
    assert not temporary.exists()


def test_a_full_disk_streams(folder, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(pixel_store.shutil, "disk_usage", lambda _: usage)
    with open_store(folder, tmp_path) as store:
        assert not store.cached
        assert len(store.notices) == 2
        assert store.read([3]).std() > 0.1


def test_a_disk_that_fills_while_writing_leaves_nothing(folder, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.os, "fsync", full)
    with open_store(folder, tmp_path) as store:
        assert not store.cached
        assert "No space left" in store.notices[0]
    assert not list((tmp_path / "cache").glob("*.p*"))


def test_wrong_use_is_told(folder, tmp_path):
    store = open_store(folder, tmp_path)
    for rows in ([12], [-1]):
        with pytest.raises(IndexError, match="there are 12 images"):
            store.read(rows)
    store.close()
    store.close()
    with pytest.raises(ValueError, match="closed"):
        store.read([0])


def test_closing_a_streaming_store_leaves_no_thread(folder, tmp_path):
    store = open_store(folder, tmp_path, budget=0)
    store.read(range(12))
    store.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pixels")]


def test_one_pixel_image(tmp_path):
    save(tmp_path / "images" / "dot.png", np.full((1, 1, 3), 51, np.uint8))
    with open_store(tmp_path / "images", tmp_path) as store:
        assert store.side == 16
        assert torch.allclose(store.read([0]), torch.full((1, 3, 16, 16), 0.2))


def test_reading_from_many_threads_at_once(folder, tmp_path):
    with open_store(folder, tmp_path, budget=5 * 3 * 20 * 20) as store:
        expected = store.read(range(12))
        wrong = []

        def work(seed: int) -> None:
            rows = np.random.default_rng(seed).integers(0, 12, 50)
            if not torch.equal(store.read(rows), expected[rows]):
                wrong.append(seed)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
    assert Path(folder).exists()
