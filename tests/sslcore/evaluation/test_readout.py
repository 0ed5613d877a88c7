"""Reading numbers and categories out of features: against scikit-learn, and in cases one knows."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

from sslcore.data.pool import Cancelled
from sslcore.evaluation import linear
from sslcore.evaluation.nuisances import Nuisance
from sslcore.evaluation.readout import r_squared, read


@pytest.fixture
def features():
    random = np.random.default_rng(0)
    return random.normal(2, 3, (120, 10)) * np.arange(1, 11)


def number(values, key="n"):
    return Nuisance(key, key.title(), "", np.asarray(values, np.float64))


@pytest.mark.parametrize("dimensions", [10, 200])
@pytest.mark.parametrize("penalty", [0.01, 3.0])
def test_it_is_the_ridge_regression_of_scikit_learn(dimensions, penalty):
    random = np.random.default_rng(1)
    x = random.normal(1, 2, (120, dimensions))
    y = x[:, 0] - 0.5 * x[:, 1] + random.normal(0, 1, 120) + 40
    found = read(x[:90], x[90:], [number(y)], penalties=[penalty]).found["n"]
    scaler = StandardScaler().fit(x[:90])
    middle, spread = y[:90].mean(), y[:90].std()
    model = Ridge(alpha=penalty * 90).fit(scaler.transform(x[:90]), (y[:90] - middle) / spread)
    guess = model.predict(scaler.transform(x[90:])) * spread + middle
    assert found.score == pytest.approx(r2_score(y[90:], guess), abs=1e-6)
    assert found.baseline == pytest.approx(r2_score(y[90:], np.full(30, middle)), abs=1e-6)
    assert found.penalty == penalty
    assert found.images == 30


def test_several_numbers_share_what_they_can_and_each_gets_its_own_penalty(features):
    random = np.random.default_rng(2)
    clear = features @ random.normal(size=10)
    noisy = clear / clear.std() + random.normal(0, 8, 120)
    gaps = np.where(random.random(120) < 0.3, np.nan, clear)
    together = [number(clear, "clear"), number(noisy, "noisy"), number(gaps, "gaps")]
    found = read(features[:90], features[90:], together).found
    for one in together:
        alone = read(features[:90], features[90:], [one]).found[one.key]
        assert found[one.key].score == pytest.approx(alone.score, abs=1e-9)
        assert found[one.key].penalty == alone.penalty
    assert found["clear"].score > 0.999
    assert found["clear"].penalty < found["noisy"].penalty
    assert found["noisy"].score < 0.3
    assert found["gaps"].images == int(np.isfinite(gaps[90:]).sum()) < 30


def test_nothing_can_be_read_out_of_chance(features):
    random = np.random.default_rng(3)
    found = read(features[:90], features[90:], [number(random.normal(size=120))]).found["n"]
    assert found.score < 0.15
    assert found.baseline <= 0


def test_a_value_of_the_queries_does_not_change_what_is_learned(features):
    values = features[:, 0].copy()
    before = read(features[:90], features[90:], [number(values)], seed=4).found["n"]
    values[90:] = values[90:][::-1]
    after = read(features[:90], features[90:], [number(values)], seed=4).found["n"]
    assert before.penalty == after.penalty
    assert before.score > 0.99 > after.score


def test_categories_are_those_of_the_linear_probe_beside_the_most_frequent(features):
    random = np.random.default_rng(5)
    labels = (features[:, 0] > 5).astype(np.int64) + 2 * (features[:, 1] > 0)
    labels[random.random(120) < 0.1] = -1
    one = Nuisance("kind", "Kind", "", labels, ("a", "b", "c", "d"))
    found = read(features[:90], features[90:], [one]).found["kind"]
    probe, _ = linear.chosen(features[:90], labels[:90], penalties=(0.1, 0.01, 0.001))
    assert found.score == linear.measure(probe, features[90:], labels[90:]).top_1
    assert found.score > 0.7
    known, asked = labels[:90][labels[:90] >= 0], labels[90:][labels[90:] >= 0]
    assert found.baseline == (asked == np.bincount(known).argmax()).mean()
    assert found.images == len(asked)


def test_what_cannot_be_asked_is_skipped_with_a_reason(features):
    rare = np.full(120, np.nan)
    rare[:20] = np.arange(20)
    even = np.arange(120.0)
    even[90:] = 3
    found = read(
        features[:90],
        features[90:],
        [number(rare, "rare"), number(even, "even"), number(features[:, 3], "fine")],
    )
    assert list(found.found) == ["fine"]
    assert found.skipped == {
        "Rare": "known of 0 images held out, at least 8 are needed",
        "Even": "the same for all images held out",
    }


def test_progress_calling_off_and_values_of_other_images(features):
    wanted = [number(features[:, 0], "a"), number(features[:, 1], "b")]
    wanted.append(Nuisance("k", "K", "", (features[:, 0] > 2).astype(np.int64), ("x", "y")))
    told = []
    read(features[:90], features[90:], wanted, progress=lambda *at: told.append(at))
    assert told == [(2, 3), (3, 3)]
    with pytest.raises(Cancelled):
        read(features[:90], features[90:], wanted, cancelled=lambda: True)
    with pytest.raises(ValueError, match=r"a: 120 values for 80 \+ 30 images"):
        read(features[:80], features[90:], wanted)
    broken = torch.from_numpy(features.copy())
    broken[2, 2] = torch.nan
    with pytest.raises(ValueError, match=r"bank features hold NaN .*row 2"):
        read(broken[:90], features[90:], wanted)


def test_r_squared_is_scikit_learns():
    random = np.random.default_rng(6)
    truth, guess = random.normal(5, 2, 50), random.normal(5, 2, 50)
    assert r_squared(truth, guess) == pytest.approx(r2_score(truth, guess))
    assert r_squared(truth, truth) == 1.0
