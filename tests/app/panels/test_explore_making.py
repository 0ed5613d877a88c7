import numpy as np
import pytest

from app.panels import explore_making as making
from app.panels.explore_space import FLAT, Layout, Space
from sslcore.evaluation.layout_cache import LayoutCache
from sslcore.evaluation.projected import Faithfulness, Projection
from sslcore.evaluation.projection import align, pca
from sslcore.evaluation.projection_settings import PcaSettings, TsneSettings, UmapSettings

RNG = np.random.default_rng(0)
SPACE = Space("run", 10, 1.0, np.arange(20), RNG.normal(size=(20, 5)).astype(np.float32))
LAST = (np.arange(20), RNG.normal(size=(20, 2)).astype(np.float32))
MADE = Projection(
    RNG.normal(size=(20, 2)).astype(np.float32), "umap", "", Faithfulness(0.9, 0.8, 9, 20), 2.0
)


def test_pca_is_laid_onto_the_map_before_of_the_same_images():
    plain = making.pca(SPACE, FLAT, None).points
    np.testing.assert_allclose(plain, pca(SPACE.features), atol=1e-5)
    laid = making.pca(SPACE, FLAT, LAST).points
    np.testing.assert_allclose(laid, align(plain, LAST[1]), atol=1e-5)
    other = (np.arange(20) + 1, LAST[1])
    assert np.array_equal(making.pca(SPACE, FLAT, other).points, plain)
    assert making.pca(SPACE, PcaSettings(3), None).points.shape == (20, 3)


def test_what_was_kept_is_found_by_features_settings_and_start(tmp_path):
    cache = LayoutCache(tmp_path)
    way = UmapSettings(start="pca")
    making.keep(Layout.of(SPACE, way, MADE), way, None, cache)
    found = making.recalled(SPACE, way, LAST, cache)
    assert np.array_equal(found.points, MADE.layout)
    assert (found.way, found.scale) == (way, 2.0)
    assert making.recalled(SPACE, UmapSettings(seed=1), LAST, cache) is None
    assert making.recalled(SPACE, TsneSettings(), LAST, cache) is None
    moved = Space("run", 10, 1.0, SPACE.index, SPACE.features + 1)
    assert making.recalled(moved, way, LAST, cache) is None


def test_a_map_that_set_out_elsewhere_is_laid_onto_the_last(tmp_path):
    cache, way = LayoutCache(tmp_path), UmapSettings()
    making.keep(Layout.of(SPACE, way, MADE), way, None, cache)
    found = making.recalled(SPACE, way, LAST, cache)
    np.testing.assert_allclose(found.points, align(MADE.layout, LAST[1]), atol=1e-5)
    grown = np.linalg.norm(found.points - found.points.mean(0))
    before = np.linalg.norm(MADE.layout - MADE.layout.mean(0))
    assert found.scale == pytest.approx(2.0 * grown / before, rel=1e-4)
    alone = making.recalled(SPACE, way, None, cache)
    assert np.array_equal(alone.points, MADE.layout)
    other = Projection(MADE.layout + 1, "umap", "from there", MADE.faith, 1.0)
    making.keep(Layout.of(SPACE, way, other), way, LAST[1], cache)
    exact = making.recalled(SPACE, way, LAST, cache)
    assert np.array_equal(exact.points, other.layout), "the very one goes first, unmoved"
    strict = making.recalled(SPACE, UmapSettings(start="pca"), LAST, cache)
    assert np.array_equal(strict.points, MADE.layout)


def test_what_was_not_judged_is_not_kept(tmp_path):
    making.keep(Layout(SPACE, FLAT, MADE.layout), UmapSettings(), None, LayoutCache(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_new_images_are_placed_by_what_the_map_is():
    exact = Layout(SPACE, FLAT, pca(SPACE.features))
    np.testing.assert_allclose(
        making.placed(exact, SPACE.features[:2]), exact.points[:2], atol=1e-4
    )
    instead = Layout(SPACE, UmapSettings(), pca(SPACE.features), kind="pca")
    queries = (SPACE.features[:1] + SPACE.features[1:2]) / 2
    np.testing.assert_allclose(
        making.placed(instead, queries)[0], exact.points[:2].mean(0), atol=1e-4
    )
    near = Layout.of(SPACE, UmapSettings(), MADE)
    np.testing.assert_allclose(making.placed(near, SPACE.features), near.points, atol=1e-4)
