import importlib
import warnings

import numpy as np
import pytest

from sslcore.evaluation.projection import pca
from sslcore.evaluation.projection_settings import TsneSettings

RNG = np.random.default_rng(0)
LABELS = np.arange(60) % 3
CLOUDS = (RNG.normal(scale=4, size=(3, 8))[LABELS] + RNG.normal(size=(60, 8))).astype(np.float32)
QUICK = TsneSettings(perplexity=8, metric="euclidean", iterations=300)


@pytest.fixture(scope="module")
def module():
    """Imported late: it takes scikit-learn with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)
        return importlib.import_module("sslcore.evaluation.tsne_layout")


def quiet(_part, _stage):
    pass


@pytest.mark.parametrize("dimensions", [2, 3])
def test_clouds_stay_apart_whatever_the_metric(module, dimensions):
    for metric in ("cosine", "euclidean"):
        settings = TsneSettings(8, metric, dimensions=dimensions, iterations=500)
        made = module.lay_out(CLOUDS, settings, quiet)
        assert (made.layout.shape, made.layout.dtype) == ((60, dimensions), np.float32)
        assert (made.kind, made.note) == ("tsne", "")
        distances = np.linalg.norm(made.layout[:, None] - made.layout[None], axis=-1)
        np.fill_diagonal(distances, np.inf)
        assert (LABELS[distances.argmin(1)] == LABELS).all()


def test_it_is_scikit_learns_on_our_neighbours(module):
    start = pca(CLOUDS)
    start = module.jittered(start, np.random.RandomState(0))
    start = (start - start.mean(0)) / (start - start.mean(0))[:, 0].std() * 1e-4
    for metric in ("euclidean", "cosine"):
        rows = CLOUDS / np.linalg.norm(CLOUDS, axis=1, keepdims=True)
        rows = rows if metric == "cosine" else CLOUDS
        # Before rounding has grown into another picture.
        expected = module.TSNE(
            perplexity=8, learning_rate=2, max_iter=250, init=start.astype(np.float32)
        ).fit_transform(rows)
        found = module.lay_out(CLOUDS, TsneSettings(8, metric, 2, iterations=250), quiet).layout
        scale = np.abs(expected).max()
        np.testing.assert_allclose(found, expected - expected.mean(0), atol=0.05 * scale)


def test_the_same_seed_gives_the_same_map(module):
    first = module.lay_out(CLOUDS, QUICK, quiet).layout
    np.testing.assert_array_equal(module.lay_out(CLOUDS, QUICK, quiet).layout, first)
    other = TsneSettings(8, "euclidean", seed=1, iterations=300)
    assert not np.array_equal(module.lay_out(CLOUDS, other, quiet).layout, first)


def test_it_goes_on_from_the_last_map_and_lies_on_it(module):
    last = module.lay_out(CLOUDS, QUICK, quiet).layout + 30
    np.testing.assert_allclose(last.mean(0), 30, atol=1e-3)
    turned = module.lay_out(CLOUDS + 0.01, QUICK, quiet, last[:, ::-1].copy()).layout
    shift = np.linalg.norm(turned - last[:, ::-1], axis=1).mean()
    assert shift < 0.5 * np.linalg.norm(last - last.mean(0), axis=1).mean()


def test_progress_is_told_step_by_step(module):
    told = []
    module.lay_out(CLOUDS, QUICK, lambda part, words: told.append((part, words)))
    parts = [part for part, _ in told]
    assert parts == sorted(parts)
    assert (pytest.approx(0.9), "placing points, step 300 of 300") in told
    assert told[-1][1] == "measuring how faithful the map is"


def test_a_perplexity_too_large_is_cut_and_said(module):
    made = module.lay_out(CLOUDS[:10], TsneSettings(iterations=250), quiet)
    assert made.note == "perplexity 30 was asked for, 10 images allow 3.0"
    assert np.isfinite(made.layout).all()


def test_equal_images_get_a_map_or_pca_and_the_reason(module):
    made = module.lay_out(CLOUDS[:10].repeat(6, 0), QUICK, quiet)
    assert made.kind == "tsne"
    assert np.isfinite(made.layout).all()
    few = np.repeat(CLOUDS[:2], 10, 0)
    made = module.lay_out(few, QUICK, quiet)
    assert (made.kind, made.note) == (
        "pca",
        "PCA instead of t-SNE: 20 images have only 2 different feature vectors",
    )
    np.testing.assert_array_equal(made.layout, pca(few))
