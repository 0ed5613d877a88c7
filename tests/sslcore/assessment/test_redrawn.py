"""Untrained encoders with other weights for every seed."""

import numpy as np
import pytest
import torch

from sslcore.assessment import redrawn
from sslcore.assessment.redrawn import fresh
from sslcore.assessment.subject import Layer, Subject
from sslcore.evaluation.label_study import Frozen


def sources(subject: Subject) -> list[Frozen]:
    layers: tuple[Layer, ...] = ("features", "projection")
    found: list[tuple[str, Layer]] = [
        (name, layer) for name in ("trained", "untrained") for layer in layers
    ]
    parts = {key: subject.features(*key) for key in found}
    return [Frozen(*key, one.bank, one.queries) for key, one in parts.items()]


def test_every_seed_has_other_weights_and_the_first_has_the_runs_own(subject: Subject) -> None:
    images = subject.images(subject.queries[:4])
    assert fresh(subject, 0) is subject.method("untrained")
    first, one, again, two = (fresh(subject, seed).embed(images) for seed in (0, 1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(first, one)
    assert not torch.equal(one, two)
    trained = subject.method("trained").encoder()
    assert torch.equal(fresh(subject, 1).encoder().mean, trained.mean)


def test_layers_stand_side_by_side(subject: Subject) -> None:
    images = subject.images(subject.queries[:4])
    made = redrawn.of(subject, ("features", "projection"), 2, sources(subject))
    assert made is not None
    found = made.make(1)(images)
    method = fresh(subject, 1)
    expected = [method.embed(images), method.embed(images, "projection")]
    np.testing.assert_allclose(found, torch.cat(expected, 1), rtol=1e-6)
    only = redrawn.of(subject, ("features",), 2, sources(subject))
    assert only is not None
    assert torch.equal(only.make(1)(images), expected[0])
    assert torch.equal(
        made.make(0)(images)[:, : len(expected[0][0])], subject.encode("untrained")(images)
    )


def test_nothing_is_redrawn_for_one_seed_or_without_room(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = sources(subject)
    assert redrawn.of(subject, ("features",), 1, given) is None
    assert redrawn.of(subject, ("features",), 3, given[:2]) is None  # trained ones alone
    size = sum(one.bank.nbytes + one.queries.nbytes for one in given[2:])
    monkeypatch.setattr(redrawn, "ROOM", 2 * size)
    assert redrawn.of(subject, ("features",), 3, given) is not None
    assert redrawn.of(subject, ("features",), 4, given) is None
