import numpy as np
import pytest
import torch

from sslcore.data.pool import Cancelled
from sslcore.evaluation import bank as module
from sslcore.evaluation.bank import Bank
from sslcore.evaluation.neighbours import nearest


@pytest.fixture
def features():
    return np.random.default_rng(0).normal(size=(60, 7)).astype(np.float32)


def plainly(features, query, exclude=()):
    """Rows by falling cosine, one at a time, and the cosines."""
    cosines = [
        float(row @ query) / float(np.linalg.norm(row) * np.linalg.norm(query))
        for row in features.astype(np.float64)
    ]
    order = sorted(set(range(len(features))) - set(exclude), key=lambda row: -cosines[row])
    return order, [cosines[row] for row in order]


def test_equals_a_plain_loop_and_the_function_for_many(features):
    query = np.random.default_rng(1).normal(size=7)
    rows, cosines = Bank(features).nearest(query, 9)
    order, expected = plainly(features, query)
    assert rows.tolist() == order[:9]
    assert cosines.dtype == np.float32
    np.testing.assert_allclose(cosines, expected[:9], atol=1e-6)
    many = nearest(features, query[None], 9)
    assert rows.tolist() == many[0][0].tolist()


def test_the_length_of_features_does_not_matter(features):
    lengths = np.logspace(-20, 15, 60, dtype=np.float32)[:, None]
    first, second = Bank(features), Bank(features * lengths)
    for query in (features[3], features[3] * 1e12):
        assert first.nearest(query, 5)[0].tolist() == second.nearest(query, 5)[0].tolist()


def test_the_mean_is_that_of_directions_and_its_members_are_left_out(features):
    features[4] *= 1000
    bank = Bank(features)
    rows, cosines = bank.nearest_to_mean([8, 4, 30, 4], 6)
    unit = features.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    order, expected = plainly(features, unit[[4, 8, 30]].mean(0), exclude=(4, 8, 30))
    assert rows.tolist() == order[:6]
    np.testing.assert_allclose(cosines, expected[:6], atol=1e-6)
    assert bank.nearest_to_mean([5], 6)[0].tolist() == bank.nearest(features[5], 6, [5])[0].tolist()


def test_chunks_change_nothing(features, monkeypatch):
    whole = Bank(features)
    monkeypatch.setattr(module, "_CELLS", 20)
    told = []
    parts = Bank(features, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (2, 60)
    assert told[-1] == (60, 60)
    for one in range(0, 60, 7):
        assert (
            whole.nearest(features[one], 4)[0].tolist()
            == parts.nearest(features[one], 4)[0].tolist()
        )
    rows = np.arange(40)
    assert whole.nearest_to_mean(rows, 4)[0].tolist() == parts.nearest_to_mean(rows, 4)[0].tolist()


def test_equals_come_by_lower_row_and_a_zero_row_has_cosine_zero():
    rows, cosines = Bank(np.ones((6, 3))).nearest(np.ones(3), 3, exclude=[1])
    assert rows.tolist() == [0, 2, 3]
    np.testing.assert_allclose(cosines, 1, atol=1e-6)
    rows, cosines = Bank(np.zeros((4, 3))).nearest_to_mean([2, 3], 9)
    assert rows.tolist() == [0, 1]
    assert cosines.tolist() == [0, 0]


def test_it_keeps_what_it_was_made_from_as_it_was(features):
    before = features.copy()
    bank = Bank(features)
    assert np.array_equal(features, before)
    features[:] = 0
    assert bank.nearest(before[2], 1)[0].tolist() == [2]
    assert (len(bank), bank.dimensions) == (60, 7)
    assert Bank(torch.from_numpy(before)).nearest(torch.from_numpy(before[9]), 1)[0].tolist() == [9]


def test_refuses_what_does_not_fit(features):
    bank = Bank(features)
    with pytest.raises(ValueError, match="one encoder: 7 and 3 dimensions"):
        bank.nearest(np.ones(3), 1)
    with pytest.raises(ValueError, match="k must be at least 1"):
        bank.nearest(features[0], 0)
    with pytest.raises(ValueError, match="every row of the bank is excluded"):
        bank.nearest(features[0], 1, range(60))
    with pytest.raises(ValueError, match="there is no row 60"):
        bank.nearest(features[0], 1, [3, 60])
    with pytest.raises(ValueError, match="there is no row -1"):
        bank.nearest_to_mean([3, -1], 1)
    with pytest.raises(ValueError, match="mean of no image"):
        bank.nearest_to_mean([], 1)
    with pytest.raises(ValueError, match="query features hold NaN"):
        bank.nearest(np.full(7, np.nan), 1)
    with pytest.raises(ValueError, match=r"bank features must be \(N, D\)"):
        Bank(np.ones(4))
    with pytest.raises(ValueError, match=r"bank features must be \(N, D\)"):
        Bank(np.ones((0, 4)))
    with pytest.raises(Cancelled):
        Bank(features, cancelled=lambda: True)


def test_of_a_bank_that_is_not_finite_the_first_such_row_is_named(features, monkeypatch):
    monkeypatch.setattr(module, "_CELLS", 20)
    features[41, 2] = np.inf
    with pytest.raises(ValueError, match="first in row 41"):
        Bank(features)


def test_mean_cosine_is_over_all_pairs_of_different_rows():
    rows = np.random.default_rng(5).normal(0.3, 1, (30, 6))
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = [float(a @ b) for i, a in enumerate(unit) for b in unit[:i]]
    assert Bank(rows).mean_cosine() == pytest.approx(np.mean(pairs), abs=1e-6)
    assert Bank(rows[:1]).mean_cosine() == 1.0
