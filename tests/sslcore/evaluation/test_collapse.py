import math

import numpy as np
import pytest
import torch

from sslcore.evaluation import collapse
from sslcore.evaluation.collapse import alignment, feature_std, rank_me, spectrum, uniformity

RNG = np.random.default_rng(0)
H = RNG.normal(size=(40, 6)) * np.arange(1, 7) + 0.5
TURN, _ = np.linalg.qr(RNG.normal(size=(6, 6)))


def l2(rows):
    return np.stack([row / math.sqrt(sum(one * one for one in row)) for row in rows])


def test_feature_std_by_hand():
    rows = l2(H)
    by_dimension = []
    for column in rows.T:
        mean = sum(column) / 40
        by_dimension.append(math.sqrt(sum((one - mean) ** 2 for one in column) / 39))
    assert feature_std(H) == pytest.approx(sum(by_dimension) / 6, rel=1e-12)


def test_feature_std_of_spread_and_of_collapsed_features():
    spread = np.random.default_rng(1).normal(size=(20000, 64))
    assert feature_std(spread) == pytest.approx(1 / 8, rel=0.01)
    assert feature_std(np.ones((10, 4)) * np.arange(1, 11)[:, None]) == pytest.approx(0, abs=1e-12)


def test_rank_me_by_hand():
    values = np.sqrt(np.linalg.eigvalsh(H.T @ H))
    parts = values / values.sum() + 1e-7
    expected = math.exp(-sum(one * math.log(one) for one in parts))
    assert rank_me(H) == pytest.approx(expected, rel=1e-9)


def test_rank_me_of_known_ranks():
    assert rank_me(np.eye(16)) == pytest.approx(16, rel=1e-4)
    assert rank_me(np.outer(np.arange(1, 21), np.ones(16))) == pytest.approx(1, rel=1e-3)
    assert rank_me(np.zeros((5, 3))) == pytest.approx(1, rel=1e-3)


def test_alignment_by_hand():
    other = H + RNG.normal(size=H.shape)
    pairs = zip(l2(H), l2(other), strict=True)
    expected = sum(sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) for a, b in pairs) / 40
    assert alignment(H, other) == pytest.approx(expected, rel=1e-12)
    assert alignment(H, -H) == pytest.approx(4)
    assert alignment(H, 2 * H) == pytest.approx(0, abs=1e-12)


def test_uniformity_by_hand_whatever_the_chunks(monkeypatch):
    rows, total = l2(H), 0.0
    for i in range(40):
        for j in range(i + 1, 40):
            total += math.exp(-2 * sum((rows[i] - rows[j]) ** 2))
    expected = math.log(total / (40 * 39 / 2))
    assert uniformity(H) == pytest.approx(expected, rel=1e-12)
    monkeypatch.setattr(collapse, "_PAIRS", 40 * 7)
    assert uniformity(H) == pytest.approx(expected, rel=1e-12)


def test_uniformity_of_spread_and_of_collapsed_features():
    assert uniformity(np.ones((10, 4))) == pytest.approx(0, abs=1e-12)
    # On a sphere of many dimensions any two directions stand square: exp(-2 * 2).
    spread = np.random.default_rng(2).normal(size=(500, 2000))
    assert uniformity(spread) == pytest.approx(-4, abs=0.01)


def test_spectrum_is_the_spectrum_of_the_covariance():
    expected = np.sort(np.linalg.eigvalsh(np.cov(H.T)))[::-1]
    np.testing.assert_allclose(spectrum(H), expected, rtol=1e-10)
    few = spectrum(H[:3])
    assert few.shape == (6,)
    np.testing.assert_allclose(few[2:], 0, atol=1e-12)


@pytest.mark.parametrize("score", [feature_std, rank_me, uniformity])
def test_order_and_kind_of_array_do_not_matter(score):
    order = np.random.default_rng(3).permutation(40)
    assert score(H[order]) == pytest.approx(score(H), rel=1e-12)
    assert score(torch.from_numpy(H)) == score(H)


@pytest.mark.parametrize("score", [rank_me, uniformity])
def test_turning_and_scaling_does_not_matter(score):
    assert score(H @ TURN * 3) == pytest.approx(score(H), rel=1e-9)
    assert alignment(H @ TURN, 5 * H[::-1] @ TURN) == pytest.approx(alignment(H, H[::-1]))


@pytest.mark.parametrize("score", [feature_std, uniformity, spectrum])
def test_one_image_is_too_few(score):
    with pytest.raises(ValueError, match="at least 2 images"):
        score(np.ones((1, 3)))


@pytest.mark.parametrize("score", [feature_std, rank_me, uniformity, spectrum])
def test_nan_is_refused(score):
    with pytest.raises(ValueError, match="NaN"):
        score(np.full((4, 3), np.nan))


def test_alignment_needs_pairs():
    with pytest.raises(ValueError, match="same images"):
        alignment(H, H[1:])
