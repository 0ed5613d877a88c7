import math

import numpy as np
import pytest

from app.plots.axis import Scale, limits, reading, round_step, tick_text, ticks


@pytest.mark.parametrize("log", [False, True])
def test_a_pixel_leads_back_to_its_value(log):
    scale = Scale(0.5, 200.0, 300.0, 20.0, log)
    for value in (0.5, 3.0, 77.7, 200.0):
        assert scale.value(scale.pixel(value)) == pytest.approx(value)
    assert scale.pixel(0.5) == 300.0
    assert scale.pixel(200.0) == 20.0


def test_a_log_axis_has_no_place_for_zero():
    assert np.isnan(Scale(1.0, 10.0, 0.0, 100.0, log=True).pixels(np.array([0.0, -1.0]))).all()


@pytest.mark.parametrize(
    ("rough", "step"), [(0.7, 1.0), (1.0, 1.0), (1.1, 2.0), (3, 5), (0.03, 0.05)]
)
def test_steps_are_one_two_or_five(rough, step):
    assert round_step(rough) == pytest.approx(step)


def test_ticks_lie_within_and_evenly():
    found = ticks(-0.31, 0.94, 5)
    assert found[0] >= -0.31
    assert found[-1] <= 0.94
    assert np.allclose(np.diff(found), found[1] - found[0])
    assert any(abs(tick) < 1e-12 for tick in found)


def test_log_ticks_are_powers_of_ten_where_there_are_many():
    found = ticks(1e-9, 1e3, 4, log=True)
    assert all(math.log10(tick) == pytest.approx(round(math.log10(tick))) for tick in found)
    assert 2 <= len(found) <= 6


@pytest.mark.parametrize(("low", "high"), [(0.2, 0.9), (-3.0, -1.0), (5.0, 5.0), (0.0, 0.0)])
def test_limits_hold_the_data_and_have_a_width(low, high):
    bottom, top = limits(low, high)
    assert bottom <= low
    assert top >= high
    assert top > bottom


def test_limits_take_zero_in_where_it_is_near_and_only_there():
    assert limits(0.2, 0.9)[0] == 0.0
    assert limits(0.8, 0.9)[0] > 0.5


def test_log_limits_stay_positive_and_hold_the_data():
    bottom, top = limits(0.03, 0.04, log=True)
    assert 0 < bottom <= 0.03
    assert top >= 0.04
    assert top / bottom >= 4


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [(0.25, 0.25, "0.2"), (50.0, 10.0, "50"), (-1.0, 0.5, "−1.0"), (12000, 2000, "12,000"),
     (1e-20, 0.5, "0.0"), (3e-6, 1e-6, "3e−6")],
)  # fmt: skip
def test_tick_text(value, step, text):
    assert tick_text(value, step) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.8712, "0.871"), (-0.05, "−0.0500"), (3.14159, "3.14"), (1234.0, "1,234"), (0.0, "0"),
     (2.5e-6, "2.50e−6"), (math.nan, "not a number"), (-math.inf, "−∞")],
)  # fmt: skip
def test_reading(value, text):
    assert reading(value) == text


@pytest.mark.parametrize(("low", "high"), [(0.141, 0.183), (14.0, 19.0), (-0.9, 1.9), (3.0, 3.1)])
def test_no_axis_has_one_tick_alone(low, high):
    for count in (1, 2, 3):
        assert len(ticks(low, high, count)) >= 2
