import math

import numpy as np
import pytest
import torch

from sslcore.evaluation.collapse import feature_std, rank_me
from sslcore.evaluation.spectrum import FLOOR, spectrum, told

RNG = np.random.default_rng(0)
H = RNG.normal(size=(60, 5)) @ RNG.normal(size=(5, 5)) + 3


def test_everything_by_hand():
    found = spectrum(H)
    values = np.sort(np.linalg.eigvalsh(np.cov(H.T)))[::-1]
    parts = values / sum(values)
    np.testing.assert_allclose(found.eigenvalues, parts, rtol=1e-9)
    assert found.effective_rank == pytest.approx(math.exp(-sum(p * math.log(p) for p in parts)))
    assert found.participation == pytest.approx(sum(values) ** 2 / sum(values**2))
    assert found.rank_me == rank_me(H)
    assert found.spread == pytest.approx(feature_std(H) * math.sqrt(5))
    np.testing.assert_allclose(found.deviations, H.std(0, ddof=1))
    needed = next(k for k in range(1, 6) if sum(parts[:k]) >= 0.9)
    assert found.for_90 == needed
    np.testing.assert_allclose(found.logarithms, np.log10(parts), rtol=1e-9)


def test_a_ball_and_a_line():
    ball = spectrum(RNG.normal(size=(20000, 16)))
    assert ball.effective_rank == pytest.approx(16, rel=0.01)
    assert ball.participation == pytest.approx(16, rel=0.01)
    assert ball.state == "healthy"
    line = spectrum(np.outer(RNG.normal(size=100), np.arange(1, 17)))
    assert line.effective_rank == pytest.approx(1, abs=1e-3)
    assert line.participation == pytest.approx(1, abs=1e-3)
    assert line.for_90 == 1
    assert line.logarithms.min() == FLOOR


def test_dead_dimensions_are_relative_to_the_others():
    x = RNG.normal(size=(200, 10))
    x[:, [2, 7]] *= 1e-3
    x[:, 4] = 5
    assert spectrum(x).dead.tolist() == [2, 4, 7]
    assert spectrum(1e-6 * x).dead.tolist() == [2, 4, 7]
    assert spectrum(x).state == "healthy"


def test_most_dimensions_dead():
    x = RNG.normal(size=(200, 10))
    x[:, 2:] *= 1e-9
    found = spectrum(x)
    assert found.dead.tolist() == [2, 3, 4, 5, 6, 7, 8, 9]
    assert found.state == "dimensional"
    assert "8 directions void, 8 of 10 dimensions dead" in told(found)[0]


def test_one_point_is_a_complete_collapse():
    for x in (np.full((30, 4), 0.3), np.full((30, 4), 0.3) + 1e-7 * RNG.normal(size=(30, 4))):
        found = spectrum(x)
        assert found.state == "collapsed"
        sentence, remedy = told(found)
        assert "Collapsed" in sentence
        assert remedy
    point = spectrum(np.full((30, 4), 0.3))
    assert point.effective_rank == point.participation == point.for_90 == 0
    assert point.dead.tolist() == [0, 1, 2, 3]
    assert point.eigenvalues.tolist() == [0, 0, 0, 0]
    assert (point.logarithms == FLOOR).all()


def test_few_directions_are_a_dimensional_collapse():
    x = RNG.normal(size=(500, 2)) @ RNG.normal(size=(2, 64))
    found = spectrum(x)
    assert found.state == "dimensional"
    assert found.effective_rank <= 2
    assert found.void == 62
    sentence, remedy = told(found)
    assert "62 directions void" in sentence
    assert f"effective rank {found.effective_rank:.1f} of 64" in sentence
    assert "projection head" in remedy


def test_a_steep_spectrum_without_an_end_is_narrow():
    x = RNG.normal(size=(500, 64)) * np.where(np.arange(64) == 0, 1.0, 0.01)
    found = spectrum(x)
    assert found.state == "narrow"
    assert (found.void, found.for_90) == (0, 1)
    sentence, remedy = told(found)
    assert sentence.startswith("Narrow: 1 direction holds 90 % of the variance")
    assert remedy


def test_healthy_features_need_no_remedy():
    sentence, remedy = told(spectrum(RNG.normal(size=(500, 8))))
    assert sentence.startswith("No collapse: effective rank 7.9 of 8, 0 directions void, 0 of 8")
    assert remedy == ""


def test_few_images_cannot_show_more_directions_than_they_are():
    found = spectrum(RNG.normal(size=(5, 64)))
    assert found.most == 4
    assert found.effective_rank <= 4
    assert found.state == "healthy"
    assert found.void == 0
    np.testing.assert_allclose(found.eigenvalues[4:], 0, atol=1e-12)


def test_kind_of_array_does_not_matter():
    assert spectrum(torch.from_numpy(H)).effective_rank == spectrum(H).effective_rank


def test_bad_features_are_refused():
    with pytest.raises(ValueError, match="at least 2 images"):
        spectrum(np.ones((1, 3)))
    with pytest.raises(ValueError, match="NaN"):
        spectrum(np.full((4, 3), np.nan))
