"""The few-label study of a run: what the library measures, told as a finding."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sslcore.assessment import kept, redrawn
from sslcore.assessment.contract import find
from sslcore.assessment.few_label_points import Point
from sslcore.assessment.kinds import few_labels as kind
from sslcore.assessment.kinds.few_labels import (
    FewLabelsConfig,
    FewLabelsFinding,
    about,
    measure,
    study_of,
)
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.config import ConfigError
from sslcore.data.pool import Cancelled
from sslcore.data.tags import IN_RUN, TagStore
from sslcore.evaluation import few_labels, linear
from sslcore.evaluation.interval import interval
from sslcore.runs.directory import RunDirectory

QUICK = FewLabelsConfig(budgets="2 per class, 100 %", seeds=2, steps=3, batch_size=8)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLPs of a few steps."""
    whole = kind.study_of

    def cut(subject: Subject, config: FewLabelsConfig, *rest: Any) -> object:
        made = whole(subject, config, *rest)
        settings = replace(made.settings, mlp=replace(made.settings.mlp, steps=4, hidden=8))
        return replace(made, settings=settings)

    monkeypatch.setattr(kind, "study_of", cut)


def test_every_start_readout_and_layer_is_measured(subject: Subject) -> None:
    told: list[tuple[str, int, int]] = []
    found = measure(subject, QUICK, Watch(lambda *one: told.append(one)))
    expected = {
        (start, readout, layer)
        for start in ("trained", "untrained")
        for readout, layers in (
            ("linear", ("features", "projection")),
            ("mlp", ("features", "projection")),
            ("fine_tuning", ("network",)),
        )
        for layer in layers
    } | {("pixels", "linear", "features")}
    assert set(found.curves) == expected
    count = int((subject.labels.bank >= 0).sum())
    assert found.budgets == (("2 per class", 2 * len(subject.classes)), ("100 %", count))
    assert all(len(points) == 2 for points in found.curves.values())
    assert found.classes == len(subject.classes)
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages[-2] == "Estimating the time"
    assert stages[-1].startswith("Few labels, about ")
    assert told[-1][1:] == (few_labels.WHOLE, few_labels.WHOLE)
    assert FewLabelsFinding.model_validate_json(found.model_dump_json()) == found


def test_numbers_are_those_of_the_library(subject: Subject) -> None:
    config = FewLabelsConfig(budgets="100 %", seeds=2, fine_tuning=False, mlp=False)
    found = measure(subject, config, Watch())
    parts, labels = subject.features("trained", "projection"), subject.labels
    point = found.curves["trained", "linear", "projection"][0]
    for seed, accuracy in enumerate(point.accuracies):
        probe, _ = linear.chosen(parts.bank, labels.bank, seed=seed)
        assert accuracy == linear.measure(probe, parts.queries, labels.queries).top_1
    # Both draws hold all images, and there is one trained encoder: no interval.
    assert (point.half, point.drawn) == (None, False)
    assert point.mean == pytest.approx(sum(point.accuracies) / 2)
    other = found.curves["untrained", "linear", "features"][0]
    over = interval(other.accuracies)
    assert (other.mean, other.half) == (over.mean, over.half)
    method = redrawn.fresh(subject, 1)
    bank, queries = (method.embed(subject.images(rows)) for rows in (subject.bank, subject.queries))
    probe, _ = linear.chosen(bank, labels.bank, seed=1)
    assert other.accuracies[1] == linear.measure(probe, queries, labels.queries).top_1
    assert found.redrawn
    assert {layer for _, _, layer in found.curves} == {"features", "projection"}


def test_raw_pixels_are_read_by_a_straight_cut_unless_left_out(subject: Subject) -> None:
    config = FewLabelsConfig(budgets="2, 100 %", seeds=2, layers="features", fine_tuning=False)
    found = measure(subject, config, Watch())
    assert {curve for curve in found.curves if curve[0] == "pixels"} == {
        ("pixels", "linear", "features")
    }
    whole = found.curves["pixels", "linear", "features"][1]
    parts, labels = subject.features("pixels"), subject.labels
    for seed, accuracy in enumerate(whole.accuracies):
        probe, _ = linear.chosen(parts.bank, labels.bank, seed=seed)
        assert accuracy == linear.measure(probe, parts.queries, labels.queries).top_1
    assert any(line.startswith("raw pixels, linear  ") for line in found.lines())
    without = study_of(subject, config.changed(pixels=False))
    assert {one.start for one in without.frozen} == {"trained", "untrained"}
    subject.omitted = frozenset({"pixels"})
    assert {one.start for one in study_of(subject, config).frozen} == {"trained", "untrained"}


