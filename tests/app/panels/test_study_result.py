from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.panels.study_result import JUDGED, StudyResult, sentence_of
from app.studying import Standing
from sslcore.study.judging import JUDGES
from sslcore.study.plan import Axis, Study, Trial
from sslcore.study.table import Row


def trial(*places):
    return Trial(name="+".join(dict.fromkeys(places)), places=places, recipe="")


def standing(kind, axes, rows, working=False, measurement="linear"):
    study = Study(
        kind=kind,
        title="A study",
        measurement=measurement,
        axes=tuple(Axis(title=title, places=places) for title, places in axes),
        trials=tuple(one.trial for one in rows),
    )
    return Standing(Path("somewhere"), study, tuple(rows), working)


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
def result(qtbot):
    made = StudyResult()
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
