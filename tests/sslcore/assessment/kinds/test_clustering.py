"""Clusters of every encoder, as the functions of the library say it."""

import numpy as np
import pytest

from sslcore.assessment.contract import find
from sslcore.assessment.kinds.clustering import ClusteringConfig, ClusteringFinding, measure
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation import clustering
from sslcore.evaluation.cluster_agreement import agree
from sslcore.evaluation.cluster_verdict import judge

EVERYTHING = ClusteringConfig(split="all", starts=2, smallest=3)


def test_every_encoder_is_clustered(subject: Subject) -> None:
    found = measure(subject, EVERYTHING, Watch())
    assert found.classes == ("dark", "light")
    assert len(found.rows) == found.labelled == 30
    truth = subject.material.catalogue.labels[list(found.rows)]
    assert np.array_equal(found.truth, truth)
    for name in ("trained", "untrained", "pixels"):
        parts = subject.features(name)
        points = clustering.scaled(np.concatenate([parts.bank, parts.queries]), "unit", 32)
        expected = clustering.k_means(points, 2, 2)
        own = found.encoders[name]
        assert own.sizes == tuple(expected.sizes.tolist())
        agreement = agree(truth, expected.numbers, 2)
        assert own.scores is not None
        assert own.scores.model_dump() == pytest.approx(vars(agreement.scores))
        if name == "trained":
            assert np.array_equal(found.numbers, expected.numbers)
            assert np.array_equal(found.columns, agreement.columns)
            assert np.array_equal(found.table()[:, :2], agreement.table)
            verdict = judge(points, truth, expected.numbers, agreement, found.classes)
            assert found.judged is not None
            assert found.judged.under.sentence == verdict.under.sentence
            assert found.judged.home == pytest.approx(verdict.shares.home)
    assert found.headline().startswith("NMI ")
    assert [line.split()[0] for line in found.lines()[1:4]] == ["trained", "untrained", "pixels"]


def test_rows_of_cases_are_catalogue_rows(subject: Subject) -> None:
    found = measure(subject, ClusteringConfig(split="all", clusters=1), Watch())
    assert found.judged is not None
    (case,) = found.judged.under.cases
    labels = subject.material.catalogue.labels[list(case.rows)]
    assert set(labels.tolist()) == {0, 1}
    assert case.classes == (0, 1)
    assert found.judged.under.level == "unclear"  # one cluster follows no class
    assert found.judged.under.remedy == ""


@pytest.mark.parametrize("algorithm", ["density", "merging"])
def test_other_algorithms(subject: Subject, algorithm: str) -> None:
    config = EVERYTHING.changed(algorithm=algorithm)
    found = measure(subject, config, Watch())
    own = found.encoders["trained"]
    assert sum(own.sizes) + own.noise == 30
    assert (np.asarray(found.numbers) == -1).sum() == own.noise
    assert found.table().sum() == 30
    assert found.table()[:, -1].sum() == own.noise


def test_without_labels_it_says_what_can_be_said(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlabelled = np.full_like(subject.material.catalogue.labels, -1)
    object.__setattr__(subject.material.catalogue, "labels", unlabelled)
    found = measure(subject, EVERYTHING, Watch())
    own = found.encoders["trained"]
    assert found.judged is None
    assert own.scores is None
    assert len(own.sizes) == 10
    assert own.silhouette is not None
    assert found.headline() == "10 clusters"
    assert "No labels" in found.lines()[-1]
    assert not find("clustering").needs_labels


def test_one_class_is_no_class(subject: Subject) -> None:
    object.__setattr__(
        subject.material.catalogue, "labels", np.zeros_like(subject.material.catalogue.labels)
    )
    found = measure(subject, EVERYTHING, Watch())
    assert found.judged is None
    assert found.classes == ()


def test_it_is_plain_json(subject: Subject) -> None:
    found = measure(subject, EVERYTHING, Watch())
    assert ClusteringFinding.model_validate_json(found.model_dump_json()) == found


def test_it_is_called_off(subject: Subject) -> None:
    with pytest.raises(Cancelled):
        measure(subject, EVERYTHING, Watch(cancelled=lambda: True))
