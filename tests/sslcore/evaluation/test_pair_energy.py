import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sslcore.evaluation import pair_energy
from sslcore.evaluation.pair_energy import EDGES, pair_energies

RNG = np.random.default_rng(0)
COUNT = 12
FIRST = RNG.normal(size=(COUNT, 6))
SECOND = FIRST + 0.4 * RNG.normal(size=(COUNT, 6))
LABELS = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, -1, -1, 2])


def energy(a, b):
    product = sum(p * q for p, q in zip(a, b, strict=True))
    return 1 - product / math.sqrt(sum(p * p for p in a)) / math.sqrt(sum(q * q for q in b))


def slowly(second, labels, kind):
    """Energies of a kind of pair, one by one."""
    found = []
    for i in range(COUNT):
        for j in range(COUNT):
            if second is None and j <= i:
                continue
            if i == j:
                group = "positive"
            elif labels is None:
                group = "other"
            elif labels[i] < 0 or labels[j] < 0:
                group = "unknown"
            else:
                group = "same" if labels[i] == labels[j] else "other"
            if group == kind:
                found.append((energy(FIRST[i], (FIRST if second is None else second)[j]), i, j))
    return found


def check(found, expected):
    values = [one for one, _, _ in expected]
    assert found.count == len(values)
    assert found.mean == pytest.approx(sum(values) / len(values), abs=1e-6)
    counts, _ = np.histogram(values, EDGES)
    np.testing.assert_array_equal(found.counts, counts)


@pytest.mark.parametrize("second", [SECOND, None], ids=["two views", "one view"])
@pytest.mark.parametrize("labels", [LABELS, None], ids=["labels", "no labels"])
def test_all_pairs_by_hand(second, labels):
    found = pair_energies(FIRST, second, labels)
    other = slowly(second, labels, "other")
    check(found.other_class, other)
    assert found.labelled == (labels is not None)
    if labels is None:
        assert found.same_class is found.false_negatives is found.false_separation is None
        assert found.false_closest.shape == (0, 2)
    else:
        same = slowly(second, labels, "same")
        check(found.same_class, same)
        assert found.false_negatives == pytest.approx(len(same) / (len(same) + len(other)))
        truth = [0] * len(same) + [1] * len(other)
        expected = roc_auc_score(truth, [one[0] for one in same + other])
        assert found.false_separation == pytest.approx(expected)
    if second is None:
        assert found.positives is found.separation is found.common is None
        assert len(found.farthest) == 0
    else:
        positive = slowly(second, labels, "positive")
        check(found.positives, positive)
        truth = [0] * len(positive) + [1] * len(other)
        expected = roc_auc_score(truth, [one[0] for one in positive + other])
        assert found.separation == pytest.approx(expected)
        far = sorted(positive, key=lambda one: -one[0])
        assert found.farthest.tolist() == [i for _, i, _ in far]
    best = min(other)
    assert found.closest[0].tolist() == sorted(best[1:])


def test_pairs_are_named_once_in_order():
    found = pair_energies(FIRST, SECOND, LABELS)
    for pairs in (found.closest, found.false_closest):
        named = [tuple(pair) for pair in pairs.tolist()]
        assert len(named) == len(set(named))
        assert all(a < b for a, b in named)
        least = [min(energy(FIRST[a], SECOND[b]), energy(FIRST[b], SECOND[a])) for a, b in named]
        assert least == sorted(least)
    assert all(LABELS[a] != LABELS[b] for a, b in found.closest)
    assert all(LABELS[a] == LABELS[b] for a, b in found.false_closest)


def test_views_without_noise_have_no_energy():
    found = pair_energies(FIRST, 3 * FIRST, LABELS)
    assert found.positives.mean == pytest.approx(0, abs=1e-6)
    assert found.separation == 1
    assert found.common == pytest.approx(0)


def test_a_collapsed_encoder_tells_nothing_apart():
    ones = np.ones((COUNT, 3))
    found = pair_energies(ones, ones, LABELS)
    assert found.separation == found.false_separation == pytest.approx(0.5)
    assert found.common == pytest.approx(1)


def test_classes_without_a_second_image_have_no_false_negatives():
    found = pair_energies(FIRST[:3], None, np.array([0, 1, 2]))
    assert found.same_class is None
    assert found.false_negatives == 0


def test_bad_requests_say_what_to_do(monkeypatch):
    with pytest.raises(ValueError, match="all labelled images are of one class"):
        pair_energies(FIRST, SECOND, np.zeros(COUNT, int))
    with pytest.raises(ValueError, match="one per image"):
        pair_energies(FIRST, SECOND, LABELS[1:])
    with pytest.raises(ValueError, match="same images"):
        pair_energies(FIRST, SECOND[1:])
    with pytest.raises(ValueError, match="pairs of 2 to"):
        pair_energies(FIRST[:1])
    with pytest.raises(ValueError, match="NaN"):
        pair_energies(np.full((3, 2), np.nan))
    monkeypatch.setattr(pair_energy, "MOST", 5)
    with pytest.raises(ValueError, match="got 12"):
        pair_energies(FIRST)
