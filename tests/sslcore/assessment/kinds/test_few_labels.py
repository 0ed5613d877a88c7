"""The few-label study of a run: what the library measures, told as a finding."""

from dataclasses import replace

import pytest
import torch

from sslcore.assessment.kinds import few_labels as kind
from sslcore.assessment.kinds.few_labels import (
    FewLabelsConfig,
    FewLabelsFinding,
    Point,
    about,
    curve_name,
    fresh,
    measure,
    study_of,
)
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.config import ConfigError
from sslcore.data.pool import Cancelled
from sslcore.evaluation import few_labels, linear
from sslcore.evaluation.interval import interval

QUICK = FewLabelsConfig(budgets="2 per class, 100 %", seeds=2, steps=3, batch_size=8)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLPs of a few steps."""
    whole = kind.study_of

    def cut(subject: Subject, config: FewLabelsConfig) -> object:
        made = whole(subject, config)
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
    }
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
    over = interval(point.accuracies)
    assert (point.mean, point.half) == (over.mean, over.half)
    assert {layer for _, _, layer in found.curves} == {"features", "projection"}


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
        first, again, other = (scratch.make(seed).eval()(images) for seed in (0, 0, 1))
        own = subject.method("untrained").encoder()(images)
    assert torch.equal(first, again)
    assert torch.equal(first, own)
    assert not torch.equal(first, other)
    assert torch.equal(fresh(subject, 1).mean, subject.method("trained").encoder().mean)


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


def told(*points: Point) -> str:
    found = FewLabelsFinding(points=points, classes=2, seeds=3, foreseen=1.0, remarks=())
    worth = found.worth()
    assert worth is not None
    return worth.words()


def test_what_pre_training_is_worth_is_paired_by_draw() -> None:
    scratch = drawn("untrained", "fine_tuning", "network", 0.2, 0.3, 0.4)
    ahead = drawn("trained", "linear", "features", 0.25, 0.36, 0.46)
    frozen = drawn("untrained", "linear", "features", 0.1, 0.1, 0.1)
    # Draws differ by ten points each, but pre-training is ahead in each of them.
    words = told(ahead, scratch, frozen)
    assert words.startswith("Pre-training pays: with 10 labels 35.7 ± 2.0 % (trained, linear on h)")
    half = interval([0.05, 0.06, 0.06]).half
    assert f"(from scratch), +5.7 ± {100 * half:.1f} points." in words
    assert "(untrained, linear on h)" in told(ahead, frozen)
    loose = drawn("trained", "linear", "features", 0.1, 0.36, 0.56)
    assert told(loose, scratch).startswith("Pre-training is ahead, but within what draws of labels")
    worse = drawn("trained", "linear", "features", 0.1, 0.1, 0.1)
    assert told(worse, scratch).startswith("Pre-training does not pay here")
    assert "−20.0" in told(worse, scratch)
    once = told(*(drawn(one.start, one.readout, one.layer, one.mean) for one in (ahead, scratch)))
    assert once.startswith("Pre-training is ahead in one draw")
    assert once.endswith("+5.7 points.")
    alone = FewLabelsFinding(points=(ahead,), classes=2, seeds=3, foreseen=1.0, remarks=())
    assert alone.worth() is None


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
    assert lines[-1] == "Mind."
    assert [one.labels for one in found.curves["trained", "linear", "features"]] == [10, 100]
    assert curve_name("untrained", "fine_tuning", "network") == "from scratch"
    assert curve_name("dinov2", "mlp", "projection") == "dinov2, MLP on z"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "about 5 s"), (42, "about 40 s"), (700, "about 12 min"), (12_600, "about 3.5 h")],
)
def test_a_forecast_is_no_more_exact_than_it_is(seconds: float, words: str) -> None:
    assert about(seconds) == words
