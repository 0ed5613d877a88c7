import numpy as np
import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation import duplicates as module
from sslcore.evaluation.duplicates import near_duplicates, same_rows


def crowd(seed=0, count=90):
    """Rows of which some are alike, some nearly, most not."""
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(count, 8)).astype(np.float32)
    for _ in range(30):
        source, target = generator.integers(count, size=2)
        rows[target] = rows[source] * generator.uniform(0.5, 2) + generator.normal(size=8) * 0.05
    return rows


def plainly(features, threshold):
    """Pairs by two loops, groups by colouring; (rows, closest) of the closest first."""
    rows = features.astype(np.float64)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    count = len(rows)
    pairs = {
        (i, j): min(float(rows[i] @ rows[j]), 1.0)
        for i in range(count)
        for j in range(i + 1, count)
        if float(rows[i] @ rows[j]) >= threshold
    }
    colour = list(range(count))
    for i, j in pairs:
        old, new = colour[j], colour[i]
        colour = [new if one == old else one for one in colour]
    groups = []
    for one in set(colour):
        members = [row for row in range(count) if colour[row] == one]
        if len(members) > 1:
            inside = {pair: value for pair, value in pairs.items() if pair[0] in members}
            best = [max(v for pair, v in inside.items() if row in pair) for row in members]
            groups.append((members, best, max(inside.values())))
    return sorted(groups, key=lambda group: (-group[2], group[0][0])), len(pairs)


@pytest.mark.parametrize("threshold", [0.99, 0.9, 0.5])
def test_equals_two_plain_loops(threshold):
    features = crowd()
    found = near_duplicates(features, threshold)
    groups, pairs = plainly(features, threshold)
    assert [one.rows.tolist() for one in found.groups] == [group[0] for group in groups]
    assert (found.pairs, found.images, found.capped) == (pairs, 90, False)
    assert found.closest == pytest.approx(groups[0][2], abs=1e-9)
    for one, (_, best, closest) in zip(found.groups, groups, strict=True):
        np.testing.assert_allclose(one.cosines, best, atol=1e-7)
        assert one.closest == pytest.approx(closest, abs=1e-7)


def test_blocks_change_nothing(monkeypatch):
    features = crowd(3)
    whole = near_duplicates(features, 0.8)
    monkeypatch.setattr(module, "_SIDE", 7)
    monkeypatch.setattr(module, "_CELLS", 11)
    told = []
    parts = near_duplicates(features, 0.8, progress=lambda *word: told.append(word))
    assert told[0] == (7, 90)
    assert told[-1] == (90, 90)
    assert parts.pairs == whole.pairs
    for one, other in zip(parts.groups, whole.groups, strict=True):
        assert one.rows.tolist() == other.rows.tolist()
        assert one.cosines.tolist() == other.cosines.tolist()


def test_the_order_of_images_does_not_matter():
    features = crowd(4)
    order = np.random.default_rng(0).permutation(len(features))
    first, second = near_duplicates(features, 0.9), near_duplicates(features[order], 0.9)
    assert {frozenset(one.rows.tolist()) for one in first.groups} == {
        frozenset(order[one.rows].tolist()) for one in second.groups
    }


def test_a_chain_is_one_group_though_its_ends_are_not_alike():
    angles = np.radians([0, 10, 20, 90])
    features = np.stack([np.cos(angles), np.sin(angles)], 1)
    found = near_duplicates(features, float(np.cos(np.radians(11))))
    assert [one.rows.tolist() for one in found.groups] == [[0, 1, 2]]
    assert found.pairs == 2


def test_equal_rows_are_pairs_at_every_threshold_and_counted_once_each():
    features = crowd(5, 40)
    features[[3, 9, 20]] = features[3]
    features[[5, 6]] = 0.0
    features[6] *= -1  # minus zero
    found = near_duplicates(features, 1.0)
    assert [one.rows.tolist() for one in found.groups] == [[3, 9, 20], [5, 6]]
    assert found.pairs == 3 + 1
    assert found.closest == 1.0
    assert same_rows(features) == ((3, 9, 20), (5, 6))
    features[30] = features[3] * 3
    again = near_duplicates(features, 1.0)
    assert again.groups[0].rows.tolist() == [3, 9, 20, 30]
    assert again.pairs == 6 + 1


def test_of_too_many_pairs_the_closest_are_kept(monkeypatch):
    monkeypatch.setattr(module, "_SIDE", 16)
    generator = np.random.default_rng(0)
    features = (generator.normal(size=(80, 6)) * 0.05 + 1).astype(np.float32)  # nearly collapsed
    everything = near_duplicates(features, 0.5)
    assert everything.pairs == 80 * 79 // 2
    assert len(everything.groups) == 1
    few = near_duplicates(features, 0.5, most=10)
    assert few.capped
    assert few.pairs == 10
    unit = (
        features.astype(np.float64) / np.linalg.norm(features.astype(np.float64), axis=1)[:, None]
    )
    cosines = (unit @ unit.T)[np.triu_indices(80, 1)]
    tenth = np.sort(cosines)[-10]
    groups, pairs = plainly(features, tenth)
    assert pairs == 10
    assert [one.rows.tolist() for one in few.groups] == [group[0] for group in groups]


def test_a_fully_collapsed_encoder_is_one_group_without_a_table():
    found = near_duplicates(np.ones((3000, 4)), 0.99, most=5)
    assert [len(one.rows) for one in found.groups] == [3000]
    assert found.pairs == 3000 * 2999 // 2
    assert not found.capped


def test_nothing_alike_and_one_image():
    for features in (np.eye(4), np.ones((1, 3)), np.diag([1.0, 0.0, 2.0])):
        found = near_duplicates(features, 0.1)
        assert (found.groups, found.pairs, found.closest) == ((), 0, None)
    assert same_rows(np.eye(3)) == ()


def test_refuses_what_cannot_be_searched():
    for threshold in (-1.0, 1.01, np.nan):
        with pytest.raises(ValueError, match="threshold is a cosine"):
            near_duplicates(np.eye(3), threshold)
    with pytest.raises(ValueError, match="most must be at least 1"):
        near_duplicates(np.eye(3), 0.9, 0)
    for search in (near_duplicates, same_rows):
        with pytest.raises(ValueError, match="first in row 2"):
            search(np.array([[1.0], [2.0], [np.nan]]))
    with pytest.raises(Cancelled):
        near_duplicates(np.eye(3), cancelled=lambda: True)
