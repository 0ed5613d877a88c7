import os

import numpy as np
import pytest

from sslcore.evaluation import layout_cache as module
from sslcore.evaluation.layout_cache import FROM_PCA, LayoutCache, content_key, start_key
from sslcore.evaluation.projected import Faithfulness, Projection
from sslcore.evaluation.projection_settings import TsneSettings, UmapSettings

RNG = np.random.default_rng(0)
H = RNG.normal(size=(20, 5)).astype(np.float32)
POINTS = RNG.normal(size=(20, 2)).astype(np.float32)
MADE = Projection(POINTS, "umap", "a note", Faithfulness(0.9, 0.8, 9, 20), 2.5)
SHAPE = (20, 2)
KEY = content_key(H, UmapSettings())


@pytest.fixture
def cache(tmp_path):
    return LayoutCache(tmp_path / "layouts")


def test_a_layout_comes_back_whole_also_to_another_window(cache):
    assert cache.get(KEY, FROM_PCA, SHAPE) is None
    cache.put(KEY, FROM_PCA, MADE)
    for one in (cache, LayoutCache(cache.folder)):
        found = one.get(KEY, FROM_PCA, SHAPE)
        np.testing.assert_array_equal(found.layout, POINTS)
        assert (found.kind, found.note, found.faith, found.scale) == (
            MADE.kind, MADE.note, MADE.faith, MADE.scale,
        )  # fmt: skip
    assert not list(cache.folder.glob("*.partial"))


def test_the_key_is_all_that_the_layout_depends_on():
    changed = H.copy()
    changed[3, 2] += 1e-6
    keys = {
        KEY,
        content_key(changed, UmapSettings()),
        content_key(H.astype(np.float64), UmapSettings()),
        content_key(H.reshape(10, 10), UmapSettings()),
        content_key(H, UmapSettings(seed=1)),
        content_key(H, UmapSettings(dimensions=3)),
        content_key(H, UmapSettings(min_dist=0.2)),
        content_key(H, TsneSettings()),
    }
    assert len(keys) == 8
    assert content_key(H.copy(), UmapSettings(start="pca")) == KEY, "the start has its own"
    starts = {start_key(None), start_key(POINTS), start_key(POINTS + 1)}
    assert len(starts) == 3


def test_any_start_takes_the_one_asked_for_last(cache):
    other = Projection(POINTS + 1, "umap", "", MADE.faith)
    cache.put(KEY, FROM_PCA, MADE)
    cache.put(KEY, start_key(POINTS), other)
    for number, path in enumerate(sorted(cache.folder.glob("*.npz"))):
        os.utime(path, (1000 + number, 1000 + number))
    cache.get(KEY, FROM_PCA, SHAPE)
    assert cache.get(KEY, None, SHAPE).note == "a note"
    assert cache.get(content_key(H, TsneSettings()), None, SHAPE) is None


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other", "words"])
def test_a_damaged_file_is_taken_for_missing_and_written_anew(cache, damage):
    cache.put(KEY, FROM_PCA, MADE)
    (path,) = cache.folder.glob("*.npz")
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[:200])
    elif damage == "flipped":
        at = content.index(POINTS.tobytes()[:16])
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "other":
        np.savez(path, something=np.ones(3))
    else:
        np.savez(path, points=POINTS, words=np.frombuffer(b'{"kind": "umap"}', np.uint8))
    assert cache.get(KEY, FROM_PCA, SHAPE) is None
    assert not path.exists()
    cache.put(KEY, FROM_PCA, MADE)
    assert cache.get(KEY, FROM_PCA, SHAPE) is not None


def test_points_of_another_shape_are_not_taken(cache):
    cache.put(KEY, FROM_PCA, MADE)
    assert cache.get(KEY, FROM_PCA, (20, 3)) is None


def test_those_not_asked_for_longest_go_when_room_is_needed(tmp_path):
    size = 0
    cache = LayoutCache(tmp_path)
    for number in range(4):
        cache.put(f"key{number}", FROM_PCA, MADE)
        path = tmp_path / f"key{number}-{FROM_PCA}.npz"
        size = path.stat().st_size
        os.utime(path, (1000 + number, 1000 + number))
    assert cache.get("key0", FROM_PCA, SHAPE) is not None, "asked for, so young again"
    (tmp_path / "left.partial").write_bytes(b"of a killed program")
    os.utime(tmp_path / "left.partial", (0, 0))
    LayoutCache(tmp_path, most=3 * size + 10).put("key4", FROM_PCA, MADE)
    kept = {path.name.partition("-")[0] for path in tmp_path.glob("*.npz")}
    assert kept == {"key0", "key3", "key4"}
    assert not list(tmp_path.glob("*.partial"))


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = LayoutCache(tmp_path / "file" / "layouts")
    cache.put(KEY, FROM_PCA, MADE)
    assert cache.get(KEY, FROM_PCA, SHAPE) is None
    assert cache.get(KEY, None, SHAPE) is None


def test_it_lies_in_the_workbenchs_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_WORKBENCH_CACHE", str(tmp_path))
    assert LayoutCache().folder == tmp_path / "layouts"
    cache = LayoutCache()
    cache.put(KEY, FROM_PCA, MADE)
    assert (tmp_path / "layouts" / module.CACHE_TAG).read_text().startswith("Signature: 8a477f59")
