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


def test_collapsed_projections_are_told_though_features_are_spread_out() -> None:
    # SimCLR without negatives: features at .59, projections all the same.
    watch = Watch({}, 0, against_collapse="Switch negatives on.")
    wide = 0.59 / math.sqrt(128)
    watch.untrained({"feature_std": 0.02, "projection_spread": 0.105})
    healthy = {"feature_std": wide, "projection_spread": 0.9}
    assert list(watch.evaluation(20, healthy, 128)) == []
    (warned,) = watch.evaluation(30, {"feature_std": wide, "projection_spread": 0.013}, 128)
    assert warned.code == "collapsed"
    assert warned.remedy == "Switch negatives on."
    assert "projections, which the loss compares, are almost the same" in warned.message
    assert "0.013" in warned.message
    assert list(watch.evaluation(40, healthy, 128)) == []
    assert len(list(watch.evaluation(50, {"feature_std": wide, "projection_spread": 0.01}, 128)))


def test_projections_that_began_narrow_have_not_collapsed() -> None:
    """MoCo v2's begin at .08; and where nothing is known of the start, nothing is said."""
    for untrained in ({"projection_spread": 0.081}, {}):
        watch = Watch({}, 0)
        watch.untrained(untrained)
        for spread in (0.087, 0.05):
            assert (
                list(watch.evaluation(9, {"feature_std": 0.1, "projection_spread": spread}, 64))
                == []
            )


def test_the_least_loss_is_collapse_only_where_nothing_is_spread_out() -> None:
    """SimSiam's -1 with a deviation near 0 is told, with what is meant against collapse."""
    for projected, told in ((0.02, 1), (0.9, 0)):
        watch = Watch({"-1 (collapsed)": -1.0}, 0, against_collapse="Stop the gradient.")
        metrics = {"feature_std": 0.6 / math.sqrt(64), "projection_spread": projected}
        assert sum(one.code == "stuck" for one in watch.evaluation(1, metrics, 64)) == 0
        found = fed(watch, [-0.998] * 300)
        assert len(found) == told
        for one in found:
            assert one.remedy == "Stop the gradient."
            assert "the value once all images get the same answer" in one.message
    # Never measured: the loss alone has to do.
    assert len(fed(Watch({"-1 (collapsed)": -1.0}, 0), [-0.998] * 300)) == 1


def test_a_flat_loss_whose_accuracy_rises_is_normal() -> None:
    """SwAV's loss may stand at ln K while kNN rises."""
    rising, still = (Watch({"ln K": 4.0}, 0) for _ in range(2))
    for step, more in enumerate((0.0, 0.02, 0.05)):
        list(rising.evaluation(step, {"feature_std": 0.1, "knn_20": 0.3 + more}, 64))
        list(still.evaluation(step, {"feature_std": 0.1, "knn_20": 0.3 + more / 5}, 64))
    assert fed(rising, [4.0] * 300) == []
    assert len(fed(still, [4.0] * 300)) == 1
    # Once it rises no longer, the loss is told after all.
    for step in range(5):
        list(rising.evaluation(300 + step, {"feature_std": 0.1, "knn_20": 0.35}, 64))
    assert len(fed(rising, [4.0] * 10, 400)) == 1


def test_a_loss_that_rises_early_is_no_trouble() -> None:
    """MoCo's does: its queue fills with keys that are ever harder to tell apart."""
    rising = [5.0 + 0.5 * min(step, 200) / 200 for step in range(600)]
    assert fed(Watch({"ln(K + 1)": math.log(4097)}, 0), rising) == []


def test_a_loss_that_grows_far_beyond_its_start_is_told_once() -> None:
    """VICReg's went from 20 to 1e33 under plain SGD, all of it finite."""
    watch = Watch({}, warmup_steps=20)
    begun = [20.0 + 0.1 * (step % 5) for step in range(150)]
    assert fed(watch, begun) == []
    (warned,) = fed(watch, [20.0 * 1.5**step for step in range(100)], 151)
    assert (warned.code, warned.step) == ("diverging", 151 + 28)  # the median is above 3 x 20
    assert "from 20.2 at the start to" in warned.message
    assert "learning rate" in warned.remedy
    # It comes back down, and goes again: told again.
    assert fed(watch, [20.0] * 60, 300) == []
    assert len(fed(watch, [90.0] * 60, 400)) == 1
    # One that blows up within its first hundred steps is held against the steps before.
    assert len(fed(Watch({}, 0), [20.0] * 25 + [20.0 * 1.5**step for step in range(60)])) == 1
    # A resumed run knows where it began, also one that stops there and then.
    second = Watch({}, warmup_steps=20)
    second.load(json.loads(json.dumps(watch.state())))
    assert fed(second, [20.0] * 60, 500) == []
    assert len(fed(second, [90.0] * 60, 600)) == 1


def test_a_loss_near_nothing_may_double() -> None:
    """A reconstruction's .002 that becomes .9 is bad, but no number says from where on."""
    assert fed(Watch({}, 0), [0.002] * 150 + [0.9] * 100) == []


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
    for watch in (straight, first):
        for step, accuracy in enumerate((0.1, 0.2, 0.2, 0.2, 0.2)):
            list(watch.evaluation(step, {"feature_std": 0.1, "knn_20": accuracy}, 64))
    expected = fed(straight, [2.0] * 240)
    before = fed(first, [2.0] * 150)
    assert before + expected == []
    expected += straight.evaluation(240, {"feature_std": 0.1, "knn_20": 0.2}, 64)
    expected += fed(straight, [2.0] * 10, 241)
    second = Watch({"c": 2.0}, 0)
    second.load(json.loads(json.dumps(first.state())))
    found = fed(second, [2.0] * 90, 151)
    found += second.evaluation(240, {"feature_std": 0.1, "knn_20": 0.2}, 64)
    assert found + fed(second, [2.0] * 10, 241) == expected
    assert len(expected) == 1
    # Checkpoints of before know no evaluations.
    new = ("begun", "spreads", "untrained", "accuracies")
    old = {key: one for key, one in first.state().items() if key not in new}
    third = Watch({"c": 2.0}, 0)
    third.load(old)
    assert len(fed(third, [2.0] * 100, 151)) == 1


def test_a_missing_file_is_named() -> None:
    (warned,) = Watch({}, 0).files(3, {7: "a/b.png: gone"})
    assert warned.message == "1 image can no longer be read; the newest: a/b.png: gone."
