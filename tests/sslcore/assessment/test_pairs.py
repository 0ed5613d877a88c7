"""Pairs of a run, as the functions of the library see them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sslcore.assessment.drawing import Split
from sslcore.assessment.pairs import Compared, compared
from sslcore.assessment.subject import Layer, Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation.pair_energy import pair_energies
from sslcore.evaluation.two_views import comparable_views, two_views
from sslcore.runs.directory import RunDirectory


def asked(
    subject: Subject, layer: Layer = "features", most: int = 9, split: Split = "all"
) -> Compared:
    return compared(subject, split, 30, layer, most, 0, Watch())


@pytest.mark.parametrize("layer", ["features", "projection"])
def test_now_is_what_the_library_says(subject: Subject, layer: Layer) -> None:
    found = asked(subject, layer)
    assert found.own_views
    assert found.labelled
    rows = np.concatenate([subject.bank, subject.queries])
    labels = subject.material.catalogue.labels[rows]
    plan = comparable_views(subject.recipe.view_plan(subject.opened.checkpoint.facts))
    assert plan is not None
    for name in ("trained", "untrained"):
        method = subject.method(name)
        views = two_views(
            lambda images, method=method: method.embed(images, layer),
            subject.material.pixels, plan, rows, subject.material.pixels.side, 0, "energy views",
        )  # fmt: skip
        expected = pair_energies(*views, labels)
        own = found.now[name]
        assert own.positives is not None
        assert own.same is not None
        assert expected.positives is not None
        assert own.positives.mean == expected.positives.mean
        assert own.other.counts == tuple(expected.other_class.counts.tolist())
        assert own.separation == expected.separation
        if name == "trained":
            assert found.false_negatives == expected.false_negatives
            assert found.shown.farthest == tuple(rows[expected.farthest].tolist())
            assert found.shown.closest[0] == tuple(rows[expected.closest[0]].tolist())
            a, b = np.array(found.shown.false_closest).T
            catalogue = subject.material.catalogue.labels
            assert np.array_equal(catalogue[a], catalogue[b])


def test_the_past_has_checkpoints_and_kept_features(subject: Subject) -> None:
    found = asked(subject)
    assert [(one.step, one.source) for one in found.past] == [
        (0, "embedding"), (3, "checkpoint"), (3, "embedding"), (6, "checkpoint"), (6, "embedding"),
    ], "views were kept of held-out images, and all are asked for"  # fmt: skip
    assert found.past[3].pairs == found.now["trained"]
    kept = found.past[2].pairs
    assert kept.positives is kept.separation is None
    rows, features = subject.directory.embedding(3)
    labels = subject.material.catalogue.labels[rows]
    assert kept.other.mean == pair_energies(features, None, labels).other_class.mean
    projections = asked(subject, "projection")
    assert [(one.step, one.source) for one in projections.past] == [
        (3, "checkpoint"), (6, "checkpoint"),
    ]  # fmt: skip
    assert projections.past[1].pairs == projections.now["trained"]
    assert asked(subject, most=0).past == ()


def test_pixels_and_encoders_from_outside_are_asked_as_well(subject: Subject) -> None:
    subject.outside["mean colour"] = lambda images: images.mean((-2, -1))
    try:
        found = asked(subject, most=0)
        assert list(found.now) == ["trained", "untrained", "pixels", "mean colour"]
        rows = np.concatenate([subject.bank, subject.queries])
        plan = comparable_views(subject.recipe.view_plan(subject.opened.checkpoint.facts))
        assert plan is not None
        pixels = subject.material.pixels
        views = two_views(
            subject.outside["mean colour"], pixels, plan, rows, pixels.side, 0, "energy views"
        )
        expected = pair_energies(*views, subject.material.catalogue.labels[rows])
        assert found.now["mean colour"].separation == expected.separation
        assert list(asked(subject, "projection", 0).now) == ["trained", "untrained"]
        subject.omitted = frozenset({"untrained", "pixels"})
        names = list(asked(subject, most=0).now)
        assert names == ["trained", "untrained", "mean colour"], "training is told from its start"
    finally:
        subject.omitted = frozenset()
        subject.outside.clear()


def test_evaluations_have_the_energies_of_the_views_they_looked_at(subject: Subject) -> None:
    past = asked(subject, split="held-out").past
    assert [(one.step, one.source) for one in past] == [
        (step, source) for step in (0, 3, 6) for source in ("embedding", "evaluation")
    ]
    last = past[-1]
    assert last.pairs.positives is not None
    rows = subject.queries
    plan = comparable_views(subject.recipe.view_plan(subject.opened.checkpoint.facts))
    assert plan is not None
    pixels, seed = subject.material.pixels, subject.recipe.run.seed
    views = two_views(subject.method().embed, pixels, plan, rows, pixels.side, seed, "probe views")
    expected = pair_energies(*views, subject.material.catalogue.labels[rows])
    assert expected.positives is not None
    assert last.pairs.positives.count == len(rows)
    assert last.pairs.positives.mean == pytest.approx(expected.positives.mean, abs=2e-3)
    assert last.pairs.other.mean == pytest.approx(expected.other_class.mean, abs=2e-3)
    assert last.pairs.separation == pytest.approx(expected.separation, abs=0.02)


@pytest.fixture
def damaged_run(trained: Path, tmp_path: Path) -> Iterator[Subject]:
    shutil.copytree(trained, tmp_path / "run")
    first = sorted((tmp_path / "run" / "checkpoints").iterdir())[0]
    (first / "weights.safetensors").write_bytes(b"broken")
    for file in (tmp_path / "run" / "embeddings").iterdir():  # as runs of before kept them
        with np.load(file) as found:
            old = {name: found[name] for name in ("index", "features", "paths")}
        np.savez(file, **old)
    with Subject.open(RunDirectory.open(tmp_path / "run")) as opened:
        yield opened


def test_damaged_checkpoints_are_left_out(damaged_run: Subject) -> None:
    found = asked(damaged_run)
    assert [(one.step, one.source) for one in found.past] == [
        (0, "embedding"), (3, "embedding"), (6, "checkpoint"), (6, "embedding"),
    ]  # fmt: skip
    assert found.past[2].pairs == found.now["trained"]


def test_without_labels_negatives_are_one_heap(subject: Subject) -> None:
    labels = np.full_like(subject.material.catalogue.labels, -1)
    object.__setattr__(subject.material.catalogue, "labels", labels)
    found = asked(subject)
    assert not found.labelled
    assert found.false_negatives is None
    assert found.now["trained"].same is None
    assert found.now["trained"].other.count == 30 * 29
    assert found.shown.false_closest == ()


def test_it_is_plain_json(subject: Subject) -> None:
    found = asked(subject)
    assert Compared.model_validate_json(found.model_dump_json()) == found


def test_it_is_called_off(subject: Subject) -> None:
    with pytest.raises(Cancelled):
        compared(subject, "all", 30, "features", 9, 0, Watch(cancelled=lambda: True))
