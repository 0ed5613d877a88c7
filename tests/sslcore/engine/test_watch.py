"""Troubles are named once, with a remedy, and the watch survives a resume."""

import json
import math

import pytest

from sslcore.engine.watch import PATIENCE, SKIPS, Watch
from sslcore.events import Warned

STUCK = math.log(255)


def fed(watch: Watch, losses: list[float], first: int = 1) -> list[Warned]:
    found: list[Warned] = []
    for step, loss in enumerate(losses, first):
        found += watch.step(step, loss, skipped=False)
    return found


def test_a_loss_that_stands_at_a_constant_is_told_once() -> None:
    watch = Watch({"ln(2B - 1)": STUCK}, warmup_steps=30)
    near = [STUCK * (1 + 0.004 * (-1) ** step) for step in range(600)]
    (warned,) = fed(watch, near)
    assert (warned.step, warned.code) == (30 + PATIENCE, "stuck")
    assert "ln(2B - 1)" in warned.message
    assert warned.remedy
    # It leaves, and comes back: told again.
    assert fed(watch, [STUCK * 0.99], 900) == []
    assert len(fed(watch, near, 1000)) == 1


@pytest.mark.parametrize("losses", [[STUCK * 1.006] * 300, [STUCK * 0.9] * 300, [1.0] * 300])
def test_other_flat_losses_are_no_trouble(losses: list[float]) -> None:
    assert fed(Watch({"ln(2B - 1)": STUCK}, 0), losses) == []


def test_zero_is_a_constant_too() -> None:
    assert len(fed(Watch({"0 (collapsed)": 0.0}, 0), [0.004] * 300)) == 1
    assert fed(Watch({"0 (collapsed)": 0.0}, 0), [0.02] * 300) == []


def test_collapse_is_measured_against_the_length_of_features() -> None:
    watch = Watch({}, warmup_steps=10)
    low, high = 0.09 / math.sqrt(128), 0.11 / math.sqrt(128)
    assert list(watch.evaluation(5, {"feature_std": low}, 128)) == []
    assert list(watch.evaluation(20, {"feature_std": high}, 128)) == []
    (warned,) = watch.evaluation(30, {"feature_std": low}, 128)
    assert (warned.code, "0.090" in warned.message) == ("collapsed", True)
    assert list(watch.evaluation(40, {"feature_std": low}, 128)) == []
    assert [one.code for one in watch.evaluation(50, {}, 128)] == ["features_not_finite"]


def test_left_out_updates() -> None:
    watch = Watch({}, 0)
    found = [one for step in range(5) for one in watch.step(step, math.nan, skipped=True)]
    assert [one.code for one in found] == ["not_finite"]
    assert fed(watch, [1.0]) == []
    assert len(list(watch.step(7, math.nan, skipped=True))) == 1
    for step in range(SKIPS - 2):
        list(watch.step(step, math.nan, skipped=True))
    with pytest.raises(ValueError, match="50 updates in a row"):
        list(watch.step(99, math.nan, skipped=True))


def test_a_loss_scaler_may_leave_out_a_few() -> None:
    watch = Watch({}, 0, scales=True)
    found = [one for step in range(10) for one in watch.step(step, math.inf, skipped=True)]
    assert found == []
    assert len(list(watch.step(10, math.inf, skipped=True))) == 1


def test_missing_files_are_told_of_at_the_first_the_tenth_and_so_on() -> None:
    watch = Watch({}, 0)
    told = [
        count
        for count in range(120)
        if list(watch.files(count, {row: f"{row}.png: gone" for row in range(count)}))
    ]
    assert told == [1, 10, 100]


def test_a_resumed_watch_goes_on_as_if_nothing_had_happened() -> None:
    straight, first = (Watch({"c": 2.0}, 0) for _ in range(2))
    expected = fed(straight, [2.0] * 250)
    before = fed(first, [2.0] * 150)
    second = Watch({"c": 2.0}, 0)
    second.load(json.loads(json.dumps(first.state())))
    assert before + fed(second, [2.0] * 100, 151) == expected
    assert len(expected) == 1


def test_a_missing_file_is_named() -> None:
    (warned,) = Watch({}, 0).files(3, {7: "a/b.png: gone"})
    assert warned.message == "1 image can no longer be read; the newest: a/b.png: gone."
