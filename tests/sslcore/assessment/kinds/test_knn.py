"""kNN of every encoder, as the function of the library says it."""

import pytest

from sslcore.assessment.kinds.knn import KnnConfig, measure
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation import knn


def test_every_encoder_is_asked(subject: Subject) -> None:
    found = measure(subject, KnnConfig(neighbours=3, second=9), Watch())
    assert found.neighbours == (3, 9)
    labels = subject.labels
    for name in ("trained", "untrained", "pixels"):
        parts = subject.features(name)
        for k, accuracy in zip(found.neighbours, found.accuracy[name], strict=True):
            assert accuracy == knn.accuracy(
                parts.bank, labels.bank, parts.queries, labels.queries, k
            )
    assert found.headline() == f"{100 * found.accuracy['trained'][0]:.1f} %"
    assert [line.split()[0] for line in found.lines()[1:]] == ["trained", "untrained", "pixels"]


def test_the_same_k_twice_is_asked_once(subject: Subject) -> None:
    assert measure(subject, KnnConfig(neighbours=3, second=3), Watch()).neighbours == (3,)


def test_it_is_called_off(subject: Subject) -> None:
    with pytest.raises(Cancelled):
        measure(subject, KnnConfig(), Watch(cancelled=lambda: True))