def test_many_labels_are_given_more_steps_and_that_is_said(subject: Subject) -> None:
    config = QUICK.changed(steps=2, epochs=2.0, layers="features", mlp=False, seeds=1)
    found = measure(subject, config, Watch())
    few, many = found.curves["untrained", "fine_tuning", "network"]
    assert (few.steps, many.steps) == (2, -(-2 * many.labels // 8))
    assert many.steps > 5
    assert found.trained_for() == f"Networks were trained for 2 to {many.steps} steps."
    assert found.trained_for() in found.lines()
    assert all(one.steps == 0 for one in found.points if one.readout == "linear")
    alike = study_of(subject, config.changed(epochs=0.0))
    assert {alike.steps(line, 999) for line in alike.lines} == {0, 2}


def test_a_finding_of_before_has_no_pixels_and_the_same_steps_for_all(
    subject: Subject, tmp_path: Path
) -> None:
    old = point("trained", "linear", "features", 10, 0.5)
    made = kept.Kept("few_labels", 3, 1.0, 5.0, 2.0, (30, 10), QUICK, finding(old))
    shutil.copy(subject.directory.path / "recipe.toml", tmp_path)
    directory = RunDirectory.open(tmp_path)
    path = kept.save(directory, made)
    document = json.loads(path.read_text())
    del document["settings"]["pixels"], document["settings"]["epochs"]
    del document["finding"]["points"][0]["steps"]
    path.write_text(json.dumps(document))
    found = kept.newest(directory, "few_labels")
    assert found is not None
    assert found.settings == QUICK.changed(pixels=False, epochs=0.0)
    assert found.finding == made.finding
    assert finding(old).trained_for() == ""
    assert find("knn").before == {}


def test_a_method_without_a_head_has_no_curves_of_projections(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("trained", "untrained"):
        parts = subject.features(name)
        monkeypatch.setitem(subject.found, (name, "projection"), parts)
    made = study_of(subject, QUICK)
    assert {one.layer for one in made.frozen} == {"features"}


def test_images_a_person_tagged_are_a_budget(subject: Subject) -> None:
    catalogue = subject.material.catalogue
    places = np.concatenate([np.flatnonzero(subject.labels.bank == one)[:2] for one in (0, 1)])
    chosen = [*subject.bank[places].tolist(), int(subject.queries[0])]
    store = TagStore(subject.directory.path / IN_RUN)
    store.change({"few": tuple(catalogue.paths[row] for row in chosen)})
    store.set_few_labels(["few"])
    config = FewLabelsConfig(budgets="2, tagged", seeds=2, fine_tuning=False, mlp=False)
    try:
        found = measure(subject, config, Watch())
    finally:
        store.delete("few")
    assert found.budgets == (("2 per class", 4), ("tagged", 4))
    point = found.curves["trained", "linear", "features"][1]
    assert (point.budget, point.drawn, point.half) == ("tagged", False, None)
    parts, labels = subject.features("trained"), subject.labels
    for seed, accuracy in enumerate(point.accuracies):
        probe, _ = linear.chosen(parts.bank[places], labels.bank[places], seed=seed)
        assert accuracy == linear.measure(probe, parts.queries, labels.queries).top_1
    assert "4 images to learn from; left out: 1 held out from training." in found.remarks[0]
    assert found.fewest == "2 per class"


def test_one_seed_has_no_interval_and_layers_can_be_left_out(subject: Subject) -> None:
    config = FewLabelsConfig(budgets="1", seeds=1, layers="features", fine_tuning=False, mlp=False)
    found = measure(subject, config, Watch())
    assert all(one.half is None for one in found.points)
    assert {layer for _, _, layer in found.curves} == {"features"}
    assert "±" not in "".join(found.lines())


def test_networks_start_from_the_checkpoint_and_from_other_weights_each_seed(
    subject: Subject,
) -> None:
    trained, scratch = study_of(subject, QUICK).networks
    kept = subject.method("trained").encoder().state_dict()
    for name, one in trained.make(1).state_dict().items():
        assert torch.equal(one, kept[name])
    images = subject.images(subject.queries[:4])
    with torch.no_grad():
        first, other = (scratch.make(seed).eval()(images) for seed in (0, 1))
        own = subject.method("untrained").encoder()(images)
    assert torch.equal(first, own)
    assert not torch.equal(first, other)
    assert (trained.fresh, scratch.fresh) == (False, True)


def test_the_run_stays_as_it_was(subject: Subject) -> None:
    before = {name: one.clone() for name, one in subject.method().state_dict().items()}
    measure(subject, QUICK, Watch())
    after = subject.method().state_dict()
    assert all(torch.equal(one, after[name]) for name, one in before.items())


def test_it_can_be_called_off(subject: Subject) -> None:
    subject.features("trained")
    asked = iter([False] * 8)
    with pytest.raises(Cancelled):
        measure(subject, QUICK, Watch(cancelled=lambda: next(asked, True)))


def test_budgets_that_cannot_be_read_are_refused_before_anything_is_done() -> None:
    with pytest.raises(ConfigError, match=r"few_labels\.budgets.*'lots' is no label budget"):
        FewLabelsConfig.parse({"budgets": "lots"}, "few_labels")


def point(start: str, readout: str, layer: str, labels: int, mean: float) -> Point:
    return Point.model_validate(
        {
            "budget": f"{labels} %",
            "labels": labels,
            "start": start,
            "readout": readout,
            "layer": layer,
            "accuracies": [mean],
            "mean": mean,
            "half": 0.02,
            "choices": ["penalty 1"],
        }
    )


def drawn(start: str, readout: str, layer: str, *accuracies: float) -> Point:
    made = point(start, readout, layer, 10, sum(accuracies) / len(accuracies))
    return made.model_copy(update={"accuracies": accuracies})


def finding(*points: Point, **changes: Any) -> FewLabelsFinding:
    values: dict[str, Any] = {
        "points": points,
        "classes": 2,
        "seeds": 3,
        "foreseen": 1.0,
        "remarks": (),
    }
    return FewLabelsFinding(**{**values, **changes})


def told(*points: Point) -> str:
    worth = finding(*points).worth()
    assert worth is not None
    return worth.words()


def test_what_pre_training_is_worth_is_paired_by_draw() -> None:
    scratch = drawn("untrained", "fine_tuning", "network", 0.2, 0.3, 0.4)
    ahead = drawn("trained", "fine_tuning", "network", 0.25, 0.36, 0.46)
    # Draws differ by ten points each, but pre-training is ahead in each of them.
    words = told(ahead, scratch)
    assert words.startswith("Pre-training pays: with 10 labels 35.7 ± 2.0 % (trained, fine-tuned)")
    half = interval([0.05, 0.06, 0.06]).half
    assert f"(from scratch), +5.7 ± {100 * half:.1f} points." in words
    loose = drawn("trained", "fine_tuning", "network", 0.1, 0.36, 0.56)
    assert told(loose, scratch).startswith("Pre-training is ahead, but within what draws of labels")
    worse = drawn("trained", "fine_tuning", "network", 0.1, 0.2, 0.31)
    assert told(worse, scratch).startswith("Pre-training does not pay here")
    assert "−9.7" in told(worse, scratch)
    behind = drawn("trained", "fine_tuning", "network", 0.1, 0.3, 0.31)
    words = "Pre-training is not ahead, but that is within what draws of labels vary"
    assert told(behind, scratch).startswith(words)
    once = told(*(drawn(one.start, one.readout, one.layer, one.mean) for one in (ahead, scratch)))
    assert once.startswith("Pre-training is ahead in one draw")
    assert once.endswith("+5.7 points.")
    assert finding(ahead).worth() is None


def test_the_pair_that_is_compared_is_fixed_beforehand() -> None:
    linear = (
        drawn("trained", "linear", "features", 0.3, 0.3, 0.4),
        drawn("untrained", "linear", "features", 0.1, 0.1, 0.1),
    )
    tuned = (
        drawn("trained", "fine_tuning", "network", 0.2, 0.2, 0.2),
        drawn("untrained", "fine_tuning", "network", 0.1, 0.2, 0.2),
    )
    lucky = drawn("trained", "mlp", "projection", 0.9, 0.9, 0.9)
    assert "(trained, fine-tuned) against" in told(lucky, *linear, *tuned)
    assert finding(lucky, *linear, *tuned).headline() == "20.0 % with 10 labels"
    assert "(trained, linear on h) against" in told(lucky, *linear)
    assert "(untrained, linear on h)" in told(lucky, *linear)
    assert finding(lucky, *linear).headline() == "33.3 % with 10 labels"
    assert finding(lucky).worth() is None
    assert finding(lucky).headline() == "90.0 % with 10 labels"


def test_equal_encoders_are_found_ahead_no_more_often_than_the_level_says() -> None:
    """With the best of all curves, it was in one of 14 studies instead of one of 40."""
    random = np.random.default_rng(0)
    kinds = [("linear", "features"), ("mlp", "features"), ("fine_tuning", "network")]
    pays = 0
    for _ in range(1000):
        points = [
            drawn(start, *kind, *random.normal(0.5, 0.02, 3).tolist())
            for start in ("trained", "untrained")
            for kind in kinds
        ]
        pays += told(*points).startswith("Pre-training pays")
    assert 12 <= pays <= 40  # 25 and three deviations


def test_the_verdict_stands_on_drawn_images_where_there_are_any() -> None:
    kinds = [("trained", "linear", "features"), ("untrained", "linear", "features")]
    many = [drawn(*kind, 0.6, 0.7).model_copy(update={"labels": 99}) for kind in kinds]
    few = [drawn(*kind, 0.4, 0.5) for kind in kinds]
    tagged = [
        one.model_copy(update={"budget": "tagged", "labels": 3, "drawn": False, "half": half})
        for one, half in zip(few, (None, 0.1), strict=True)
    ]
    assert finding(*many, *few, *tagged).headline() == "45.0 % with 10 labels"
    alone = finding(*tagged, seeds=2)
    assert alone.headline() == "45.0 % with 3 labels"
    ahead = tagged[0].model_copy(update={"accuracies": (0.5, 0.52), "mean": 0.51})
    assert told(ahead, tagged[1]).startswith("Pre-training is ahead, but within what fresh weights")
    shared = tagged[1].model_copy(update={"half": None})
    assert told(ahead, shared).startswith("Pre-training is ahead in one draw: with 3 labels 51.0 %")
    assert told(ahead, shared).endswith("+6.0 points.")


def test_it_is_said_what_varies() -> None:
    one = drawn("trained", "linear", "features", 0.4)
    assert finding(one, seeds=1).varies().startswith("With one draw of labels")
    assert "untrained encoders, not over repeated" in finding(one, redrawn=True).varies()
    assert "(readouts of frozen ones share one)" in finding(one).varies()


def test_it_is_told_in_words() -> None:
    points = (
        point("trained", "linear", "features", 100, 0.6),
        point("trained", "linear", "features", 10, 0.4),
        point("trained", "fine_tuning", "network", 10, 0.45),
        point("untrained", "fine_tuning", "network", 10, 0.2),
    )
    found = FewLabelsFinding(points=points, classes=10, seeds=3, foreseen=1.0, remarks=("Mind.",))
    assert found.headline() == "45.0 % with 10 labels"
    lines = found.lines()
    assert "100 % (100)" in lines[0]
    assert lines[1].startswith("trained, linear on h")
    assert "60.0 ± 2.0 %" in lines[1]
    assert lines[-2] == found.varies()
    assert lines[-1] == "Mind."
    assert [one.labels for one in found.curves["trained", "linear", "features"]] == [10, 100]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "about 5 s"), (42, "about 40 s"), (700, "about 12 min"), (12_600, "about 3.5 h")],
)
def test_a_forecast_is_no_more_exact_than_it_is(seconds: float, words: str) -> None:
    assert about(seconds) == words
