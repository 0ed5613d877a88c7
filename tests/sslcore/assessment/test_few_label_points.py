"""A point is named and written as a person reads it."""

import pytest

from sslcore.assessment.few_label_points import Point, Worth, cell, curve_name
from sslcore.evaluation.interval import interval


def point(start: str, mean: float, half: float | None) -> Point:
    return Point(
        budget="1 %",
        labels=1000,
        start=start,
        readout="linear",
        layer="features",
        accuracies=(mean,),
        mean=mean,
        half=half,
        choices=("penalty 1",),
    )


@pytest.mark.parametrize(
    ("curve", "name"),
    [
        (("trained", "linear", "features"), "trained, linear on h"),
        (("trained", "fine_tuning", "network"), "trained, fine-tuned"),
        (("untrained", "fine_tuning", "network"), "from scratch"),
        (("dinov2", "mlp", "projection"), "dinov2, MLP on z"),
        (("pixels", "linear", "features"), "raw pixels, linear"),
    ],
)
def test_curves_have_names(curve: tuple[str, str, str], name: str) -> None:
    assert curve_name(*curve) == name


def test_a_cell_has_an_interval_where_there_is_one() -> None:
    assert cell(point("trained", 0.4844, 0.0123)) == "48.4 ± 1.2 %"
    assert cell(point("trained", 0.4844, None)) == "48.4 %"
    assert point("pixels", 0.2, None).name == "raw pixels, linear"
    assert point("pixels", 0.2, None).curve == ("pixels", "linear", "features")


def test_a_gain_is_a_sentence_with_both_sides() -> None:
    own, rival = point("trained", 0.5, 0.01), point("untrained", 0.3, None)
    assert Worth(own, rival, interval([0.19, 0.2, 0.21])).words() == (
        "Pre-training pays: with 1,000 labels 50.0 ± 1.0 % (trained, linear on h) against 30.0 % "
        "(untrained, linear on h), +20.0 ± 2.5 points."
    )
