import math

import numpy as np
import pytest
import torch

from sslcore.diagnostics import heatmap
from sslcore.evaluation.dimensions import (
    agreement,
    separation,
    standardised,
    strongest,
    strongest_pair,
)
from sslcore.methods.barlow_twins import cross_correlation

RNG = np.random.default_rng(0)
RAW = RNG.normal(size=(50, 8)) * np.arange(1, 9) + 3.0
Z = standardised(RAW)


def test_standardised_as_the_method_does_it():
    assert Z.dtype == np.float32
    mean = sum(RAW[:, 4]) / 50
    variance = sum((one - mean) ** 2 for one in RAW[:, 4]) / 50
    by_hand = [(one - mean) / math.sqrt(variance + 1e-5) for one in RAW[:, 4]]
    assert Z[:, 4] == pytest.approx(by_hand, abs=1e-5)
    c = cross_correlation(torch.tensor(RAW), torch.tensor(RAW))
    assert pytest.approx(c.numpy(), abs=1e-5) == Z.T @ Z / 50
    assert not standardised(np.ones((4, 2))).any()


@pytest.mark.parametrize(
    ("z", "words"), [(np.ones((1, 3)), "two images"), (np.full((4, 2), np.nan), "diverged")]
)
def test_standardised_refuses(z, words):
    with pytest.raises(ValueError, match=words):
        standardised(z)


def test_strongest_images():
    alone = strongest(Z, 3, count=4)
    slow = sorted(range(50), key=lambda n: -Z[n, 3])[:4]
    assert alone.rows.tolist() == slow
    assert alone.scores == pytest.approx([Z[n, 3] for n in slow])
    both = strongest(Z, 3, 5, count=60)
    slow = sorted(range(50), key=lambda n: -float(Z[n, 3]) * float(Z[n, 5]))
    assert both.rows.tolist() == slow
    assert both.scores[0] == pytest.approx(max(Z[n, 3] * Z[n, 5] for n in range(50)))
    assert strongest(Z, 2, 2, 1).rows.tolist() == [int(np.abs(Z[:, 2]).argmax())]


@pytest.mark.parametrize(
    ("rows", "columns"),
    [(range(3), range(4, 8)), (range(2, 6), range(2, 6)), (range(1, 2), range(1, 2))],
)
def test_strongest_pair_of_a_block(rows, columns):
    def size(pair):
        return abs(sum(float(Z[n, pair[0]]) * float(Z[n, pair[1]]) for n in range(50)))

    pairs = [(i, j) for i in rows for j in columns if i != j] or [(rows[0], columns[0])]
    found = strongest_pair(Z, rows, columns)
    assert found in pairs
    assert size(found) == pytest.approx(max(map(size, pairs)))


def test_separation_by_hand():
    chosen = np.zeros(50, bool)
    chosen[[1, 4, 7, 30]] = True
    found = separation(Z, chosen)
    for dimension in range(8):
        inside = [float(Z[n, dimension]) for n in range(50) if chosen[n]]
        outside = [float(Z[n, dimension]) for n in range(50) if not chosen[n]]
        means = [sum(group) / len(group) for group in (inside, outside)]
        squares = sum((x - means[0]) ** 2 for x in inside) + sum(
            (x - means[1]) ** 2 for x in outside
        )
        by_hand = (means[0] - means[1]) / math.sqrt(squares / 50 + 1e-5)
        assert found[dimension] == pytest.approx(by_hand, rel=1e-5)
    assert separation(Z, ~chosen) == pytest.approx(-found)


def test_separation_finds_the_planted_dimension_and_refuses_one_side_alone():
    chosen = np.arange(50) < 10
    raw = RAW.copy()
    raw[chosen, 6] += 60
    assert int(np.abs(separation(standardised(raw), chosen)).argmax()) == 6
    for one in (np.ones(50, bool), np.zeros(50, bool)):
        with pytest.raises(ValueError, match="chosen and images that are not"):
            separation(Z, one)


@pytest.mark.parametrize("size", [7, 512, 600, 1100])
def test_agreement_of_the_full_matrix(size):
    matrix = np.random.default_rng(size).normal(0.03, 0.1, size=(size, size))
    np.fill_diagonal(matrix, 0.8 + 0.01 * np.arange(size) / size)
    mean, rms = agreement(heatmap(matrix))
    off = ~np.eye(size, dtype=bool)
    assert mean == pytest.approx(np.diagonal(matrix).mean(), rel=1e-5)
    assert rms == pytest.approx(math.sqrt((matrix[off] ** 2).mean()), rel=1e-4)


def test_no_agreement_where_there_is_no_diagonal():
    assert agreement(heatmap(np.ones((3, 4)))) is None
    assert agreement(heatmap(np.ones((1, 1)))) is None
