import numpy as np
import pytest
import torch

from sslcore.data.pool import Cancelled
from sslcore.evaluation import neighbours
from sslcore.evaluation.neighbours import nearest


def slow_order(bank, query):
    """Bank rows by falling cosine, equals by row, one at a time."""
    cosines = [float(row @ query / (np.linalg.norm(row) * np.linalg.norm(query))) for row in bank]
    return sorted(range(len(bank)), key=lambda row: (-cosines[row], row)), cosines


def test_equals_a_plain_loop():
    rng = np.random.default_rng(0)
    bank, queries = rng.normal(size=(40, 5)), rng.normal(size=(7, 5))
    rows, cosines = nearest(bank, queries, 6)
    for query, found, near in zip(queries, rows, cosines, strict=True):
        order, expected = slow_order(bank, query)
        assert found.tolist() == order[:6]
        np.testing.assert_allclose(near, [expected[row] for row in order[:6]], atol=1e-12)


def test_euclidean_equals_a_plain_loop():
    rng = np.random.default_rng(1)
    bank, queries = rng.normal(size=(30, 4)), rng.normal(size=(5, 4))
    rows, distances = nearest(bank, queries, 3, metric="euclidean")
    for query, found, far in zip(queries, rows, distances, strict=True):
        expected = np.sqrt(((bank - query) ** 2).sum(1))
        assert found.tolist() == np.argsort(expected)[:3].tolist()
        np.testing.assert_allclose(far, np.sort(expected)[:3], atol=1e-9)


def test_chunks_change_nothing(monkeypatch):
    bank = torch.randn(25, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    whole = nearest(bank, bank, 4, exclude_self=True)
    monkeypatch.setattr(neighbours, "_CELLS", 60)
    parts = nearest(bank, bank, 4, exclude_self=True)
    assert torch.equal(whole[0], parts[0])
    torch.testing.assert_close(whole[1], parts[1])


def test_progress_is_told_and_the_search_can_be_called_off(monkeypatch):
    bank = np.random.default_rng(0).normal(size=(25, 3))
    monkeypatch.setattr(neighbours, "_CELLS", 250)
    told = []
    nearest(bank, bank, 2, progress=lambda *word: told.append(word))
    assert told == [(10, 25), (20, 25), (25, 25)]
    with pytest.raises(Cancelled):
        nearest(bank, bank, 2, cancelled=lambda: len(told) == 3)


def test_of_equals_the_lower_row_is_taken():
    bank = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [1.0, 1.0]])
    rows, cosines = nearest(bank, np.array([[5.0, 0.0]]), 2)
    assert rows.tolist() == [[1, 2]]
    assert cosines.tolist() == [[1.0, 1.0]]
    rows, _ = nearest(bank, np.array([[5.0, 0.0]]), 4)
    assert rows.tolist() == [[1, 2, 3, 4]]


def test_a_collapsed_bank_answers_in_row_order():
    rows, _ = nearest(np.ones((50, 4)), np.ones((3, 4)), 5)
    assert rows.tolist() == [[0, 1, 2, 3, 4]] * 3
    rows, _ = nearest(np.ones((5, 4)), np.ones((5, 4)), 2, exclude_self=True)
    assert rows.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1]]


def test_a_zero_vector_is_at_cosine_zero():
    _, cosines = nearest(np.array([[1.0, 0.0], [-1.0, 0.0]]), np.zeros((1, 2)), 2)
    assert cosines.tolist() == [[0.0, 0.0]]


def test_nobody_is_their_own_neighbour_and_k_is_cut():
    bank = np.random.default_rng(0).normal(size=(6, 3))
    rows, _ = nearest(bank, bank, 99, exclude_self=True)
    assert rows.shape == (6, 5)
    assert all(row not in found for row, found in enumerate(rows.tolist()))
    assert nearest(bank, bank, 99)[0].shape == (6, 6)


def test_exclude_hides_one_row_of_each_query():
    bank = np.random.default_rng(0).normal(size=(6, 3))
    rows, _ = nearest(bank, bank[[4, 2]], 6, exclude=np.array([4, -1]))
    assert rows.shape == (2, 5)
    assert 4 not in rows[0].tolist()
    assert rows[1, 0] == 2


def test_permuting_the_bank_permutes_the_answer():
    rng = np.random.default_rng(3)
    bank, queries, order = rng.normal(size=(20, 4)), rng.normal(size=(4, 4)), rng.permutation(20)
    first, _ = nearest(bank, queries, 5)
    second, _ = nearest(bank[order], queries, 5)
    assert (order[second.numpy()] == first.numpy()).all()


def test_refuses_what_does_not_fit():
    bank = np.ones((3, 2))
    with pytest.raises(ValueError, match="2 and 4 dimensions"):
        nearest(bank, np.ones((1, 4)), 1)
    with pytest.raises(ValueError, match="k must be at least 1"):
        nearest(bank, bank, 0)
    with pytest.raises(ValueError, match="query i to be bank row i"):
        nearest(bank, bank[:2], 1, exclude_self=True)
    with pytest.raises(ValueError, match="no neighbours"):
        nearest(bank[:1], bank[:1], 1, exclude_self=True)
    with pytest.raises(ValueError, match="one bank row below 3"):
        nearest(bank, bank[:2], 1, exclude=np.array([3, 0]))
    with pytest.raises(ValueError, match="query features hold NaN"):
        nearest(bank, bank * np.nan, 1)
