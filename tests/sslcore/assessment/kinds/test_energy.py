"""Energies of a run in one finding, and what is said of them."""

from typing import Any

import pytest

from sslcore.assessment.damage import damaged
from sslcore.assessment.kinds import energy
from sslcore.assessment.kinds.energy import EnergyConfig, EnergyFinding, meaning, measure
from sslcore.assessment.pairs import compared
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.method import registry

SMALL = EnergyConfig(images=6, pairs=30, split="all", moments=5)


def test_it_joins_damage_and_pairs(subject: Subject) -> None:
    found = measure(subject, SMALL, Watch())
    assert found.damaged == damaged(subject, 6, "auto", 0, Watch())
    assert found.pairs == compared(subject, "all", 30, "features", 5, 0, Watch())
    assert found.meaning == "1 - cosine of the projections of the two views"
    assert found.comparing
    separation = found.pairs.now["trained"].separation
    assert found.headline() == f"pairs AUROC {separation:.2f}"
    text = "\n".join(found.lines())
    assert "Gaussian noise" in text
    assert "are of the same class" in text
    assert "positives are known from 2 checkpoints (run.keep_checkpoints" in text
    assert "negatives of whole images from 3 sets of features" in text
    assert EnergyFinding.model_validate_json(found.model_dump_json()) == found


def test_projections_have_less_of_a_past(subject: Subject) -> None:
    found = measure(subject, SMALL.changed(layer="projection"), Watch())
    assert "kept features say nothing of projections" in found.sentences[-1]
    none = measure(subject, SMALL.changed(moments=0), Watch())
    assert "past" not in none.sentences[-1]


def test_sentences_part_what_raises_and_what_lowers_the_energy(subject: Subject) -> None:
    found = damaged(subject, 6, "image", 0, Watch())
    first, second, third, *others = found.kinds
    made = found.model_copy(
        update={
            "kinds": (
                first.model_copy(update={"auroc": (0.6, 0.97)}),
                second.model_copy(update={"auroc": (0.6, 0.02)}),
                third.model_copy(update={"auroc": (0.6, 0.52)}),
            )
        }
    )
    raised, lowered, equal = energy._of_damage(made)
    assert raised.endswith("Gaussian noise (0.97).")
    assert lowered.endswith("Masking (0.02).")
    assert equal.endswith("Salt and pepper (0.52).")
    assert others


def test_a_generative_method_is_summed_up_by_noise(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = measure(subject, SMALL, Watch()).model_copy(update={"comparing": False})
    assert found.headline() == f"noise AUROC {found.damaged.kinds[0].auroc[-1]:.2f}"


def test_every_method_says_what_its_energy_is() -> None:
    for key, method in registry().items():
        made: Any = method.__new__(method)
        words = meaning(made)
        assert 8 < len(words) < 100, key
        assert not words.startswith("("), key
        assert not words.endswith("."), key


def test_it_is_called_off(subject: Subject) -> None:
    with pytest.raises(Cancelled):
        measure(subject, SMALL, Watch(cancelled=lambda: True))
