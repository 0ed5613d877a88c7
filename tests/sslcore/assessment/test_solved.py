"""One encoder's linear classifier, as the functions of the library say it."""

import numpy as np

from sslcore.assessment.solved import solved
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.evaluation import linear


def test_it_is_chosen_on_the_bank_and_asked_on_the_queries(subject: Subject) -> None:
    told: list[str] = []
    probe, scores = solved(subject, "trained", 0.25, 3, Watch(lambda stage, *_: told.append(stage)))
    parts, labels = subject.features("trained"), subject.labels
    expected, _ = linear.chosen(parts.bank, labels.bank, validation=0.25, seed=3)
    assert probe.penalty == expected.penalty
    right = expected.scores(parts.queries).argmax(1).numpy() == labels.queries
    assert np.isclose(scores.top_1, right.mean())
    assert set(told) <= {"Features, trained", "Linear, trained"}
    assert "Linear, trained" in told
