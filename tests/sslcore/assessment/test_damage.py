"""Energies of damaged images under methods of every family, on their own kinds of folder."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sslcore.assessment import damage
from sslcore.assessment.damage import Damaged, damaged
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.evaluation.corrupted import by_strength
from sslcore.evaluation.corruptions import CORRUPTIONS
from sslcore.evaluation.distributions import auroc
from sslcore.runs.directory import RunDirectory
from tests.sslcore.engine import tiny

Make = Callable[[str], Subject]


@pytest.fixture
def make(images: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Make:
    def opened(key: str, **changes: object) -> Subject:
        recipe = tiny.recipe(images, key, **{"schedule__epochs": 1, **changes})
        directory = RunDirectory.create(tmp_path / key, recipe)
        list(directory.record(train(recipe, Control(), directory)))
        directory.close()
        subject = Subject.open(RunDirectory.open(tmp_path / key))
        request.addfinalizer(subject.close)
        return subject

    return opened


EXPECTED = {
    "denoising_autoencoder": ("held-out", "image", True),
    "colorization": ("held-out", "image", False),
    "rotation": ("held-out", "image", True),
    "relative_position": ("held-out", "image", True),
    "simclr": ("held-out", "view", True),
    "instance_discrimination": ("training", "image", False),
    "moco_v2": ("held-out", "view", True),
    "byol": ("held-out", "view", True),
    "dino": ("held-out", "view", True),
    "vicreg": ("held-out", "view", True),
    "swav": ("held-out", "view", True),
    "mae": ("held-out", "image", True),
    "clip": ("held-out", "image", True),
    "frame_prediction": ("training", "image", False),  # three sequences are too few to hold out
    "cross_view": ("held-out", "image", False),
}


@pytest.mark.parametrize("key", EXPECTED)
def test_every_family_has_energies(make: Make, key: str) -> None:
    subject = make(key)
    found = damaged(subject, 6, "auto", 0, Watch())
    split, side, untrained = EXPECTED[key]
    assert (found.split, found.side) == (split, side)
    assert [one.key for one in found.kinds] == list(CORRUPTIONS)
    assert sum(found.clean.counts) == found.clean.count > 0
    for kind in found.kinds:
        assert (kind.untrained is not None) == untrained
        assert len(kind.auroc) == len(kind.spreads) == len(kind.strengths) == len(kind.rises)
        assert all(0 <= one <= 1 for one in kind.auroc)
        assert all(sum(one.counts) == found.clean.count for one in kind.spreads)
    rows = subject.queries if split == "held-out" else subject.bank
    assert set(found.lowest) <= set(rows.tolist())


def test_figures_are_those_of_the_library(subject: Subject) -> None:
    found = damaged(subject, 100, "image", 3, Watch())
    method = subject.method()
    recipe, facts = subject.recipe, subject.opened.checkpoint.facts
    rows = np.sort(subject.queries)
    own = by_strength(
        method.energy,
        recipe.view_plan(facts),
        subject.material.source(recipe, facts).sample,
        rows,
        tuple(CORRUPTIONS.values()),
        side="image",
        seed=3,
        image_size=16,
    )
    assert found.clean.mean == pytest.approx(float(own.clean.mean()))
    assert found.clean.median == pytest.approx(float(np.median(own.clean)))
    assert found.lowest == tuple(rows[np.argsort(own.clean)].tolist())
    assert found.highest == found.lowest[::-1]
    for kind in found.kinds:
        energies = own.corrupted[kind.key]
        assert kind.auroc == pytest.approx([auroc(own.clean, row) for row in energies])
        assert kind.rises == pytest.approx([(row > own.clean).mean() for row in energies])
        assert [one.median for one in kind.spreads] == pytest.approx(np.median(energies, 1))
    assert not found.logarithmic
    assert Damaged.model_validate_json(found.model_dump_json()) == found


def test_bins_are_logarithmic_where_damage_multiplies(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def energy(batch: object) -> object:
        view = batch.views["view_a"]  # type: ignore[attr-defined]
        return 10.0 ** (6 * view.mean((1, 2, 3, 4)))

    monkeypatch.setattr(type(subject.method()), "energy", lambda self, batch: energy(batch))
    monkeypatch.setattr(damage, "WIDE", 2.0)
    found = damaged(subject, 100, "image", 0, Watch())
    assert found.logarithmic
    assert 0 <= found.edges[0] < found.edges[-1] <= 6
    low, high = found.clean.quantiles[0], found.clean.quantiles[-1]
    places = np.flatnonzero(found.clean.counts)
    assert found.edges[places[0]] <= np.log10(low)
    assert found.edges[places[-1] + 1] >= np.log10(high)


def test_without_held_out_images_training_images_are_damaged(make: Make) -> None:
    subject = make("simclr", data__held_out=0.0)
    found = damaged(subject, 5, "auto", 0, Watch())
    assert found.split == "training"
    assert found.clean.count == 5


def test_it_is_called_off(subject: Subject) -> None:
    with pytest.raises(Cancelled):
        damaged(subject, 5, "auto", 0, Watch(cancelled=lambda: True))
