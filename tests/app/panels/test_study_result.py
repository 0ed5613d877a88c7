from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.evaluate_negatives import Page
from app.panels.study_result import JUDGED, StudyResult, sentence_of
from app.studying import Standing
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.negatives import (
    Between,
    NegativesConfig,
    NegativesFinding,
    SweepPoint,
)
from sslcore.study.judging import JUDGES
from sslcore.study.plan import Axis, Study, Trial
from sslcore.study.table import Row
from tests.app.panels.reachable import unnamed


def trial(*places):
    return Trial(name="+".join(dict.fromkeys(places)), places=places, recipe="")


def standing(kind, axes, rows, working=False, measurement="linear", closing=None, **more):
    study = Study(
        kind=kind,
        title="A study",
        measurement=measurement,
        axes=tuple(Axis(title=title, places=places) for title, places in axes),
        trials=tuple(one.trial for one in rows),
        **more,
    )
    return Standing(Path("somewhere"), study, tuple(rows), working, closing)


PAIRS = standing(
    "augmentation_pairs",
    [("one step", ("crop", "grey")), ("with", ("crop", "grey"))],
    [
        Row(trial("crop", "crop"), "measured", 0.5, 0.2),
        Row(trial("grey", "grey"), "measured", 0.3, 0.2),
        Row(trial("crop", "grey"), "begun", epochs=2.5),
    ],
    working=True,
)


@pytest.fixture
def result(loaded, qtbot):
    made = StudyResult(loaded)
    qtbot.addWidget(made)
    made.resize(600, 420)
    made.show()
    return made


def test_pairs_fill_both_triangles(result, qtbot):
    result.show_standing(PAIRS)
    assert result.matrix.isVisible()
    assert result.matrix._texts[0, 0] == "50.0"
    assert result.matrix._texts[0, 1] == result.matrix._texts[1, 0] == "…"
    with qtbot.waitSignal(result.opened) as told:
        where = result.matrix.cell_rect(1, 1).center().toPoint()
        qtbot.mouseClick(result.matrix, Qt.MouseButton.LeftButton, pos=where)
    assert told.args == ["grey"]


def test_words_say_how_far_it_is():
    words = sentence_of(PAIRS)
    assert words.startswith("2 of 3 trials measured by linear evaluation")
    assert "Now: crop+grey, epoch 2.5." in words
    assert "Best: crop (50.0 %), least: grey (30.0 %). Untrained: 20.0 %." in words
    fresh = standing("grid", [("run.seed", ("0",))], [Row(trial("0"), "waiting")])
    assert sentence_of(fresh) == (
        "0 of 1 trials measured by linear evaluation, in percent of held-out images."
    )


def test_one_axis_is_shown_as_bars_with_the_untrained(result):
    rows = [
        Row(trial("everything"), "measured", 0.6, 0.2),
        Row(trial("grey"), "measured", 0.4, 0.2),
    ]
    result.show_standing(standing("leave_one_out", [("without", ("everything", "grey"))], rows))
    assert result.bars.isVisible()
    told = result.bars.accessibleDescription()
    assert "without: everything 60.0 %" in told
    assert "untrained 20.0 %" in told


def test_failures_are_named(result):
    rows = [Row(trial("0"), "failed", error="the folder is gone"), Row(trial("1"), "waiting")]
    result.show_standing(standing("grid", [("run.seed", ("0", "1"))], rows))
    assert result.problems.text() == "Failed: 0: the folder is gone"
    result.show_standing(PAIRS)
    assert not result.problems.isVisible()


def test_a_measurement_that_failed_is_shown_as_a_training_that_failed(result):
    why = "trained, but not measured: features: NaN in row 3"
    rows = [
        Row(trial("crop", "crop"), "failed", error=why, trained=True),
        Row(trial("grey", "grey"), "measured", 0.3, 0.2),
        Row(trial("crop", "grey"), "failed", error="the folder is gone"),
    ]
    axes = [("one step", ("crop", "grey")), ("with", ("crop", "grey"))]
    result.show_standing(standing("augmentation_pairs", axes, rows))
    assert result.problems.text() == f"Failed: crop: {why} (and 1 more)"
    assert result.matrix._texts[0, 0] == result.matrix._texts[0, 1] == "failed"
    assert result.words.text().startswith("1 of 3 trials measured")


def test_why_a_study_could_not_be_closed_is_shown(result):
    why = "no sweep today"
    unclosed = standing("known_experiment", SOURCES, SWEPT, closing=None)
    study = unclosed.study.model_copy(update={"closing": "negatives"})
    unclosed = replace(unclosed, study=study, unclosed=why)
    assert not unclosed.finished
    result.show_standing(unclosed)
    assert result.problems.isVisible()
    assert result.problems.text() == f"Not measured: negatives: {why}"
    assert "(negatives) could not be measured." in result.words.text()
    assert "still to be measured" not in result.words.text()
    failed = (*unclosed.rows[:2], replace(SWEPT[2], state="failed", score=None, error="no room"))
    result.show_standing(replace(unclosed, rows=failed))
    assert result.problems.text() == (
        f"Failed: queue · 2046: no room\nNot measured: negatives: {why}"
    )
    result.show_standing(replace(unclosed, unclosed="", closing=swept("More is more.")))
    assert not result.problems.isVisible()


