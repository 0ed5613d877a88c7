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


def test_only_images_with_a_label_are_asked(subject: Subject) -> None:
    labels = subject.material.catalogue.labels.copy()
    assert measure(subject, KnnConfig(), Watch()).remarks == ()
    labels[subject.queries[:2]] = -1
    labels[subject.bank[labels[subject.bank] == 1]] = -1  # nothing light to learn from
    object.__setattr__(subject.material.catalogue, "labels", labels)
    found = measure(subject, KnnConfig(), Watch())
    assert found.asked == len(subject.queries) - 2
    assert found.remarks[0].startswith("Asked for but never shown: light.")
    assert found.lines()[-1] == found.remarks[-1]


def test_the_same_k_twice_is_asked_once(subject: Subject) -> None:
    assert measure(subject, KnnConfig(neighbours=3, second=3), Watch()).neighbours == (3,)


def test_it_is_called_off(subject: Subject) -> None:
    with pytest.raises(Cancelled):
        measure(subject, KnnConfig(), Watch(cancelled=lambda: True))
