"""The parts of a map, in this process; whole maps are made in test_projection_server."""

import importlib
import warnings

import numpy as np
import pytest
import torch
from sklearn.metrics import pairwise_distances

from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.projection import pca
from sslcore.evaluation.projection_settings import UmapSettings

RNG = np.random.default_rng(0)
CLOUDS = (RNG.normal(scale=4, size=(3, 8))[np.arange(60) % 3] + RNG.normal(size=(60, 8))).astype(
    np.float32
)


@pytest.fixture(scope="module")
def module():
    """Imported late: it takes umap with it, which takes seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # umap's, about a library nobody asked for
        return importlib.import_module("sslcore.evaluation.umap_layout")


def test_the_progress_bar_becomes_words(module):
    told = []
    stream = module.Epochs(lambda part, words: told.append((round(part, 3), words)))
    for text in ("\r", "0/200", "\r 100/200", "200/200", "\n"):
        stream.write(text)
        stream.flush()
    assert told == [
        (0.25, "placing points, epoch 0 of 200"),
        (0.575, "placing points, epoch 100 of 200"),
        (0.9, "placing points, epoch 200 of 200"),
    ]


def test_too_few_different_images_get_pca_and_the_reason(module):
    told = []
    few = np.repeat(CLOUDS[:2], 10, 0)
    made = module.lay_out(few, UmapSettings(), lambda part, words: told.append(words))
    assert (made.kind, made.note) == (
        "pca",
        "PCA instead of UMAP: 20 images have only 2 different feature vectors",
    )
    np.testing.assert_array_equal(made.layout, pca(few))
    assert told == ["drawing PCA"]
    assert made.faith.trustworthiness > 0.9


def test_all_that_is_kept_compiled_is_there(module):
    """A new version of umap that names its functions otherwise is noticed here."""
    for owner, name in module._COMPILED:
        assert callable(getattr(getattr(owner, name), "enable_caching", None)), name


def test_new_points_are_placed_as_umap_itself_would(module, monkeypatch):
    """With its very distances: the last bit of where a point sets out seeds its random numbers."""
    module.keep_compiled()
    named_distances = importlib.import_module("umap.distances").named_distances

    def theirs_exactly(bank, asked, size, metric):
        ours = nearest(bank, asked, size, metric=metric)
        distances = pairwise_distances(asked.numpy(), bank.numpy(), metric=named_distances[metric])
        rows = np.argsort(distances, 1)[:, :size]
        found = np.take_along_axis(distances, rows, 1)
        np.testing.assert_array_equal(ours[0], rows)
        np.testing.assert_allclose(ours[1], found, atol=1e-5)
        return torch.from_numpy(rows), torch.from_numpy(found)

    monkeypatch.setattr(module, "nearest", theirs_exactly)
    queries = (CLOUDS[:7] + RNG.normal(scale=0.5, size=(7, 8))).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that one seed means one thread
        theirs = module.umap_.UMAP(
            n_neighbors=5, min_dist=0.2, random_state=0, transform_seed=3
        ).fit(CLOUDS)
        expected = theirs.transform(queries)
    settings = UmapSettings(5, 0.2, "euclidean", seed=3)
    told = []
    for scale in (1.0, 4.0):
        found = module.place(
            CLOUDS, theirs.embedding_ * scale, queries, settings, scale,
            lambda part, words: told.append(words),
        )  # fmt: skip
        np.testing.assert_allclose(found, expected * scale, atol=1e-4 * scale)
    assert told[0] == "finding neighbours"
    assert "placing points, epoch 100 of 100" in told
