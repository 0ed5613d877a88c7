"""One encoder's linear classifier, as the functions of the library say it."""

import numpy as np
import pytest

from sslcore.assessment.solved import solved
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.evaluation import linear


def test_it_is_chosen_on_the_bank_and_asked_on_the_queries(subject: Subject) -> None:
    told: list[str] = []
    watch = Watch(lambda stage, *_: told.append(stage))
    probe, scores, _ = solved(subject, "trained", 0.25, 3, watch)
    parts, labels = subject.features("trained"), subject.labels
    expected, _ = linear.chosen(parts.bank, labels.bank, validation=0.25, seed=3)
    assert probe.penalty == expected.penalty
    right = expected.scores(parts.queries).argmax(1).numpy() == labels.queries
    assert np.isclose(scores.top_1, right.mean())
    assert set(told) <= {"Features, trained", "Linear, trained"}
    assert "Linear, trained" in told


def test_a_penalty_at_the_end_of_the_range_is_a_remark(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remark(tried: dict[float, float]) -> str:
        monkeypatch.setattr(linear, "chosen", lambda *_, **__: (probe, tried))
        return solved(subject, "trained", 0.25, 3, Watch())[2]

    probe, _ = linear.chosen(
        subject.features("trained").bank, subject.labels.bank, penalties=(1e-7,)
    )
    assert remark({1e-6: 0.5, 1e-7: 0.6}) == (
        "trained: of all penalties the weakest, 1e-07, did best; a weaker one might do better "
        "still."
    )
    assert remark({1e-7: 0.6, 1e-8: 0.5}) == (
        "trained: of all penalties the strongest, 1e-07, did best; a stronger one might do better "
        "still."
    )
    assert remark({1e-6: 0.5, 1e-7: 0.6, 1e-8: 0.4}) == ""
    assert remark({}) == ""
