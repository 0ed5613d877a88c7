"""The few-label study: each number is that of its readout alone, and settings are chosen fairly."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sslcore.data.pool import Cancelled
from sslcore.evaluation import budgets, features, few_labels, finetune, linear, mlp_probe
from sslcore.evaluation.few_labels import WHOLE, FewLabels, Row, best_of
from sslcore.evaluation.label_forecast import Forecast
from sslcore.evaluation.label_study import (
    NETWORK,
    Frozen,
    Network,
    Pictures,
    Redraw,
    Settings,
    Study,
)
from sslcore.evaluation.training_crops import crop_plan
from tests.sslcore.evaluation.labelled_pictures import Small, pictures
from tests.sslcore.evaluation.test_label_study import study as small_study

FOUND = pictures(120)
BANK, QUERIES = np.arange(60), np.arange(60, 120)
RATES = (1e-3, 1e-2)
PICKED = np.array([3, 8, 20, 21, 22, 40])
TRAINING = finetune.Training(image_size=16, steps=40, batch_size=20, plan=crop_plan(16, 0.8))


def pretrained():
    """An encoder that knows the classes: trained on other pictures of them."""
    others = pictures(120, seed=9)
    bank = finetune.Bank(others, np.arange(120), others.labels)
    long = finetune.Training(image_size=16, steps=120, batch_size=40, plan=crop_plan(16, 0.8))
    return finetune.fit(Small(), bank, 1e-2, long).encoder


@pytest.fixture(scope="module")
def study():
    torch.set_num_threads(1)
    knows = pretrained()
    sources = [
        Frozen(start, "features", *(features.extract(one, FOUND, rows) for rows in (BANK, QUERIES)))
        for start, one in (("trained", knows), ("untrained", Small()))
    ]
    return Study(
        FOUND.labels[BANK],
        FOUND.labels[QUERIES],
        frozen=sources,
        networks=(Network("trained", lambda _seed: knows), Network("untrained", Small, fresh=True)),
        pictures=Pictures(FOUND, BANK, QUERIES, TRAINING, RATES),
        settings=Settings(budgets.parse("1, 5, 100 %, tagged"), mlp=mlp_probe.Training(60, 64, 32)),
        tagged=PICKED,
        redraw=Redraw("untrained", Small),
    )


@pytest.fixture(scope="module")
def found(study):
    return few_labels.run(study)


def test_there_is_a_row_for_every_line_and_a_number_for_every_seed(study, found):
    assert isinstance(found, FewLabels)
    assert [(one.budget, one.start, one.readout, one.layer) for one in found.rows] == [
        (line.budget.title, line.start, line.readout, line.layer) for line in study.lines
    ]
    assert [one.labels for one in found.curve("trained", "mlp", "features")] == [3, 15, 60, 6]
    assert all(len(one.accuracies) == 3 for one in found.rows)
    assert found.classes == 3
    assert found.remarks == ()


def test_pre_training_beats_scratch_where_labels_are_few(found):
    for readout, layer in (
        ("linear", "features"),
        ("mlp", "features"),
        ("fine_tuning", NETWORK),
    ):
        knows = found.curve("trained", readout, layer)[0]
        fresh = found.curve("untrained", readout, layer)[0]
        assert knows.interval.mean > fresh.interval.mean + 0.2, readout
    alone = found.curve("untrained", "fine_tuning", NETWORK)
    assert alone[2].interval.mean > alone[0].interval.mean


def test_a_linear_row_is_the_linear_evaluation_of_each_subset(study, found):
    row = found.curve("trained", "linear", "features")[1]
    source = study.frozen[0]
    for seed in range(3):
        places = study.subset(study.settings.budgets[1], seed)
        probe, _ = linear.chosen(source.bank[places], study.bank_labels[places], seed=seed)
        expected = linear.measure(probe, source.queries, study.query_labels).top_1
        assert row.accuracies[seed] == expected
        assert row.choices[seed] == f"penalty {probe.penalty:g}"


def test_an_untrained_row_has_other_weights_for_every_seed(study, found):
    row = found.curve("untrained", "linear", "features")[2]
    assert row.fresh
    assert not row.drawn
    for seed in range(3):
        bank, queries = (features.extract(Small(seed), FOUND, rows) for rows in (BANK, QUERIES))
        probe, _ = linear.chosen(bank, study.bank_labels, seed=seed)
        assert row.accuracies[seed] == linear.measure(probe, queries, study.query_labels).top_1
    assert len(set(row.accuracies)) > 1


def test_layers_of_redrawn_encoders_stand_side_by_side(study):
    bank, queries = (features.extract(Small(0), FOUND, rows) for rows in (BANK, QUERIES))
    halves = [
        Frozen("untrained", layer, bank[:, part], queries[:, part])
        for layer, part in (("features", slice(5)), ("projection", slice(5, None)))
    ]
    settings = Settings(budgets.parse("100 %"), 2, ("linear",))
    made = replace(study, frozen=halves, networks=(), settings=settings)
    told = []
    found = few_labels.run(made, progress=lambda *one: told.append(one))
    other, asked = (features.extract(Small(1), FOUND, rows) for rows in (BANK, QUERIES))
    for row, part in zip(found.rows, (slice(5), slice(5, None)), strict=True):
        probe, _ = linear.chosen(other[:, part], study.bank_labels, seed=1)
        expected = linear.measure(probe, asked[:, part], study.query_labels).top_1
        assert row.accuracies[1] == expected
    assert told == sorted(told)
    assert told[-1] == (WHOLE, WHOLE)


def test_settings_are_those_that_are_best_on_each_draw_alone(study, found):
    budget = study.settings.budgets[1]
    queries = finetune.Bank(FOUND, QUERIES, study.query_labels)
    tuned = found.curve("untrained", "fine_tuning", NETWORK)[1]
    read = found.curve("trained", "mlp", "features")[1]
    source = study.frozen[0]
    for seed in range(3):
        places = study.subset(budget, seed)
        bank = study.bank_of(places)
        trials = finetune.trials(lambda seed=seed: Small(seed), bank, RATES, TRAINING, seed=seed)
        rate = max(RATES, key=lambda one: trials[one])
        assert tuned.choices[seed] == f"rate {rate:g}"
        network = finetune.fit(Small(seed), bank, rate, TRAINING, seed=seed)
        assert tuned.accuracies[seed] == finetune.measure(network, queries, 16).top_1
        probe = mlp_probe.chosen(
            source.bank[places], bank.labels, training=study.settings.mlp, seed=seed
        )
        chosen = probe.setting
        assert read.choices[seed] == f"rate {chosen.learning_rate:g}, decay {chosen.weight_decay:g}"
        expected = mlp_probe.measure(probe, source.queries, study.query_labels).top_1
        assert read.accuracies[seed] == expected


def test_images_that_were_picked_teach_every_seed(study, found):
    row = found.curve("trained", "linear", "features")[3]
    assert (row.budget, row.labels, row.drawn) == ("tagged", 6, False)
    source = study.frozen[0]
    probe, _ = linear.chosen(source.bank[PICKED], study.bank_labels[PICKED], seed=2)
    assert row.accuracies[2] == linear.measure(probe, source.queries, study.query_labels).top_1


def test_the_queries_decide_nothing(study, found):
    """Whoever permutes the answers of the queries changes accuracies, not what was chosen."""
    wrong = Study(
        study.bank_labels,
        np.roll(study.query_labels, 1),
        study.frozen[:1],
        settings=study.settings,
        tagged=PICKED,
    )
    other = few_labels.run(wrong)
    for row in other.rows:
        same = found.curve(row.start, row.readout, row.layer)
        kept = next(one for one in same if one.budget == row.budget)
        assert row.choices == kept.choices
    assert max(row.interval.mean for row in other.rows[-2:]) < 0.5


def test_the_best_setting_is_taken_and_the_calmest_of_equals():
    assert best_of({"calm": 0.5, "wild": 0.9}, ("calm", "wild")) == "wild"
    assert best_of({"calm": 0.5, "wild": 0.5}, ("calm", "wild")) == "calm"
    assert best_of({}, ("calm", "wild")) == "calm"


def test_a_row_says_how_far_its_mean_holds():
    row = Row("1 %", 30, "trained", "linear", "features", (0.4, 0.5, 0.6), ("", "", ""))
    assert row.interval.mean == pytest.approx(0.5)
    assert row.interval.half == pytest.approx(4.302652730 * 0.1 / 3**0.5)
    same = replace(row, drawn=False)
    assert same.interval.mean == pytest.approx(0.5)
    assert same.interval.count == 1
    assert replace(same, fresh=True).interval == row.interval


def test_progress_is_even_and_ends_at_the_whole():
    made = small_study()
    told = []
    evenly = Forecast({line: float(made.rounds(line)) for line in made.lines})
    few_labels.run(made, evenly, lambda *one: told.append(one))
    assert {total for _, total in told} == {WHOLE}
    done = [one for one, _ in told]
    steps = sum(made.rounds(line) for line in made.lines)
    assert done == [round(WHOLE * number / steps) for number in range(1, steps + 1)]


def test_it_can_be_called_off():
    calls = []

    def asked():
        calls.append(1)
        return len(calls) > 40

    with pytest.raises(Cancelled):
        few_labels.run(small_study(), None, None, asked)


def test_classes_too_small_to_count_on_are_told_of():
    labels = FOUND.labels[:60].copy()
    labels[0] = 3
    one = Frozen("trained", "features", *(np.eye(60, 4, dtype=np.float32),) * 2)
    made = Study(
        labels, labels, (one,), settings=Settings(budgets.parse("2"), 1, ("linear",)), names="abcd"
    )
    assert "One labelled image only: d." in few_labels.run(made).remarks[0]
