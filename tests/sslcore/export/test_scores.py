"""Measures as people read them."""

import math

from sslcore.assessment.kept import CHANGED, Kept
from sslcore.assessment.kinds.knn import KnnConfig, KnnFinding
from sslcore.events import Evaluated
from sslcore.export import scores
from sslcore.export.source import Source
from sslcore.runs.record import RunRecord


def record(*events: Evaluated) -> RunRecord:
    return RunRecord.fold(events)


def test_the_newest_before_a_step_beside_the_untrained() -> None:
    found = record(
        Evaluated(0, 0.0, {"knn_20": 0.1}, reference=True),
        Evaluated(3, 1.0, {"knn_20": 0.25, "own_measure": 1.234}),
        Evaluated(6, 2.0, {"knn_20": 0.5}),
    )
    first, second = scores.of_log(found)
    assert (first.title, first.value, first.untrained) == (
        "kNN accuracy, k = 20",
        "50.0 %",
        "10.0 %",
    )
    assert (second.title, second.value, second.untrained) == ("own measure", "1.23", "")
    assert scores.of_log(found, 5)[0].value == "25.0 %"
    assert scores.of_log(found, 5)[0].step == 3
    assert scores.of_log(found, 2) == []


def test_the_linear_classifier_is_a_part_in_percent() -> None:
    (found,) = scores.of_log(record(Evaluated(3, 1.0, {"online_linear": 0.39})))
    assert found.title == "linear accuracy, classifier trained alongside"
    assert found.value == "39.0 %"


def test_a_changed_folder_is_the_last_line() -> None:
    finding = KnnFinding(neighbours=(20,), accuracy={"trained": (0.5,)})
    one = Kept("knn", 1, 1.0, 0.0, 1.0, (9, 4), KnnConfig(), finding, changed=True)
    assert scores.of_findings({"knn": one})[0].lines[-1] == CHANGED


def test_what_is_not_a_number_is_left_out() -> None:
    found = record(Evaluated(3, 1.0, {"alignment": math.nan, "uniformity": -1.5}))
    assert [one.value for one in scores.of_log(found)] == ["-1.50"]
    assert scores.of_log(RunRecord()) == []


def test_no_findings(plain: Source) -> None:
    assert scores.of_findings(plain.findings) == []
