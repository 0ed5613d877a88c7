"""The record folds events; replaying, resuming and a million steps give what was seen live."""

import math
from dataclasses import replace

import numpy as np

from sslcore.events import (
    CheckpointSaved,
    EmbeddingSaved,
    Evaluated,
    Paused,
    Preparing,
    Resumed,
    RunEvent,
    RunStarted,
    RunStopped,
    Snapshot,
    StepDone,
    Warned,
)
from sslcore.runs.record import RunRecord


def started(first_step: int = 0, total: int = 100) -> RunStarted:
    return RunStarted(
        method="simclr",
        title="SimCLR",
        total_steps=total,
        steps_per_epoch=10,
        epochs=total // 10,
        first_step=first_step,
        images=80,
        held_out=20,
        classes=("a", "b"),
        device="CPU",
        precision="32-true",
        diagnostics=(),
        constants={},
        environment={},
        time=0.0,
    )


def done(step: int, loss: float = 1.0, *, skipped: bool = False) -> StepDone:
    return StepDone(step, step / 10, loss, {"part": loss / 2}, 0.1, 40.0, 1, skipped)


def test_each_event_has_its_place() -> None:
    record = RunRecord()
    assert record.state == "new"
    record.apply(Preparing("Decoding images", 3, 10))
    assert (record.state, record.stage) == ("preparing", Preparing("Decoding images", 3, 10))
    record.apply(started())
    assert (record.state, record.stage) == ("running", None)
    record.apply(Evaluated(0, 0.0, {"knn_20": 0.3}, reference=True))
    for step in range(1, 11):
        record.apply(done(step, 1 / step, skipped=step == 4))
    record.apply(Snapshot(10, 1.0, {}))
    record.apply(Evaluated(10, 1.0, {"knn_20": 0.5}))
    record.apply(CheckpointSaved(10, 1.0, "here"))
    record.apply(EmbeddingSaved(10, 1.0, "there", 5, 4))
    record.apply(Warned(10, "code", "what", "how"))
    record.apply(Paused(10))
    assert record.state == "paused"
    record.apply(Resumed(10))
    assert record.state == "running"
    record.apply(RunStopped(10, "stopped"))
    assert (record.state, record.stopped) == ("stopped", RunStopped(10, "stopped"))
    assert set(record.series) == {"loss", "term/part", "learning_rate", "images_per_second"}
    np.testing.assert_allclose(record.series["loss"].values, [1 / s for s in range(1, 11)])
    np.testing.assert_array_equal(record.series["term/part"].steps, np.arange(1, 11))
    np.testing.assert_allclose(record.series["loss"].epochs, np.arange(1, 11) / 10)
    assert record.reference == {"knn_20": 0.3}
    assert record.metrics["knn_20"].values.tolist() == [0.5]
    assert record.snapshots == [(10, 1.0)]
    assert (record.step, record.epoch, record.progress, record.skipped) == (10, 1.0, 0.1, 1)
    assert record.seconds_left == 90 * 8 / 40
    assert len(record.checkpoints) == len(record.embeddings) == len(record.warnings) == 1


def test_a_resumed_run_equals_one_that_never_stopped() -> None:
    def piece(first: int, last: int) -> list[RunEvent]:
        events: list[RunEvent] = []
        for step in range(first, last + 1):
            events.append(done(step, math.sin(step), skipped=step == 7))
            if step % 5 == 0:
                events += [Snapshot(step, step / 10, {}), Evaluated(step, step / 10, {"x": step})]
                events += [CheckpointSaved(step, step / 10, str(step))]
        return events

    straight = RunRecord.fold([started(), *piece(1, 20)])
    # Killed at 9, resumed from the checkpoint of 5; killed at 18, resumed from 10.
    parts = [started(), *piece(1, 9), started(5), *piece(6, 18), started(10), *piece(11, 20)]
    killed = RunRecord.fold(parts)
    assert killed.series.keys() == straight.series.keys()
    for name, series in straight.series.items():
        np.testing.assert_array_equal(killed.series[name].steps, series.steps)
        np.testing.assert_array_equal(killed.series[name].values, series.values)
    np.testing.assert_array_equal(killed.metrics["x"].values, straight.metrics["x"].values)
    assert killed.snapshots == straight.snapshots
    assert killed.checkpoints == straight.checkpoints
    assert killed.skipped == straight.skipped == 1
    assert killed.last == straight.last


def test_ceilings_are_those_of_the_newest_start() -> None:
    record = RunRecord()
    assert record.ceilings == {}
    record.apply(replace(started(), ceilings={"bound": 5.5}))
    assert record.ceilings == {"bound": 5.5}
    record.apply(replace(started(first_step=10), ceilings={"bound": 6.5}))
    assert record.ceilings == {"bound": 6.5}
    record.apply(started(first_step=20))
    assert record.ceilings == {}


def test_starting_over_forgets_everything() -> None:
    parts = [started(), Warned(0, "a", "b", "c"), done(1), RunStopped(1, "failed", "why")]
    record = RunRecord.fold([*parts, started()])
    assert (record.series, record.warnings, record.stopped) == ({}, [], None)
    assert (record.state, record.step) == ("running", 0)


def test_a_timeline_stands_at_snapshots_and_at_features() -> None:
    record = RunRecord.fold([started(), EmbeddingSaved(0, 0.0, "", 9, 4)])
    assert record.moments == [(0, 0.0)]
    assert record.snapshot_at(5) is None
    for step in (4, 8, 12):
        record.apply(Snapshot(step, step / 10, {}))
    for step in (8, 10):
        record.apply(EmbeddingSaved(step, step / 10, "", 9, 4))
    assert record.moments == [(0, 0.0), (4, 0.4), (8, 0.8), (10, 1.0), (12, 1.2)]
    found = {step: record.snapshot_at(step) for step in (0, 4, 7, 8, 11, 12, 99)}
    assert found == {0: 4, 4: 4, 7: 4, 8: 8, 11: 8, 12: 12, 99: 12}
