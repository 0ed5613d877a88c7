import numpy as np
import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation import mislabelled as module
from sslcore.evaluation.mislabelled import mislabelled


@pytest.fixture
def features():
    generator = np.random.default_rng(0)
    return generator.normal(size=(60, 6)) * 0.4 + np.eye(6)[np.arange(60) % 3]


@pytest.fixture
def labels():
    given = np.arange(60) % 3 * 4  # 0, 4, 8: numbers need not follow one another
    given[[6, 13, 40]] = (8, 0, 8)
    given[[1, 2, 30, 31]] = -1
    return given


def plainly(features, labels, k, temperature=None):
    """Every vote counted one by one: {row: (margin, suggested, share)}."""
    rows = features / np.linalg.norm(features, axis=1, keepdims=True)
    labelled = [row for row in range(len(rows)) if labels[row] >= 0]
    found = {}
    for row in labelled:
        others = sorted(
            (one for one in labelled if one != row), key=lambda one: -rows[one] @ rows[row]
        )
        votes = {}
        for one in others[:k]:
            weight = 1 if temperature is None else np.exp(rows[one] @ rows[row] / temperature)
            votes[labels[one]] = votes.get(labels[one], 0) + weight
        total = sum(votes.values())
        rivals = {label: part for label, part in votes.items() if label != labels[row]}
        if rivals:
            best = max(sorted(rivals), key=lambda label: rivals[label])
            margin = (rivals[best] - votes.get(labels[row], 0)) / total
            if margin > 1e-9:
                found[row] = (margin, best, rivals[best] / total)
    return found


@pytest.mark.parametrize(("k", "temperature"), [(5, None), (9, 0.1), (5, 1.0), (200, None)])
def test_equals_counting_every_vote(features, labels, k, temperature):
    found = mislabelled(features, labels, k, temperature)
    expected = plainly(features, labels, k, temperature)
    assert set(found.rows.tolist()) == set(expected)
    assert found.asked == 56
    for row, margin, label, suggested, share in zip(
        found.rows, found.margins, found.labels, found.suggested, found.shares, strict=True
    ):
        assert margin == pytest.approx(expected[row][0], abs=1e-7)
        assert (label, suggested) == (labels[row], expected[row][1])
        assert share == pytest.approx(expected[row][2], abs=1e-7)
    assert (np.diff(found.margins) <= 1e-9).all()


def test_swapped_labels_come_first_with_what_they_were(labels):
    noise = np.random.default_rng(1).normal(size=(60, 6)) * 0.1
    found = mislabelled(noise + np.eye(6)[np.arange(60) % 3], labels, 10)
    assert set(found.rows[:3].tolist()) == {6, 13, 40}
    told = dict(zip(found.rows.tolist(), found.suggested.tolist(), strict=True))
    assert [told[row] for row in (6, 13, 40)] == [0, 4, 4]


def test_equal_margins_come_by_lower_row_and_equal_votes_by_lower_class():
    features = np.ones((6, 3))
    found = mislabelled(features, np.array([7, 5, 5, 3, 3, 1]), 5)
    assert found.rows.tolist() == [0, 5, 1, 2, 3, 4]
    assert found.suggested.tolist() == [3, 3, 3, 3, 5, 5]
    assert found.margins.tolist() == pytest.approx([0.4, 0.4, 0.2, 0.2, 0.2, 0.2])


def test_chunks_change_nothing(features, labels, monkeypatch):
    whole = mislabelled(features, labels, 7, 0.2)
    monkeypatch.setattr(module, "_CELLS", 5)
    told = []
    parts = mislabelled(features, labels, 7, 0.2, lambda *word: told.append(word))
    assert told == [(56, 56)]
    assert parts.rows.tolist() == whole.rows.tolist()
    assert parts.suggested.tolist() == whole.suggested.tolist()


def test_one_class_has_no_rival(features):
    assert len(mislabelled(features, np.zeros(60, int))) == 0
    assert len(mislabelled(np.zeros((4, 2)), np.zeros(4, int))) == 0


def test_refuses_what_cannot_be_asked(features, labels):
    with pytest.raises(ValueError, match="fewer than two images have a label"):
        mislabelled(features, np.full(60, -1))
    with pytest.raises(ValueError, match="one class per feature row"):
        mislabelled(features, labels[:-1])
    with pytest.raises(ValueError, match="temperature must be above 0"):
        mislabelled(features, labels, temperature=0)
    with pytest.raises(ValueError, match="k must be at least 1"):
        mislabelled(features, labels, 0)
    features[5] = np.inf
    with pytest.raises(ValueError, match="first in row 5"):
        mislabelled(features, labels)
    with pytest.raises(Cancelled):
        mislabelled(np.eye(3), np.arange(3), cancelled=lambda: True)
