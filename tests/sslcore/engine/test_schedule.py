"""The timetable against the formulas of the papers, written out plainly."""

import math

import pytest

from sslcore.engine.schedule import Timetable
from sslcore.sections import OptimiserSection, ScheduleSection


def timetable(**schedule: object) -> Timetable:
    optimiser = OptimiserSection(learning_rate=0.8, weight_decay=0.04, weight_decay_end=0.4)
    section = ScheduleSection.parse({"epochs": 10, "batch_size": 8, **schedule})
    return Timetable(section, optimiser, steps_per_epoch=20)


def test_cosine_with_warm_up() -> None:
    table = timetable(warmup_epochs=2.5, final_factor=0.1)
    assert (table.total_steps, table.warmup_steps) == (200, 50)
    for step in range(200):
        if step < 50:
            expected = 0.8 * (step + 1) / 50
        else:
            part = (step - 50) / 150
            expected = 0.8 * (0.1 + 0.9 * (1 + math.cos(math.pi * part)) / 2)
        assert table.rate(step) == pytest.approx(expected, abs=1e-12)
    assert table.rate(49) == table.rate(50) == 0.8


def test_steps_fall_at_their_milestones() -> None:
    table = timetable(decay="step", milestones=(0.3, 0.6, 0.8), decay_factor=0.2)
    rates = [table.rate(step) for step in range(200)]
    expected = [0.8] * 60 + [0.16] * 60 + [0.032] * 40 + [0.0064] * 40
    assert rates == pytest.approx(expected)


def test_constant_and_fixed_rates_rise_and_stay() -> None:
    constant = timetable(decay="constant", warmup_epochs=1)
    assert constant.rate(0) == pytest.approx(0.04)
    assert {constant.rate(step) for step in range(20, 200)} == {0.8}
    cosine = timetable(warmup_epochs=1)
    assert cosine.rate(199, fixed=True, scale=0.5) == 0.4
    assert cosine.rate(3, fixed=True) == cosine.rate(3)


def test_a_warm_up_longer_than_the_run_never_ends() -> None:
    table = timetable(warmup_epochs=50)
    assert table.warmup_steps == 200
    assert table.rate(199) == 0.8


def test_weight_decay_moves_on_a_cosine() -> None:
    table = timetable()
    for step in range(200):
        expected = 0.4 + (0.04 - 0.4) * (1 + math.cos(math.pi * step / 200)) / 2
        assert table.weight_decay(step) == pytest.approx(expected)
    fixed = Timetable(table.schedule, OptimiserSection(weight_decay=0.3), 20)
    assert {fixed.weight_decay(step) for step in (0, 100, 199)} == {0.3}
