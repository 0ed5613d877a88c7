import numpy as np
import pytest

from sslcore.assessment.drawing import drawn
from sslcore.assessment.subject import Subject


def test_images_come_with_their_features(subject: Subject) -> None:
    parts = subject.features("trained")
    for split, rows in (
        ("held-out", subject.queries),
        ("training", subject.bank),
        ("all", np.concatenate([subject.bank, subject.queries])),
    ):
        some = drawn(subject, split, 1000)
        assert np.array_equal(some.rows, rows)
        assert len(some.of(parts)) == len(rows)
    assert np.array_equal(drawn(subject, "held-out", 1000).of(parts), parts.queries)


def test_few_are_drawn_the_same_way_every_time(subject: Subject) -> None:
    some, again = drawn(subject, "all", 9, 4), drawn(subject, "all", 9, 4)
    assert np.array_equal(some.rows, again.rows)
    assert len(set(some.rows.tolist())) == 9
    assert not np.array_equal(some.rows, drawn(subject, "all", 9, 5).rows)
    parts = subject.features("trained")
    everything = dict(
        zip(
            np.concatenate([subject.bank, subject.queries]).tolist(),
            np.concatenate([parts.bank, parts.queries]),
            strict=True,
        )
    )
    for row, features in zip(some.rows.tolist(), some.of(parts), strict=True):
        assert np.array_equal(features, everything[row])


def test_without_held_out_images_it_says_so(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Subject, "queries", np.zeros(0, np.int64))
    with pytest.raises(ValueError, match="held_out"):
        drawn(subject, "held-out", 5)
