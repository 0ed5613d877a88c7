import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from sslcore.evaluation import faithfulness as module
from sslcore.evaluation.faithfulness import faithfulness

RNG = np.random.default_rng(0)
H = RNG.normal(size=(60, 8))
LAYOUT = H[:, :2] + RNG.normal(scale=0.3, size=(60, 2))


def slow_trust(input_distances, output_distances, k):
    """Venna and Kaski's formula read aloud: who stands among the k nearest without right?"""
    count, sum_of_ranks = len(input_distances), 0
    for i in range(count):
        others = [j for j in range(count) if j != i]
        rank = {
            j: place + 1
            for place, j in enumerate(sorted(others, key=lambda j: input_distances[i][j]))
        }
        shown = sorted(others, key=lambda j: output_distances[i][j])[:k]
        sum_of_ranks += sum(rank[j] - k for j in shown if rank[j] > k)
    return 1 - 2 / (count * k * (2 * count - 3 * k - 1)) * sum_of_ranks


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_equals_the_formula_and_scikit_learn(metric, monkeypatch):
    monkeypatch.setattr(module, "_CELLS", 60 * 7)  # several chunks, the last one shorter
    found = faithfulness(H, LAYOUT, 5, metric)
    assert found.trustworthiness == pytest.approx(
        trustworthiness(H, LAYOUT, n_neighbors=5, metric=metric)
    )
    rows = H if metric == "euclidean" else H / np.linalg.norm(H, axis=1, keepdims=True)
    near = np.linalg.norm(rows[:, None] - rows[None], axis=-1)
    shown = np.linalg.norm(LAYOUT[:, None] - LAYOUT[None], axis=-1)
    assert found.trustworthiness == pytest.approx(slow_trust(near, shown, 5))
    assert found.continuity == pytest.approx(slow_trust(shown, near, 5))
    assert (found.neighbours, found.points) == (5, 60)


def test_a_perfect_map_and_a_shuffled_one():
    perfect = faithfulness(LAYOUT, LAYOUT * 3 + 5, 10, "euclidean")
    assert (perfect.trustworthiness, perfect.continuity) == (1.0, 1.0)
    shuffled = faithfulness(LAYOUT, LAYOUT[RNG.permutation(60)], 10, "euclidean")
    assert 0.3 < shuffled.trustworthiness < 0.7


def test_a_map_that_tears_is_not_one_that_folds():
    line = np.stack([np.arange(40.0), np.zeros(40)], 1)
    folded = np.abs(line - 19.5)[:, :1]
    fold = faithfulness(line, folded, 4, "euclidean")
    assert fold.trustworthiness < fold.continuity
    torn = faithfulness(folded, line, 4, "euclidean")
    assert torn.continuity < torn.trustworthiness


def test_a_sample_estimates_the_whole():
    rng = np.random.default_rng(4)
    features = rng.normal(size=(600, 4))
    layout = features[:, :2]
    whole = faithfulness(features, layout, 10, sample=600)
    part = faithfulness(features, layout, 10, sample=200)
    assert part.points == 200
    assert part.trustworthiness != whole.trustworthiness
    assert part.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.03)
    assert part == faithfulness(features, layout, 10, sample=200)


def test_duplicates_are_no_complaint():
    """At equal distances nobody stands behind another, in whatever order they are listed."""
    rows = np.repeat(np.eye(6) * 3, 4, axis=0)
    for order in (np.arange(24), RNG.permutation(24)):
        found = faithfulness(rows[order], rows[order][:, :6] * 2, 5, "euclidean")
        assert (found.trustworthiness, found.continuity) == (1.0, 1.0)


def test_few_points():
    assert faithfulness(H[:2], LAYOUT[:2]).trustworthiness == 1.0
    three = faithfulness(H[:3], LAYOUT[:3])
    assert three.neighbours == 1
    assert 0 <= three.trustworthiness <= 1


def test_refuses_other_images():
    with pytest.raises(ValueError, match="same images: 59 and 60"):
        faithfulness(H, LAYOUT[1:])
