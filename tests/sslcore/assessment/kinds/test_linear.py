"""Linear evaluation of every encoder, as the functions of the library say it."""

from typing import Any

import numpy as np
import pytest

from sslcore.assessment.kinds import linear as kind
from sslcore.assessment.kinds.linear import LinearConfig, LinearFinding, measure
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.evaluation import linear


def test_every_encoder_is_asked(subject: Subject) -> None:
    found = measure(subject, LinearConfig(validation=0.25, seed=3), Watch())
    labels = subject.labels
    assert found.classes == subject.classes
    assert np.array_equal(found.truth, labels.queries)
    assert np.array_equal(found.rows, subject.queries)
    for name, scores in found.scores.items():
        parts = subject.features(name)
        probe, _ = linear.chosen(parts.bank, labels.bank, validation=0.25, seed=3)
        expected = linear.measure(probe, parts.queries, labels.queries)
        assert scores.top_1 == expected.top_1
        assert scores.penalty == probe.penalty
        assert np.array_equal(scores.confusion, expected.confusion)
        right = np.equal(scores.predicted, found.truth)
        assert right.mean() == expected.top_1
        wrong = np.flatnonzero(~right)
        assert np.array_equal(wrong, expected.wrong)
    assert set(found.scores) == {"trained", "untrained", "pixels"}


def test_classes_on_one_side_are_a_remark(subject: Subject) -> None:
    labels = subject.material.catalogue.labels.copy()
    labels[subject.queries[0]] = -1
    dark = subject.queries[labels[subject.queries] == 0]
    labels[dark] = 1
    object.__setattr__(subject.material.catalogue, "labels", labels)
    found = measure(subject, LinearConfig(), Watch())
    assert found.asked == len(subject.queries) - 1
    assert found.remarks[0].startswith("Shown but never asked for: dark.")
    assert found.lines()[-1] == found.remarks[0]


def test_a_penalty_at_the_end_of_its_range_is_a_remark(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = kind.solved

    def at_the_end(subject: Subject, name: str, *rest: Any) -> Any:
        probe, scores, _ = whole(subject, name, *rest)
        return probe, scores, f"{name}: at the end." if name == "pixels" else ""

    monkeypatch.setattr(kind, "solved", at_the_end)
    found = measure(subject, LinearConfig(), Watch())
    assert found.remarks == ("pixels: at the end.",)
    assert found.lines()[-1] == "pixels: at the end."


def test_it_is_plain_json(subject: Subject) -> None:
    found = measure(subject, LinearConfig(), Watch())
    assert LinearFinding.model_validate_json(found.model_dump_json()) == found
    assert found.headline().endswith("%")
    assert len(found.lines()) == 4
