"""A few-label study: what is measured, how many steps that takes, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from sslcore.evaluation import budgets, finetune, linear, mlp_probe
from sslcore.evaluation.label_study import (
    NETWORK,
    Frozen,
    Line,
    Network,
    Pictures,
    Redraw,
    Settings,
    Study,
)
from tests.sslcore.evaluation.labelled_pictures import Small, pictures

FOUND = pictures(90)
TRAINING = finetune.Training(image_size=16, steps=20, batch_size=20)
FIRST = FOUND.labels[:60] == 0
SETTINGS = Settings(budgets.parse("1, 50 %"), seeds=2, mlp=mlp_probe.Training(steps=40))


def frozen(start="trained", layer="features", width=4, queries=30):
    rng = np.random.default_rng(0)
    bank = rng.normal(size=(60, width)).astype(np.float32)
    return Frozen(start, layer, bank, rng.normal(size=(queries, width)).astype(np.float32))


def study(**changes):
    values = {
        "bank_labels": FOUND.labels[:60],
        "query_labels": FOUND.labels[60:],
        "frozen": (frozen(), frozen("untrained", "projection")),
        "networks": (Network("trained", lambda seed: Small(seed)),),
        "pictures": Pictures(FOUND, np.arange(60), np.arange(60, 90), TRAINING),
        "settings": SETTINGS,
    }
    return Study(**{**values, **changes})


def test_every_readout_of_every_source_at_every_budget_is_a_line():
    one, half = SETTINGS.budgets
    expected = [
        Line(budget, *rest)
        for budget in (one, half)
        for rest in (
            ("trained", "linear", "features"),
            ("untrained", "linear", "projection"),
            ("trained", "mlp", "features"),
            ("untrained", "mlp", "projection"),
            ("trained", "fine_tuning", NETWORK),
        )
    ]
    made = study()
    assert list(made.lines) == expected
    assert made.frozen_of(expected[1]).start == "untrained"
    assert made.network_of(expected[4]).start == "trained"
    only = study(settings=Settings(SETTINGS.budgets, readouts=("linear",)), networks=())
    assert {line.readout for line in only.lines} == {"linear"}


def test_a_source_is_read_by_its_own_readouts_only():
    pixels = replace(frozen("pixels"), readouts=("linear",))
    found = study(frozen=(frozen(), pixels), networks=()).lines
    assert {(one.start, one.readout) for one in found} == {
        ("trained", "linear"),
        ("trained", "mlp"),
        ("pixels", "linear"),
    }


def test_epochs_give_many_labels_more_steps():
    training = replace(TRAINING, epochs=4.0, batch_size=5)
    values = {"frozen": (), "pictures": Pictures(FOUND, np.arange(60), np.arange(60, 90), training)}
    made = study(**values)
    one, half = made.lines
    count = len(made.subset(half.budget, 0))
    assert [made.steps(line, labels) for line, labels in ((one, 3), (half, count))] == [
        20,
        -(-4 * count // 5),
    ]
    trials = 3 * round(finetune.TRIAL * made.steps(half, count))
    assert made.rounds(half) == 2 * (made.steps(half, count) + trials)
    assert made.rounds(one) == 2 * 20, "one image of a class: nothing to choose on"
    only = study(networks=())
    assert only.steps(only.lines[0], 3) == 0


def test_steps_are_counted_with_trials_where_something_can_be_kept_aside():
    made = study()
    counts = {(line.budget.title, line.readout): made.rounds(line) for line in made.lines}
    assert counts["1 per class", "linear"] == 2
    assert counts["50 %", "linear"] == 2 * (1 + len(linear.PENALTIES))
    assert counts["1 per class", "mlp"] == 2 * 40
    assert counts["50 %", "mlp"] == 2 * (40 + 10 * len(mlp_probe.SETTINGS))
    assert counts["1 per class", "fine_tuning"] == 2 * 20
    assert counts["50 %", "fine_tuning"] == 2 * (20 + 5 * len(finetune.LEARNING_RATES))


def test_images_of_a_subset_carry_their_own_labels():
    made = study(pictures=Pictures(FOUND, np.arange(60)[::-1].copy(), np.arange(60, 90), TRAINING))
    bank = made.bank_of(np.array([0, 5]))
    assert bank.rows.tolist() == [59, 54]
    assert bank.labels.tolist() == FOUND.labels[[0, 5]].tolist()
    assert made.subset(SETTINGS.budgets[0], 0).tolist() == sorted(
        made.subset(SETTINGS.budgets[0], 0).tolist()
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bank_labels": np.full(60, -1)}, "bank: no image has a label; .* can still be measured"),
        ({"query_labels": np.full(30, -1)}, "queries: no image has a label"),
        ({"bank_labels": np.zeros(60, np.int64)}, "labels of at least two classes"),
        ({"bank_labels": FOUND.labels[:59]}, "60 images need as many labels"),
        ({"frozen": (frozen(queries=29),)}, "29 images need as many labels"),
        ({"frozen": (), "networks": ()}, "nothing to measure"),
        ({"pictures": None}, "needs the images themselves"),
        ({"settings": Settings(budgets.parse("tagged"))}, "no image was picked"),
        (
            {"settings": Settings(budgets.parse("tagged")), "tagged": np.flatnonzero(FIRST)[:3]},
            "of one class",
        ),
    ],
)
def test_what_cannot_be_studied_is_refused_with_a_remedy(changes, words):
    with pytest.raises(ValueError, match=words):
        study(**changes)


def test_features_that_do_not_fit_are_refused_by_name():
    broken = frozen()
    broken.bank[3, 0] = np.nan
    with pytest.raises(ValueError, match=r"trained features of the bank hold NaN.*row 3"):
        study(frozen=(broken,))
    other = Frozen("trained", "features", frozen().bank, frozen(width=5).queries)
    with pytest.raises(ValueError, match="4 numbers for an image of the bank, 5 for a query"):
        study(frozen=(other,))


def test_settings_must_ask_for_something():
    for wrong in ({"seeds": 0}, {"budgets": ()}, {"validation": 1.0}):
        with pytest.raises(ValueError, match=r"at least one|validation"):
            Settings(**wrong)


def test_it_is_known_what_differs_between_seeds():
    asked = budgets.parse("2, 50 %, 100 %, 99, tagged")
    made = study(
        settings=Settings(asked, seeds=2, readouts=("linear",)),
        tagged=np.array([0, 1, 2, 3, 4, 5]),
        networks=(
            Network("trained", lambda seed: Small(seed)),
            Network("untrained", lambda seed: Small(seed), fresh=True),
        ),
        redraw=Redraw("untrained", Small),
    )
    assert [made.draws(one) for one in asked] == [True, True, False, False, False]
    fresh = {(line.start, line.readout): made.fresh(line) for line in made.lines}
    assert fresh == {
        ("trained", "linear"): False,
        ("untrained", "linear"): True,
        ("trained", "fine_tuning"): False,
        ("untrained", "fine_tuning"): True,
    }
    assert [one.layer for one in made.redrawn] == ["projection"]
    assert study().redrawn == ()
    once = study(settings=Settings(asked[:1], seeds=1))
    assert not once.draws(asked[0])
