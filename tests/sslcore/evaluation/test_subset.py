import numpy as np
import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation.subset import central, densest, diverse


@pytest.fixture
def features():
    generator = np.random.default_rng(0)
    return (generator.normal(size=(70, 5)) * 0.5 + np.eye(5)[np.arange(70) % 3]).astype(np.float32)


def unit(features):
    rows = features.astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_densest_have_the_nearest_neighbours(features):
    found = densest(features, 12, 6)
    rows = unit(features)
    table = 1 - rows @ rows.T
    np.fill_diagonal(table, np.inf)
    mean = np.sort(table, axis=1)[:, :6].mean(1)
    assert found.rows.tolist() == np.argsort(mean)[:12].tolist()
    np.testing.assert_allclose(found.scores, np.sort(mean)[:12], atol=1e-6)


def test_the_most_central_of_every_class_come_in_turn(features):
    labels = np.array([4, -1, 9])[np.arange(70) % 3]
    labels[:30] = np.where(labels[:30] == 9, 4, labels[:30])
    found = central(features, 70, labels)
    rows = unit(features)
    ranks = []
    for label in (4, 9):
        members = np.flatnonzero(labels == label)
        centre = rows[members].mean(0)
        cosines = rows[members] @ centre / np.linalg.norm(centre)
        order = np.argsort(-cosines)
        ranks.append(list(zip(members[order].tolist(), cosines[order].tolist(), strict=True)))
    expected = []
    while any(ranks):
        turn = [one.pop(0) for one in ranks if one]
        expected += sorted(turn, key=lambda pair: -pair[1])
    assert found.rows.tolist() == [row for row, _ in expected]
    np.testing.assert_allclose(found.scores, [cosine for _, cosine in expected], atol=1e-9)
    assert central(features, 5, labels).rows.tolist() == found.rows[:5].tolist()


def test_without_labels_there_is_one_centre(features):
    found = central(features, 4)
    rows = unit(features)
    centre = rows.mean(0) / np.linalg.norm(rows.mean(0))
    assert found.rows.tolist() == np.argsort(-(rows @ centre))[:4].tolist()


def test_diverse_takes_the_farthest_again_and_again(features):
    found = diverse(features, 15, seed=3)
    rows = unit(features)
    taken = [int(found.rows[0])]
    for row, score in zip(found.rows[1:], found.scores[1:], strict=True):
        apart = [min(1 - rows[one] @ rows[other] for other in taken) for one in range(70)]
        assert row == int(np.argmax(apart))
        assert score == pytest.approx(max(apart), abs=1e-6)
        taken.append(int(row))
    assert np.isnan(found.scores[0])
    rest = [min(1 - rows[one] @ rows[other] for other in taken) for one in range(70)]
    assert found.radius == pytest.approx(max(rest), abs=1e-6)
    assert (np.diff(found.scores[1:]) <= 1e-6).all(), "never farther than the one before"


def test_the_radius_is_at_most_twice_that_of_any_subset(features):
    """Gonzalez' bound holds for a metric: the chord of unit vectors, whose square is 2 d."""
    rows, wanted = unit(features), 4
    own = np.sqrt(2 * diverse(features, wanted).radius)
    for seed in range(40):
        chosen = np.random.default_rng(seed).choice(70, wanted, replace=False)
        chords = np.sqrt(np.maximum(2 - 2 * rows @ rows[chosen].T, 0)).min(1).max()
        assert own <= 2 * chords + 1e-6


def test_the_seed_draws_the_first_and_a_beginning_is_a_subset(features):
    firsts = {int(diverse(features, 1, seed).rows[0]) for seed in range(8)}
    assert len(firsts) > 3
    assert diverse(features, 20, 5).rows[:6].tolist() == diverse(features, 6, 5).rows.tolist()
    told = []
    assert len(diverse(features, 99, progress=lambda *word: told.append(word))) == 70
    assert told[-1] == (70, 70)
    assert sorted(diverse(features, 99).rows.tolist()) == list(range(70))
    assert diverse(features, 99).radius == 0


def test_equal_and_zero_rows_are_taken_by_row():
    for value in (0.0, 1.0):
        found = diverse(np.full((6, 3), value), 6)
        rest = [row for row in range(6) if row != found.rows[0]]
        assert found.rows.tolist() == [found.rows[0], *rest]
        assert np.isfinite(found.scores[1:]).all()
        assert densest(np.full((6, 3), value), 3).rows.tolist() == [0, 1, 2]
        assert central(np.full((6, 3), value), 3).rows.tolist() == [0, 1, 2]


def test_one_image():
    one = np.ones((1, 3))
    assert diverse(one, 4).rows.tolist() == [0]
    assert central(one, 4).rows.tolist() == [0]
    with pytest.raises(ValueError, match="one image alone"):
        densest(one, 1)


def test_refuses_what_has_no_answer(features):
    for choose in (densest, central, diverse):
        with pytest.raises(ValueError, match="count must be at least 1"):
            choose(features, 0)
        with pytest.raises(ValueError, match="first in row 1"):
            choose(np.array([[1.0], [np.nan]]), 1)
    with pytest.raises(ValueError, match="no image has a label"):
        central(features, 3, np.full(70, -1))
    with pytest.raises(ValueError, match="one class per feature row"):
        central(features, 3, np.zeros(3))
    for choose in (densest, diverse):
        with pytest.raises(Cancelled):
            choose(features, 3, cancelled=lambda: True)
