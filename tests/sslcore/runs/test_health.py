"""Verdicts on made-up runs of every kind."""

import math

import pytest

from sslcore.events import EmbeddingSaved, Evaluated, Preparing, RunEvent, RunStopped
from sslcore.runs.health import relative_spread, verdict
from sslcore.runs.record import RunRecord
from tests.sslcore.runs.test_record import done, started

SIZE = 64


def measured(step: int, spread: float, **more: float) -> list[RunEvent]:
    """An evaluation whose features have a deviation of ``spread`` relative to 1 / sqrt(D)."""
    return [
        EmbeddingSaved(step, step / 10, "", 100, SIZE),
        Evaluated(step, step / 10, {"feature_std": spread / math.sqrt(SIZE), **more}),
    ]


def run(
    losses: list[float], *more: RunEvent, constants: dict[str, float] | None = None
) -> RunRecord:
    start = started(total=10_000)
    start = type(start)(**{**start.__dict__, "constants": constants or {}})
    steps = [done(step, loss) for step, loss in enumerate(losses, 1)]
    return RunRecord.fold([start, *steps, *more])


def falling(count: int) -> list[float]:
    return [5.0 - 3.0 * step / count for step in range(count)]


def test_waiting() -> None:
    assert verdict(RunRecord()).level == "waiting"
    preparing = verdict(RunRecord.fold([Preparing("Decoding images", 1, 9)]))
    assert (preparing.level, preparing.detail) == ("waiting", "Decoding images …")
    assert verdict(run([5.0] * 5)).level == "waiting"
    begun = verdict(RunRecord.fold([started()]))
    assert (begun.level, begun.headline) == ("waiting", "Measuring the untrained encoder first")
    assert "Steps begin in a moment" in begun.detail


def test_learning_speaks_of_spread_and_progress() -> None:
    events = [one for step in range(10, 210, 10) for one in
              measured(step, 0.81, knn_20=0.40 + step * 0.00021)]  # fmt: skip
    found = verdict(run(falling(300), *events))
    assert found.level == "learning"
    assert found.remedy == ""
    assert (
        "Features are spread out (std 0.81 of 1), kNN rose 2.1 points in 10 epochs" in found.detail
    )
    assert relative_spread(run([1.0], *events)) == pytest.approx(0.81)
    soon = verdict(run(falling(300), *events[: 2 * len(events) // 20]))
    assert "kNN rose 0.2 points in an epoch" in soon.detail


def test_the_first_evaluation_is_held_against_the_untrained_encoder() -> None:
    reference = Evaluated(0, 0.0, {"knn_20": 0.30}, reference=True)
    found = verdict(run(falling(50), reference, *measured(10, 0.9, knn_20=0.35)))
    assert "kNN rose 5.0 points over the untrained encoder" in found.detail


def test_stuck_at_a_known_constant() -> None:
    losses = [5.541 + 0.001 * math.sin(step) for step in range(300)]
    found = verdict(run(losses, constants={"ln(2B - 1)": math.log(255)}))
    assert found.level == "stuck"
    assert "ln(2B - 1)" in found.detail
    assert found.remedy
    assert verdict(run(losses)).level == "learning"
    assert verdict(run(falling(300), constants={"ln(2B - 1)": math.log(255)})).level == "learning"


def test_collapse_is_told_from_narrow_features() -> None:
    collapsed = verdict(run(falling(300), *measured(300, 0.02, view_retrieval=0.01)))
    assert collapsed.level == "collapsing"
    assert "std 0.02 of 1" in collapsed.detail
    assert "1 % of the time" in collapsed.detail
    assert verdict(run(falling(300), *measured(300, 0.15))).level == "learning"
    shrinking = [one for step, spread in ((100, 0.9), (200, 0.4), (300, 0.15))
                 for one in measured(step, spread)]  # fmt: skip
    assert verdict(run(falling(300), *shrinking)).headline == "Collapsing"


def test_diverging() -> None:
    assert verdict(run([*falling(100), math.nan, 1.0])).level == "diverging"
    grown = [2.0 + 0.01 * (step % 7) for step in range(150)] + [30.0] * 60
    found = verdict(run(grown))
    assert (found.level, found.headline) == ("diverging", "The loss grows")
    # MoCo's loss rises a little before it falls: normal.
    assert verdict(run([2.0] * 100 + [3.0] * 100)).level == "learning"


def test_the_end() -> None:
    completed = verdict(
        run(falling(50), *measured(50, 0.7, knn_20=0.5), RunStopped(50, "completed"))
    )
    assert (completed.level, completed.headline) == ("done", "Completed")
    assert "50 steps" in completed.detail
    assert "kNN 50.0 %" in completed.detail
    failed = verdict(run(falling(50), RunStopped(50, "failed", "the disk is full")))
    assert failed.headline == "The run failed"
    assert failed.detail == "the disk is full"
    ended = verdict(run(falling(50), *measured(50, 0.01), RunStopped(50, "completed")))
    assert ended.level == "collapsing"