def test_every_measurement_has_its_words():
    assert set(JUDGED) == set(JUDGES)
    assert {key: words for key, (words, _) in JUDGED.items()} == {
        key: one.words for key, one in JUDGES.items()
    }
    ranked = standing(
        "grid", [("run.seed", ("0",))], [Row(trial("0"), "waiting")], measurement="rank"
    )
    assert sentence_of(ranked) == (
        "0 of 1 trials measured by effective rank, in percent of the features' dimensions."
    )


def test_three_axes_are_rows_of_two_against_the_third(result, qtbot):
    axes = [
        ("corruption", ("salt_and_pepper", "masking")),
        ("activation", ("sigmoid", "relu")),
        ("loss", ("mse", "bce")),
    ]
    rows = [
        Row(trial("salt_and_pepper", "sigmoid", "bce"), "measured", 0.3, 0.2),
        Row(trial("masking", "relu", "mse"), "measured", 0.5, 0.2),
        Row(trial("masking", "sigmoid", "mse"), "waiting"),
    ]
    made = standing("known_experiment", axes, rows, question="What suits ReLU?")
    result.show_standing(made)
    assert result.matrix.isVisible()
    assert result.question.text() == "What suits ReLU?"
    assert result.matrix._rows == (
        "salt and pepper · sigmoid",
        "masking · sigmoid",
        "masking · relu",
    )
    assert result.matrix._columns == ("mse", "bce")
    assert result.matrix._texts == {(0, 1): "30.0", (2, 0): "50.0", (1, 0): ""}
    assert "Best: masking · relu · mse (50.0 %)" in result.words.text()
    with qtbot.waitSignal(result.opened) as told:
        where = result.matrix.cell_rect(2, 0).center().toPoint()
        qtbot.mouseClick(result.matrix, Qt.MouseButton.LeftButton, pos=where)
    assert told.args == ["masking+relu+mse"]
    assert not result.grab().isNull()


SOURCES = [("negatives from", ("batch", "queue")), ("N", ("62", "2046"))]
SWEPT = [
    Row(trial("batch", "62"), "measured", 0.4, 0.2),
    Row(trial("queue", "62"), "measured", 0.3, 0.2),
    Row(trial("queue", "2046"), "measured", 0.35, 0.2),
]


def swept(sentence, step=9):
    between = Between(mean=0.4, low=0.4, high=0.4)
    point = SweepPoint(negatives=62, ceiling=4.1, runs=("a",), values={"knn": between})
    finding = NegativesFinding(
        method="SimCLR", own=62, points=(point,), epochs=(1.0, 1.0), others=(),
        sentences=(sentence,),
    )  # fmt: skip
    return Kept("negatives", step, 1.0, 0.0, 1.0, (9, 4), NegativesConfig(), finding)


def test_places_without_a_trial_stay_empty(result):
    result.show_standing(standing("known_experiment", SOURCES, SWEPT))
    assert (0, 1) not in result.matrix._texts
    assert np.isnan(result.matrix._values[0, 1])


def test_what_a_study_was_closed_with_has_a_page_beside_the_trials(result, qtbot):
    waiting = standing("known_experiment", SOURCES, SWEPT)
    assert waiting.finished
    waiting = replace(waiting, study=waiting.study.model_copy(update={"closing": "negatives"}))
    assert not waiting.finished
    result.show_standing(waiting)
    assert "(negatives) is still to be measured" in result.words.text()
    assert not result.problems.isVisible()
    assert not result.closing.isVisible()
    closed = replace(waiting, closing=swept("More is more."))
    assert closed.finished
    result.show_standing(closed)
    assert "still to be measured" not in result.words.text()
    assert result.closing.text() == "Negatives"
    assert result.matrix.isVisible(), "trials first"
    qtbot.mouseClick(result.closing, Qt.MouseButton.LeftButton)
    assert not result.matrix.isVisible()
    (page,) = result.findChildren(Page)
    assert page.isVisible()
    assert page.words.text() == "More is more."
    result.show_standing(replace(closed, working=True))  # the next look: nothing is built anew
    assert result.findChildren(Page) == [page]
    assert page.isVisible()
    assert unnamed(result) == []
    qtbot.mouseClick(result.every, Qt.MouseButton.LeftButton)
    assert result.matrix.isVisible()
    result.show_standing(replace(closed, closing=swept("Less is more.", step=18)))
    qtbot.mouseClick(result.closing, Qt.MouseButton.LeftButton)
    shown = [one for one in result.findChildren(Page) if one.isVisible()]
    assert [one.words.text() for one in shown] == ["Less is more."]
    result.show_standing(PAIRS)
    assert result.matrix.isVisible()
    assert not result.closing.isVisible()
