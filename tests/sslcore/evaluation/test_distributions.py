import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sslcore.evaluation.distributions import auroc, distribution, overlap, shared_edges

RNG = np.random.default_rng(0)
EDGES = np.linspace(0, 2, 5)


def test_distribution_by_hand():
    values = np.array([0.1, 0.4, 0.5, 1.2, 1.9, -3.0, 7.0])
    found = distribution(values, EDGES)
    assert found.count == 7
    assert found.mean == pytest.approx(values.sum() / 7)
    assert found.counts.tolist() == [3, 1, 1, 2]  # what lies outside counts at the ends
    assert found.counts.sum() == 7
    assert found.quantiles[2] == 0.5
    np.testing.assert_allclose(found.quantiles, np.percentile(values, [5, 25, 50, 75, 95]))


def test_auroc_by_counting_pairs():
    low, high = RNG.integers(0, 9, 30), RNG.integers(3, 12, 40)
    wins = sum((b > a) + 0.5 * (b == a) for a in low for b in high)
    assert auroc(low, high) == pytest.approx(wins / 1200)


def test_auroc_is_that_of_scikit_learn():
    low, high = RNG.normal(size=200), RNG.normal(size=300) + 0.7
    truth = np.repeat([0, 1], [200, 300])
    assert auroc(low, high) == pytest.approx(roc_auc_score(truth, np.concatenate([low, high])))
    assert auroc(low, high) + auroc(high, low) == pytest.approx(1)
    assert auroc(low, low) == pytest.approx(0.5)
    assert auroc(low.reshape(20, 10), low.max() + high - high.min() + 1) == 1


def test_overlap_of_histograms():
    a, b = RNG.normal(size=500), RNG.normal(size=100) + 1
    edges = shared_edges(a, b, bins=30)
    first, second = distribution(a, edges), distribution(b, edges)
    expected = sum(
        min(x / 500, y / 100)
        for x, y in zip(first.counts.tolist(), second.counts.tolist(), strict=True)
    )
    assert overlap(first, second) == pytest.approx(expected)
    assert overlap(first, first) == pytest.approx(1)
    assert overlap(distribution([0.1], EDGES), distribution([1.9], EDGES)) == 0


def test_shared_edges_span_all_groups():
    edges = shared_edges(np.array([1.0, 5.0]), np.array([[-2.0]]), bins=7)
    assert (edges[0], edges[-1], len(edges)) == (-2, 5, 8)
    for same in (np.zeros(3), np.full(3, 4.0)):
        around = shared_edges(same)
        assert around[0] < same[0] < around[-1]
        assert (np.diff(around) > 0).all()


@pytest.mark.parametrize("bad", [[np.nan, 1.0], [np.inf]])
def test_numbers_that_are_none_are_refused(bad):
    for ask in (lambda: distribution(bad, EDGES), lambda: auroc(bad, [1.0])):
        with pytest.raises(ValueError, match="diverged"):
            ask()


def test_nothing_has_no_distribution():
    with pytest.raises(ValueError, match="at least one number"):
        distribution([], EDGES)
    with pytest.raises(ValueError, match="at least one number"):
        auroc([1.0], [])
