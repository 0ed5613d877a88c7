"""Spectra of a run, as the functions of the library say them."""

import numpy as np
import pytest

from sslcore.assessment.kinds import collapse
from sslcore.assessment.kinds.collapse import CollapseConfig, CollapseFinding, measure
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation.spectrum import spectrum, told
from sslcore.method import Method


def test_every_space_and_the_past(subject: Subject) -> None:
    found = measure(subject, CollapseConfig(split="all"), Watch())
    assert list(found.spaces) == ["trained", "untrained", "projection"]
    for name, parts in (
        ("trained", subject.features("trained")),
        ("untrained", subject.features("untrained")),
        ("projection", subject.features("trained", "projection")),
    ):
        expected = spectrum(np.concatenate([parts.bank, parts.queries]))
        own = found.spaces[name].figures
        assert own.effective_rank == expected.effective_rank
        assert own.rank_me == expected.rank_me
        assert (own.dead, own.void, own.state) == (
            len(expected.dead),
            expected.void,
            expected.state,
        )
        assert own.ranks == tuple(range(1, expected.dimensions + 1))
        np.testing.assert_allclose(own.logarithms, expected.logarithms, atol=1e-4)
        assert (found.spaces[name].sentence, found.spaces[name].remedy) == told(expected)
    assert [one.step for one in found.past] == [0, 3, 6]
    _, features = subject.directory.embedding(3)
    assert found.past[1].figures.effective_rank == spectrum(features).effective_rank
    assert found.headline() == (
        f"rank {found.spaces['trained'].figures.effective_rank:.1f} of "
        f"{found.spaces['trained'].figures.dimensions}"
    )
    lines = found.lines()
    assert lines[1].startswith("trained")
    assert lines[-1].startswith("epoch 2")


def test_the_past_can_be_left_alone(subject: Subject) -> None:
    found = measure(subject, CollapseConfig(split="all", moments=0), Watch())
    assert found.past == ()
    assert "over the run" not in "".join(found.lines())


def test_a_method_without_a_head_has_no_projection(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls: type[Method] = type(subject.method())
    monkeypatch.setattr(cls, "projection", lambda self, features: features)
    assert "projection" not in measure(subject, CollapseConfig(split="all"), Watch()).spaces


def test_a_collapsed_encoder_is_called_so(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls: type[Method] = type(subject.method())
    monkeypatch.setattr(
        cls, "embed", lambda self, images, layer="features": images[:, :, 0, 0] * 0 + 1
    )
    found = measure(subject, CollapseConfig(split="all"), Watch())
    assert found.headline() == "collapsed"
    assert found.spaces["trained"].dead == (0, 1, 2)
    assert "Collapsed" in found.lines()[3]


def test_long_spectra_keep_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert np.array_equal(collapse._ranks(256), np.arange(256))
    ranks = collapse._ranks(2048)
    assert len(ranks) <= 256
    assert ranks[:20].tolist() == list(range(20))
    assert ranks[-1] == 2047
    assert (np.diff(ranks) > 0).all()


def test_it_is_plain_json(subject: Subject) -> None:
    found = measure(subject, CollapseConfig(split="all"), Watch())
    assert CollapseFinding.model_validate_json(found.model_dump_json()) == found


def test_it_is_called_off(subject: Subject) -> None:
    with pytest.raises(Cancelled):
        measure(subject, CollapseConfig(), Watch(cancelled=lambda: True))
