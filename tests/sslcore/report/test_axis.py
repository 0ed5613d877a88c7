"""Axes of charts."""

import math

import pytest

from sslcore.report.axis import Axis


def test_round_marks_between_the_ends() -> None:
    assert Axis(0.0, 10.0).marks(5) == [0, 2, 4, 6, 8, 10]
    assert Axis(-0.3, 0.31).marks(7) == pytest.approx([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3])
    assert Axis(1e-8, 1.0, log=True).marks(5) == pytest.approx([1e-8, 1e-6, 1e-4, 1e-2, 1])
    for low, high in ((0.0, 1.0), (3.3, 3.4), (-1e6, 1e7), (5.0, 5.0001)):
        marks = Axis(low, high).marks(6)
        assert 2 <= len(marks) <= 7
        assert all(low - 1e-6 * (high - low) <= one <= high + 1e-6 * (high - low) for one in marks)


def test_there_is_room_for_every_value() -> None:
    axis = Axis.around([1.0, math.nan, 3.0, math.inf])
    assert axis.low < 1.0 < 3.0 < axis.high
    assert Axis.around([2.0, 3.0], zero=True).low == 0.0
    assert Axis.around([2.0, 3.0], tight=True) == Axis(2.0, 3.0)
    for values in ([], [math.nan], [4.0], [0.0]):
        axis = Axis.around(values)
        assert axis.low < axis.high


def test_logarithmic_only_where_it_can_be() -> None:
    assert Axis.around([1.0, 100.0], log=True).log
    assert not Axis.around([0.0, 100.0], log=True).log
    axis = Axis(1.0, 100.0, log=True)
    assert axis.part(10.0) == pytest.approx(0.5)
    assert Axis(1.0, 100.0).part(50.5) == pytest.approx(0.5)
    assert Axis.around([5.0, 5.0], log=True).part(5.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("axis", "value", "text"),
    [
        (Axis(0, 1, percent=True), 0.25, "25 %"),
        (Axis(0, 1), 0.30000000000000004, "0.3"),
        (Axis(0, 1e6), 200000.0, "2e+05"),
        (Axis(1e-8, 1, log=True), 1e-4, "10\u207b\u2074"),
        (Axis(1e-8, 1, log=True), 0.01, "0.01"),
        (Axis(-1, 1), 0.0, "0"),
    ],
)
def test_numbers(axis: Axis, value: float, text: str) -> None:
    assert axis.written(value) == text
