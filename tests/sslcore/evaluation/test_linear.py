"""Linear evaluation agrees with scikit-learn and chooses without looking at the queries."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, top_k_accuracy_score
from sklearn.preprocessing import StandardScaler

from sslcore.data.pool import Cancelled
from sslcore.evaluation import linear


@pytest.fixture
def clouds():
    """Seven overlapping clouds of unequal scale: 600 for the bank, 300 queries."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(7, 12))
    labels = rng.integers(0, 7, 900)
    points = (centres[labels] + rng.normal(scale=1.3, size=(900, 12))) * np.geomspace(0.01, 100, 12)
    points += 5
    return points[:600], labels[:600], points[600:], labels[600:]


@pytest.mark.parametrize("penalty", [1e-1, 1e-3, 1e-5, 1e-7])
def test_the_solution_is_scikit_learns(clouds, penalty):
    bank, labels, queries, truth = clouds
    probe = linear.fit(bank, labels, penalty)
    scaler = StandardScaler().fit(bank)
    other = LogisticRegression(C=1 / (penalty * 600), tol=1e-10, max_iter=20_000)
    other.fit(scaler.transform(bank), labels)
    expected = other.predict_proba(scaler.transform(queries))
    found = probe.scores(queries).softmax(1).numpy()
    np.testing.assert_allclose(found, expected, atol=3e-3)
    assert probe.converged
    scores = linear.measure(probe, queries, truth)
    assert scores.top_1 == np.mean(found.argmax(1) == truth)
    second, best = np.sort(expected, axis=1)[:, -2:].T
    differ = found.argmax(1) != expected.argmax(1)
    # Only where two classes are all but equally likely, it may go by the last digits.
    assert not (differ & (best - second > 1e-3)).any()
    assert differ.sum() <= 1


def test_numbers_that_depend_on_each_other_do_not_slow_it_down(clouds):
    bank, labels, _, _ = clouds
    rng = np.random.default_rng(2)
    mixed = bank / bank.std(0) @ rng.normal(size=(12, 80)) + rng.normal(scale=0.01, size=(600, 80))
    probe = linear.fit(mixed, labels, 1e-5)
    assert probe.converged
    assert probe.iterations < 100
    scaled = StandardScaler().fit_transform(mixed)
    other = LogisticRegression(C=1 / (1e-5 * 600), tol=1e-9, max_iter=100_000, solver="newton-cg")
    other.fit(scaled, labels)
    expected = other.predict_proba(scaled)
    np.testing.assert_allclose(probe.scores(mixed).softmax(1).numpy(), expected, atol=5e-3)


def test_fewer_images_than_numbers_are_solved_as_well(clouds):
    bank, labels, _, _ = clouds
    wide = np.concatenate([bank, np.random.default_rng(1).normal(size=(600, 300))], 1)[:60]
    probe = linear.fit(wide, labels[:60], 1e-3)
    scaled = StandardScaler().fit_transform(wide)
    other = LogisticRegression(C=1 / (1e-3 * 60), tol=1e-10, max_iter=100_000)
    other.fit(scaled, labels[:60])
    expected = other.predict_proba(scaled)
    np.testing.assert_allclose(probe.scores(wide).softmax(1).numpy(), expected, atol=3e-3)


def test_scores_are_scikit_learns(clouds):
    bank, labels, queries, truth = clouds
    probe = linear.fit(bank, labels, 1e-2)
    found = linear.measure(probe, queries, truth)
    raw = probe.scores(queries).numpy()
    guess = raw.argmax(1)
    assert found.top_5 == pytest.approx(top_k_accuracy_score(truth, raw, k=5))
    assert np.array_equal(found.confusion, confusion_matrix(truth, guess, labels=range(7)))
    for one in range(7):
        assert found.per_class[one] == pytest.approx((guess[truth == one] == one).mean())
    assert found.wrong.tolist() == np.flatnonzero(guess != truth).tolist()


def test_moving_and_scaling_features_changes_nothing(clouds):
    bank, labels, queries, _ = clouds
    one = linear.fit(bank, labels, 1e-2).scores(queries)
    other = linear.fit(bank * 3 + 7, labels, 1e-2).scores(queries * 3 + 7)
    torch.testing.assert_close(one, other, atol=2e-3, rtol=1e-3)


def test_the_penalty_is_chosen_on_the_bank_alone(clouds):
    bank, labels, _, _ = clouds
    noise = np.random.default_rng(1).normal(size=(600, 300))
    wide = np.concatenate([bank, noise], 1)  # much to overfit to
    probe, table = linear.chosen(wide, labels, seed=3)
    assert set(table) == set(linear.PENALTIES)
    best = [one for one, found in table.items() if found == max(table.values())]
    assert probe.penalty == max(best) >= 1e-2  # weak penalties learn the noise by heart
    again, _ = linear.chosen(wide, labels, seed=3)
    assert torch.equal(again.weight, probe.weight)


