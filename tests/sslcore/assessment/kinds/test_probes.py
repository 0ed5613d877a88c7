"""The probes of a run, as the functions of the library say it."""

import pytest

from sslcore.assessment.kinds.probes import ProbesConfig, ProbesFinding, measure
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation import linear, mlp_probe, sgd_probe

QUICK = ProbesConfig(steps=8, hidden=8, crops=True, epochs=1, seed=2)


def test_every_probe_of_every_encoder(subject: Subject) -> None:
    found = measure(subject, QUICK, Watch())
    assert {probe: set(scores) for probe, scores in found.scores.items()} == {
        probe: {"trained", "untrained"} for probe in ("linear", "mlp", "sgd")
    }
    parts, labels = subject.features("untrained"), subject.labels
    network = mlp_probe.chosen(
        parts.bank, labels.bank, training=mlp_probe.Training(8, hidden=8), seed=2
    )
    there = found.scores["mlp"]["untrained"]
    assert there.top_1 == mlp_probe.measure(network, parts.queries, labels.queries).top_1
    assert there.choice.startswith("rate ")
    side = subject.recipe.data.image_size
    moved = sgd_probe.chosen(
        subject.encode("untrained"),
        subject.material.pixels,
        subject.bank,
        labels.bank,
        image_size=side,
        epochs=1,
        seed=2,
    )
    expected = linear.measure(moved, parts.queries, labels.queries)
    assert found.scores["sgd"]["untrained"].top_1 == expected.top_1
    assert found.scores["sgd"]["untrained"].top_5 == expected.top_5
    assert found.asked == len(subject.queries)


def test_crops_are_asked_for_and_it_is_plain_json(subject: Subject) -> None:
    found = measure(subject, QUICK.changed(crops=False), Watch())
    assert set(found.scores) == {"linear", "mlp"}
    assert ProbesFinding.model_validate_json(found.model_dump_json()) == found
    assert found.headline().endswith("%")
    assert len(found.lines()) == 6
    assert found.lines()[0].startswith("Linear, exact")


def test_it_can_be_called_off(subject: Subject) -> None:
    subject.features("trained")
    with pytest.raises(Cancelled):
        measure(subject, QUICK, Watch(cancelled=lambda: True))
