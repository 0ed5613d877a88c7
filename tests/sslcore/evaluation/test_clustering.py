import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from sslcore.data.pool import Cancelled
from sslcore.evaluation import clustering
from sslcore.evaluation.clustering import NOISE, agglomerative, density, k_means, scaled

RNG = np.random.default_rng(0)


def blobs(*sizes, apart=6.0, dimensions=5):
    """Round heaps in a row, and which heap each point is of."""
    truth = np.repeat(np.arange(len(sizes)), sizes)
    points = np.random.default_rng(1).normal(size=(len(truth), dimensions))
    points[:, 0] += apart * truth
    return points.astype(np.float32), truth


def same_partition(a, b):
    return (
        len({*zip(a.tolist(), b.tolist(), strict=True)}) == len({*a.tolist()}) == len({*b.tolist()})
    )


@pytest.mark.parametrize(
    "cluster",
    [lambda x: k_means(x, 3), lambda x: density(x, 10), lambda x: agglomerative(x, 3)],
    ids=["k_means", "density", "agglomerative"],
)
def test_heaps_are_found_and_numbered_by_size(cluster):
    points, truth = blobs(30, 80, 50, apart=20.0)
    found = cluster(points)
    assert found.sizes.tolist() == [80, 50, 30]
    inside = found.numbers != NOISE
    assert inside.mean() > 0.9
    expected = np.array([2, 0, 1])[truth]
    np.testing.assert_array_equal(found.numbers[inside], expected[inside])


def test_k_means_is_as_good_as_that_of_scikit_learn():
    points, _ = blobs(40, 40, 40, 40, apart=1.5)
    found = k_means(points, 4, starts=10, seed=3)

    def inertia(numbers):
        total = 0.0
        for number in range(4):
            own = points[numbers == number].astype(np.float64)
            total += sum(((one - own.mean(0)) ** 2).sum() for one in own)
        return total

    theirs = KMeans(4, n_init=10, random_state=0).fit(points)
    assert inertia(found.numbers) == pytest.approx(inertia(theirs.labels_), rel=0.01)
    assert inertia(found.numbers) <= inertia(k_means(points, 4, starts=1, seed=3).numbers) + 1e-6


def test_k_means_repeats_itself_with_its_seed():
    points = RNG.normal(size=(60, 4)).astype(np.float32)
    np.testing.assert_array_equal(k_means(points, 5).numbers, k_means(points, 5).numbers)


def test_k_means_of_equal_points_finds_what_there_is():
    points = np.repeat(np.eye(2, dtype=np.float32), 5, 0)
    assert k_means(points, 4).sizes.tolist() == [5, 5]
    assert k_means(points, 4).numbers.tolist() == [0] * 5 + [1] * 5  # equals by first image


def test_k_means_tells_progress_and_stops():
    points = RNG.normal(size=(30, 3)).astype(np.float32)
    told = []
    k_means(points, 2, starts=3, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(Cancelled):
        k_means(points, 2, cancelled=lambda: True)


def test_density_leaves_out_what_lies_between():
    points, _ = blobs(60, 60, apart=12.0, dimensions=2)
    lonely = np.array([[6.0, 40.0], [6.0, -40.0], [80.0, 0.0]], np.float32)
    found = density(np.concatenate([points, lonely]), 15)
    assert len(found) == 2
    assert (found.numbers[-3:] == NOISE).all()
    assert found.noise == int((found.numbers == NOISE).sum()) >= 3


def test_density_may_find_nothing():
    found = density(RNG.uniform(size=(40, 2)).astype(np.float32), 20)
    assert len(found) == 0
    assert found.noise == 40
    assert found.silhouette is None


def test_silhouette_is_that_of_the_images_in_clusters(monkeypatch):
    points, _ = blobs(40, 40, apart=5.0)
    found = k_means(points, 2)
    assert found.silhouette == pytest.approx(silhouette_score(points, found.numbers), abs=1e-5)
    monkeypatch.setattr(clustering, "_SILHOUETTE", 50)
    assert k_means(points, 2).silhouette == pytest.approx(found.silhouette, abs=0.1)
    assert k_means(points, 1).silhouette is None
    assert k_means(points[:3], 3).silhouette is None


def test_unit_length_makes_distances_follow_cosines():
    x = RNG.normal(size=(20, 6)) * RNG.uniform(0.1, 9, size=(20, 1))
    points = scaled(x)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, rtol=1e-5)
    for i, j in [(0, 1), (3, 17)]:
        cosine = x[i] @ x[j] / np.linalg.norm(x[i]) / np.linalg.norm(x[j])
        assert np.sum((points[i] - points[j]) ** 2) == pytest.approx(2 - 2 * cosine, abs=1e-5)


def test_standardised_dimensions_and_constant_ones():
    x = RNG.normal(size=(50, 3)) * [1, 100, 0] + [5, -3, 7]
    points = scaled(torch.from_numpy(x), "standardised")
    np.testing.assert_allclose(points.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(points.std(0), [1, 1, 0], atol=1e-4)


def test_none_leaves_features_alone():
    x = RNG.normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_array_equal(scaled(x, "none"), x)


def test_components_keep_the_largest_variances():
    x = RNG.normal(size=(80, 6)) * [9, 5, 1, 0.1, 0.1, 0.1]
    points = scaled(x, "none", components=2)
    assert points.shape == (80, 2)
    largest = np.sort(np.linalg.eigvalsh(np.cov(x.T)))[::-1][:2]
    np.testing.assert_allclose(points.var(0, ddof=1), largest, rtol=1e-4)
    assert scaled(x, components=99).shape == (80, 6)


def test_bad_requests_say_what_can_be_done(monkeypatch):
    points, _ = blobs(5, 5)
    with pytest.raises(ValueError, match="between 1 and the number of images, 10; got 11"):
        k_means(points, 11)
    with pytest.raises(ValueError, match="got 0"):
        agglomerative(points, 0)
    with pytest.raises(ValueError, match="starts must be at least 1"):
        k_means(points, 2, starts=0)
    with pytest.raises(ValueError, match="2 to 10 images"):
        density(points, 1)
    with pytest.raises(ValueError, match="components must be at least 0"):
        scaled(points, components=-1)
    with pytest.raises(ValueError, match="NaN"):
        scaled(np.full((3, 2), np.nan))
    monkeypatch.setattr(clustering, "MOST_MERGED", 9)
    with pytest.raises(ValueError, match="take fewer images, or k-means"):
        agglomerative(points, 2)


def test_one_image_is_one_cluster():
    one = np.ones((1, 3), np.float32)
    assert k_means(one, 1).numbers.tolist() == agglomerative(one, 1).numbers.tolist() == [0]
