"""Sections of curves."""

from dataclasses import replace

from sslcore.assessment.watch import Watch
from sslcore.events import Evaluated, StepDone
from sslcore.export.source import Source
from sslcore.report import curves
from sslcore.report.story import Story
from sslcore.runs.record import RunRecord


def titles(sections: list[str]) -> list[str]:
    return [one.partition("<h2>")[2].partition("</h2>")[0] for one in sections]


def test_what_a_run_has_curves_of(plain: Source) -> None:
    story = Story.read(plain.directory, Watch())
    found = titles(curves.sections(story))
    assert found[0] == "Loss"
    assert "Terms of the loss" in found
    assert "Pretext task" in found
    assert found[-1] == "Health of the features"


def test_the_untrained_encoder_is_a_reference(plain: Source) -> None:
    story = Story.read(plain.directory, Watch())
    record = RunRecord.fold(
        [
            Evaluated(0, 0.0, {"knn_20": 0.125}, reference=True),
            Evaluated(3, 1.0, {"knn_20": 0.25}),
            Evaluated(6, 2.0, {"knn_20": 0.5}),
        ]
    )
    (section,) = curves.sections(replace(story, record=record))
    assert "untrained, k = 20: 12.5 %" in section
    assert "kNN, k = 20 from 25 % to 50 %" in section


def test_a_long_curve_is_smoothed_and_a_far_constant_left_out(plain: Source) -> None:
    story = Story.read(plain.directory, Watch())
    started = story.record.started
    assert started is not None
    steps = [StepDone(n, n / 30, 5.0 + n % 2, {}, 0.1, 10.0, 0) for n in range(1, 91)]
    constants = {"near": 5.5, "far": 50.0}
    begun = replace(started, constants=constants)
    section = curves.sections(replace(story, record=RunRecord.fold([begun, *steps])))[0]
    assert 'class="raw s0"' in section
    assert "near" in section
    assert "far" not in section


def test_the_bound_is_drawn_under_its_ceiling(plain: Source) -> None:
    story = Story.read(plain.directory, Watch())
    started = story.record.started
    assert started is not None
    steps = [StepDone(n, n / 3, 2.0, {"bound": n / 4}, 0.1, 10.0, 0) for n in range(1, 9)]

    def drawn(ceilings: dict[str, float]) -> str:
        record = RunRecord.fold([replace(started, ceilings=ceilings), *steps])
        found = curves.sections(replace(story, record=record))
        assert titles(found) == ["Loss", "Mutual information proved"]
        return found[1]

    assert "ceiling: 2.5" in drawn({"bound": 2.5})
    assert "bound from 0.25 to 2" in drawn({"bound": 2.5})
    assert "ceiling:" not in drawn({})


def test_nothing_for_a_run_that_never_began(plain: Source) -> None:
    story = Story.read(plain.directory, Watch())
    assert curves.sections(replace(story, record=RunRecord())) == []