def test_the_last_fit_ends_where_one_from_nothing_would(clouds):
    bank, labels, queries, _ = clouds
    probe, table = linear.chosen(bank, labels)
    cold = linear.fit(bank, labels, probe.penalty)
    assert len(table) == len(linear.PENALTIES)
    assert probe.iterations < cold.iterations, "it began on the way"
    torch.testing.assert_close(probe.scores(queries), cold.scores(queries), atol=5e-3, rtol=1e-3)


def test_the_whole_range_agrees_with_scikit_learn_within_a_fifth_of_a_point():
    """Two thousand queries of ten classes, of which a straight cut tells some 80 %."""
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 10, 4000)
    points = rng.normal(size=(10, 24))[labels] + rng.normal(scale=1.1, size=(4000, 24))
    bank, queries, truth = points[:2000], points[2000:], labels[2000:]
    scaler = StandardScaler().fit(bank)
    start = None
    for penalty in linear.PENALTIES:
        start = linear.fit(bank, labels[:2000], penalty, start=start)
        other = LogisticRegression(C=1 / (penalty * 2000), tol=1e-8, max_iter=20_000)
        other.fit(scaler.transform(bank), labels[:2000])
        expected = other.score(scaler.transform(queries), truth)
        assert abs(linear.measure(start, queries, truth).top_1 - expected) <= 0.002
        assert start.converged
    assert linear.PENALTIES[-1] == 1e-7


def test_a_penalty_at_an_end_is_told_where_it_was_better_than_its_neighbour():
    table = {1.0: 0.5, 0.1: 0.6, 0.01: 0.7}
    assert linear.at_an_end(table, 0.01) == "weakest"
    assert linear.at_an_end(table, 0.1) == ""
    assert linear.at_an_end({1.0: 0.8, 0.1: 0.6}, 1.0) == "strongest"
    assert linear.at_an_end({1.0: 0.8, 0.1: 0.8}, 1.0) == "", "as good as the next"
    assert linear.at_an_end({1.0: 0.8}, 1.0) == linear.at_an_end({}, 1.0) == ""


def test_rows_without_a_label_take_no_part(clouds):
    bank, labels, queries, truth = clouds
    hidden = labels.copy()
    hidden[::3] = -1
    one = linear.fit(bank, hidden, 1e-2)
    other = linear.fit(bank[hidden >= 0], labels[hidden >= 0], 1e-2)
    assert torch.equal(one.weight, other.weight)
    asked = truth.copy()
    asked[:100] = -1
    found = linear.measure(one, queries, asked)
    assert found.confusion.sum() == 200
    assert found.wrong.min() >= 100


def test_few_images_and_constant_features_are_fine():
    features = np.array([[0.0, 1.0, 5.0], [1.0, 0.0, 5.0]])
    probe, table = linear.chosen(features, np.array([0, 1]))
    assert table == {}
    assert linear.measure(probe, features, np.array([0, 1])).top_1 == 1.0
    assert probe.scores(features).isfinite().all()


def test_a_class_the_bank_does_not_have_is_never_found(clouds):
    bank, labels, queries, truth = clouds
    probe = linear.fit(bank[labels < 6], labels[labels < 6], 1e-2)
    found = linear.measure(probe, queries, truth)
    assert found.per_class[6] == 0
    assert found.confusion.shape == (7, 7)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f, y: (f, np.zeros_like(y)), "of one class"),
        (lambda f, y: (f, -np.ones_like(y)), "no image has a label"),
        (lambda f, y: (f, y[:-1]), "as many labels"),
        (lambda f, y: (np.where(f > 0, np.nan, f), y), "NaN or infinity"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_a_remedy(clouds, change, words):
    features, labels = change(clouds[0], clouds[1])
    with pytest.raises(ValueError, match=words):
        linear.fit(features, labels, 1e-2)


def test_bad_numbers_and_other_encoders_are_refused(clouds):
    bank, labels, _, _ = clouds
    with pytest.raises(ValueError, match="penalty"):
        linear.fit(bank, labels, -1.0)
    probe = linear.fit(bank, labels, 1.0)
    with pytest.raises(ValueError, match="same encoder"):
        probe.scores(bank[:, :5])


def test_it_can_be_watched_and_called_off(clouds):
    bank, labels, _, _ = clouds
    told = []
    linear.chosen(bank, labels, penalties=(1.0, 0.1), progress=lambda *one: told.append(one))
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(Cancelled):
        linear.chosen(bank, labels, cancelled=lambda: True)
