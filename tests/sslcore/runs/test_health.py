"""Verdicts on made-up runs of every kind."""

import math

import pytest

from sslcore.events import EmbeddingSaved, Evaluated, Preparing, RunEvent, RunStopped, Warned
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


def test_runs_whose_projections_collapsed_are_not_called_learning() -> None:
    """The shipped SimCLR without negatives: features .61, projections .013 (measured)."""
    told = Warned(300, "collapsed", "…", "SimCLR is kept from collapsing by its negatives.")
    begun = Evaluated(0, 0.0, {"projection_spread": 0.105}, reference=True)
    metrics = [begun, *measured(300, 0.61, rank_me=13.0, projection_spread=0.013)]
    found = verdict(run([-1.9995] * 300, *metrics, told))
    assert (found.level, found.headline) == ("collapsing", "Collapsed")
    assert "Projections differ little between images (std 0.01 of 1)" in found.detail
    assert found.remedy == told.remedy
    assert "redundancy weight" in verdict(run([-1.9995] * 300, *metrics)).remedy
    healthy = measured(300, 0.61, projection_spread=0.9)
    assert verdict(run([-1.9995] * 300, *healthy)).level == "learning"
    began_narrow = Evaluated(0, 0.0, {"projection_spread": 0.02}, reference=True)
    assert verdict(run(falling(300), began_narrow, *metrics[1:])).level == "learning"


def test_the_least_loss_of_all_is_stuck_only_where_all_images_are_alike() -> None:
    constants = {"-1 (collapsed)": -1.0}
    alike = run([-0.998] * 300, *measured(300, 0.4, projection_spread=0.3), constants=constants)
    assert "as once all images get the same answer" in verdict(alike).detail
    apart = run([-0.998] * 300, *measured(300, 0.6, projection_spread=0.9), constants=constants)
    assert verdict(apart).level == "learning"


def test_a_flat_loss_under_which_neighbours_improve_is_learning() -> None:
    """Normal for SwAV."""
    events = [one for step in range(10, 60, 10) for one in
              measured(step, 0.6, knn_20=0.25 + step * 0.001)]  # fmt: skip
    constants = {"ln K (every cluster alike)": 4.0}
    assert verdict(run([4.0] * 300, *events, constants=constants)).level == "learning"
    assert verdict(run([4.0] * 300, *events[:2], constants=constants)).level == "stuck"


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
