import json
import os
import time

import numpy as np
import pytest

from sslcore.data import cache
from sslcore.data.cache import Layout

LAYOUT = Layout("abc", (3, 1, 2, 2), 8)
IMAGES = [np.full((1, 2, 2), value, np.uint8) for value in (1, 2, 3)]


def test_what_is_built_is_loaded(tmp_path):
    assert cache.load(tmp_path, LAYOUT) is None
    built = cache.build(tmp_path, LAYOUT, IMAGES, {1: "damaged"})
    assert built.pixels[:, 0, 0, 0].tolist() == [1, 2, 3]
    assert built.missing == {1: "damaged"}
    again = cache.load(tmp_path, LAYOUT)
    assert again is not None
    assert np.array_equal(again.pixels, built.pixels)
    assert not again.pixels.flags.writeable
    assert (tmp_path / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f068")


def test_sixteen_bits(tmp_path):
    layout = Layout("abc", (1, 1, 1, 2), 16)
    built = cache.build(tmp_path, layout, [np.array([[[7, 65535]]], np.uint16)], {})
    assert built.pixels.ravel().tolist() == [7, 65535]


@pytest.mark.parametrize(
    "other",
    [
        Layout("abd", (3, 1, 2, 2), 8),
        Layout("abc", (3, 1, 2, 3), 8),
        Layout("abc", (3, 1, 2, 2), 16),
    ],
)
def test_anything_else_is_another_cache(tmp_path, other):
    cache.build(tmp_path, LAYOUT, IMAGES, {})
    assert other.key != LAYOUT.key
    assert cache.load(tmp_path, other) is None


@pytest.mark.parametrize("damage", ["short", "long", "no pixels", "no header", "torn header"])
def test_damaged_caches_are_not_used(tmp_path, damage):
    cache.build(tmp_path, LAYOUT, IMAGES, {})
    pixels, header = (tmp_path / f"{LAYOUT.key}.{kind}" for kind in ("pixels", "json"))
    if damage == "short":
        pixels.write_bytes(pixels.read_bytes()[:-1])
    elif damage == "long":
        pixels.write_bytes(pixels.read_bytes() + b"x")
    elif damage == "no pixels":
        pixels.unlink()
    elif damage == "no header":
        header.unlink()
    else:
        header.write_text(header.read_text()[:-5])
    assert cache.load(tmp_path, LAYOUT) is None
    cache.build(tmp_path, LAYOUT, IMAGES, {})
    assert cache.load(tmp_path, LAYOUT) is not None


def test_a_header_that_speaks_of_something_else_is_not_believed(tmp_path):
    cache.build(tmp_path, LAYOUT, IMAGES, {})
    header = tmp_path / f"{LAYOUT.key}.json"
    header.write_text(json.dumps({**json.loads(header.read_text()), "fingerprint": "other"}))
    assert cache.load(tmp_path, LAYOUT) is None


def test_building_that_breaks_off_leaves_nothing(tmp_path):
    def images():
        yield IMAGES[0]
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        cache.build(tmp_path, LAYOUT, images(), {})
    assert [path.name for path in tmp_path.iterdir()] == ["CACHEDIR.TAG"]


def test_too_few_images_are_noticed(tmp_path):
    with pytest.raises(OSError, match="cannot be read back"):
        cache.build(tmp_path, LAYOUT, IMAGES[:2], {})


def test_leftovers_of_killed_programs_go_after_a_day(tmp_path):
    old, young = tmp_path / "a.partial", tmp_path / "b.partial"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 100_000,) * 2)
    cache.build(tmp_path, LAYOUT, IMAGES, {})
    assert not old.exists()
    assert young.exists()


def test_usage_and_clearing(tmp_path):
    assert cache.usage(tmp_path) == 0
    cache.build(tmp_path, LAYOUT, IMAGES, {})
    (tmp_path / "somebody's.txt").write_text("not ours")
    used = cache.usage(tmp_path)
    assert used > LAYOUT.size
    assert cache.clear(tmp_path) == used
    assert cache.usage(tmp_path) == 0
    assert (tmp_path / "somebody's.txt").exists()


def test_the_environment_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_WORKBENCH_CACHE", str(tmp_path))
    assert cache.default_folder() == tmp_path / "pixels"
    monkeypatch.delenv("SSL_WORKBENCH_CACHE")
    assert "ssl-workbench" in str(cache.default_folder())
