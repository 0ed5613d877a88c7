"""Training as a stream of events, and exact resume for every method."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from sslcore.batch import Batch
from sslcore.data.catalogue import scan
from sslcore.engine.checkpoint import WEIGHTS, Checkpoint
from sslcore.engine.control import Control
from sslcore.engine.store import SaveError
from sslcore.engine.train import train
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
    unpacked,
)
from sslcore.method import Clock, Method, StepOutput, registry
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory
from sslcore.runs.memory import MemoryStore
from sslcore.runs.record import RunRecord
from tests.sslcore.engine.tiny import STEPS, recipe, run, steps

METHODS = sorted(registry())


def files(store: MemoryStore | RunDirectory) -> dict[str, bytes]:
    """The newest checkpoint, byte by byte: weights, optimiser, step, watch."""
    loaded = store.load("auto")
    assert loaded is not None
    return dict(loaded.files)


def checkpoint(store: MemoryStore) -> Checkpoint:
    loaded = store.load("auto")
    assert loaded is not None
    return Checkpoint.read(loaded.files)


def last(events: list[RunEvent]) -> RunStopped:
    assert isinstance(events[-1], RunStopped)
    return events[-1]


@pytest.mark.parametrize("key", METHODS)
def test_stop_kill_and_resume_are_exact(images: Path, tmp_path: Path, key: str) -> None:
    chosen = recipe(images, key, run__checkpoint_every=2 / 3, optimiser__momentum=0.9)
    straight = MemoryStore()
    expected = run(chosen, straight)
    assert last(expected) == RunStopped(STEPS, "completed", "", last(expected).time)
    assert [step for step, *_ in steps(expected)] == list(range(1, STEPS + 1))

    # Stopped by a person after 3 steps, then resumed.
    directory, control = RunDirectory.create(tmp_path / "run", chosen), Control()
    for event in directory.record(train(chosen, control, directory)):
        if isinstance(event, StepDone) and event.step == 3:
            control.stop()
    # Killed at step 5: what lies on the disk at that moment is all there is.
    killed = tmp_path / "killed"
    for event in directory.record(train(chosen, Control(), directory, "auto")):
        if isinstance(event, StepDone) and event.step == 5:
            shutil.copytree(directory.path, killed, ignore=shutil.ignore_patterns("run.lock"))
    directory.close()
    again = RunDirectory.open(killed)
    resumed = list(again.record(train(chosen, Control(), again, "auto")))
    again.close()
    (start,) = [one for one in resumed if isinstance(one, RunStarted)]
    assert start.first_step == 4

    for one in (directory, again):
        assert files(one) == files(straight)
        record, live = RunRecord.fold(one.replay()), RunRecord.fold(expected)
        assert record.series.keys() == live.series.keys()
        for name in record.series.keys() - {"images_per_second"}:
            np.testing.assert_array_equal(record.series[name].values, live.series[name].values)
            np.testing.assert_array_equal(record.series[name].steps, live.series[name].steps)
        assert record.metrics.keys() == live.metrics.keys()
        for name, series in live.metrics.items():
            np.testing.assert_array_equal(record.metrics[name].values, series.values)
        assert record.reference == live.reference
        assert record.snapshots == live.snapshots
        assert record.warnings == live.warnings


@pytest.mark.parametrize("key", METHODS)
def test_declared_diagnostics_are_the_ones_that_come(images: Path, key: str) -> None:
    events = run(recipe(images, key, schedule__epochs=1), MemoryStore())
    (start,) = [one for one in events if isinstance(one, RunStarted)]
    shown = [one for one in events if isinstance(one, Snapshot)]
    assert [one.step for one in shown] == [1, 2, 3]
    for one in shown:
        assert {spec.name: spec.kind for spec in start.diagnostics} == {
            name: picture.kind for name, picture in one.diagnostics.items()
        }


@pytest.mark.parametrize("key", METHODS)
def test_accumulation_trains_every_method(images: Path, key: str) -> None:
    events = run(recipe(images, key, schedule__epochs=1, schedule__accumulate=2), MemoryStore())
    assert last(events).reason == "completed", last(events).error
    assert all(np.isfinite(one.loss) for one in events if isinstance(one, StepDone))


def test_the_order_of_a_run(images: Path) -> None:
    store = MemoryStore()
    events = run(recipe(images), store)
    kinds = [type(one) for one in events]
    begin = kinds.index(RunStarted)
    assert set(kinds[:begin]) == {Preparing}
    assert Preparing not in kinds[begin:]
    assert [one.reference for one in events if isinstance(one, Evaluated)] == [True, False, False]
    assert [one.step for one in events if isinstance(one, Snapshot)] == [1, 2, 4, 6]
    assert [one.step for one in events if isinstance(one, CheckpointSaved)] == [3, 6]
    start, stepped = events[begin], [one for one in events if isinstance(one, StepDone)]
    assert isinstance(start, RunStarted)
    assert (start.images, start.held_out, start.classes) == (24, 6, ("dark", "light"))
    assert (start.steps_per_epoch, start.total_steps, start.epochs) == (3, 6, 2)
    assert start.ceilings == {"bound": pytest.approx(np.log(2 * 8 - 1))}
    assert [one.epoch for one in stepped] == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2])
    assert all(one.images_per_second > 0 and one.memory > 0 for one in stepped)
    assert "cross_correlation" in {spec.name for spec in start.diagnostics}
    (_, _, saved) = [one for one in events if isinstance(one, EmbeddingSaved)]
    arrays = store.arrays[saved.path]
    assert arrays["features"].shape == (saved.count, saved.dimensions) == (16, 16)
    assert len(set(arrays["index"].tolist())) == 16
    paths = scan(images).paths
    assert unpacked(arrays["paths"]) == tuple(paths[row] for row in arrays["index"])
    measured = [one for one in events if isinstance(one, Evaluated)][-1].metrics
    assert set(measured) == {
        "feature_std", "projection_spread", "rank_me", "alignment", "uniformity", "view_retrieval",
        "online_linear",
    }  # fmt: skip


def test_neighbours_are_asked_where_labels_and_enough_images_are(images: Path) -> None:
    events = run(recipe(images, schedule__epochs=1, run__probe_images=24), MemoryStore())
    measured = [one for one in events if isinstance(one, Evaluated)]
    # Two classes of different brightness: even an untrained network tells them apart.
    assert [set(one.metrics) & {"knn_20", "knn_200"} for one in measured] == [{"knn_20"}] * 2
    blind = run(recipe(images, data__labels="none", run__probe_images=24), MemoryStore())
    assert not any("knn_20" in one.metrics for one in blind if isinstance(one, Evaluated))


def test_seeds_decide_everything(images: Path) -> None:
    first, same, other = (
        steps(run(recipe(images, run__seed=seed), MemoryStore())) for seed in (1, 1, 2)
    )
    assert first == same
    assert first != other


def test_pause_resume_and_snapshot_now(images: Path) -> None:
    control = Control()
    events: list[RunEvent] = []
    for event in train(recipe(images, run__snapshot_every=1000), control, MemoryStore()):
        events.append(event)
        if isinstance(event, StepDone) and event.step == 2:
            control.pause()
        if isinstance(event, StepDone) and event.step == 3:
            control.snapshot_now()
        if isinstance(event, Paused):
            threading.Timer(0.05, control.resume).start()
    places = [(type(one), one.step) for one in events if isinstance(one, Paused | Resumed)]
    assert places == [(Paused, 2), (Resumed, 2)]
    assert [one.step for one in events if isinstance(one, Snapshot)] == [1, 4, 6]
    assert last(events).reason == "completed"


def test_a_stop_ends_a_pause_and_saves(images: Path) -> None:
    control, store = Control(), MemoryStore()
    events: list[RunEvent] = []
    for event in train(recipe(images), control, store):
        events.append(event)
        if isinstance(event, StepDone):
            control.pause()
        if isinstance(event, Paused):
            control.stop()
    assert [type(one) for one in events[-3:]] == [Paused, CheckpointSaved, RunStopped]
    assert (last(events).reason, last(events).step) == ("stopped", 1)
    assert checkpoint(store).step == 1


def test_a_stop_calls_preparations_off(images: Path) -> None:
    control = Control()
    events: list[RunEvent] = []
    for event in train(recipe(images), control, MemoryStore()):
        events.append(event)
        control.stop()
    assert {type(one) for one in events} == {Preparing, RunStopped}
    assert last(events).reason == "stopped"


def test_resuming_a_completed_run_says_so(images: Path) -> None:
    store = MemoryStore()
    run(recipe(images), store)
    events = run(recipe(images), store, "auto")
    assert [type(one) for one in events if not isinstance(one, Preparing)] == [
        RunStarted, RunStopped,
    ]  # fmt: skip
    assert last(events).reason == "completed"


def test_a_damaged_checkpoint_is_passed_over_with_a_warning(images: Path, tmp_path: Path) -> None:
    chosen = recipe(images)
    directory = RunDirectory.create(tmp_path / "run", chosen)
    assert run(chosen, directory)
    newest = directory.path / "checkpoints" / "step_00000006" / WEIGHTS
    newest.write_bytes(newest.read_bytes()[:-1] + b"?")
    events = run(chosen, directory, "auto")
    (start,) = [one for one in events if isinstance(one, RunStarted)]
    (warned,) = [one for one in events if isinstance(one, Warned)]
    assert (start.first_step, warned.code) == (3, "checkpoint_damaged")
    assert "step_00000006" in warned.message
    newest.write_bytes(b"")
    named = run(chosen, directory, str(newest.parent))
    assert last(named).reason == "failed"
    assert "damaged" in last(named).error


def test_a_checkpoint_of_another_recipe_is_refused(images: Path) -> None:
    store = MemoryStore()
    run(recipe(images), store)
    other = run(recipe(images, "rotation"), store, "auto")
    assert "made by 'simclr', the recipe says 'rotation'" in last(other).error
    wider = run(recipe(images, backbone__width=8), store, "auto")
    assert "does not fit the recipe" in last(wider).error
    longer = run(recipe(images, schedule__epochs=3), store, "auto")
    assert last(longer) == RunStopped(9, "completed", "", last(longer).time)


def test_one_process_trains_in_a_directory(images: Path, tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", recipe(images))
    first = train(recipe(images), Control(), directory)
    next(iter(first))
    second = run(recipe(images), RunDirectory.open(directory.path))
    assert [type(one) for one in second] == [RunStopped]
    assert "trains here already" in last(second).error
    del first  # dropped without a word, as a thread that dies does
    assert not directory.busy


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data__folder": ""}, "data.folder: empty"),
        ({"data__folder": "/nowhere"}, "/nowhere: there is no such folder"),
        ({"backbone__name": "nope"}, "backbone.name = 'nope'"),
        ({"run__device": "tpu"}, "run.device = 'tpu'"),
        ({"run__precision": "float16"}, "the CPU cannot train so"),
        ({"data__limit": 1 + 1, "method__head_output": 8, "data__held_out": 0.9}, ""),
    ],
)
def test_bad_input_ends_in_one_sentence(
    images: Path, changes: dict[str, object], sentence: str
) -> None:
    end = last(run(recipe(images, **changes), MemoryStore()))
    if sentence:
        assert (end.reason, end.step) == ("failed", 0)
        assert sentence in end.error
    else:
        assert end.reason == "completed", end.error


class FullStore(MemoryStore):
    """A disk without room."""

    def save_checkpoint(self, step: int, files: object, keep: int) -> str:
        raise SaveError("checkpoints: the disk is full; free space")


def test_a_checkpoint_that_cannot_be_saved_fails_the_run(images: Path) -> None:
    end = last(run(recipe(images), FullStore()))
    assert (end.step, end.reason, end.error) == (
        3, "failed", "checkpoints: the disk is full; free space",
    )  # fmt: skip


def _broken(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, loss: float | None = None
) -> None:
    """Let SimCLR's third step raise, or give this loss from then on."""
    simclr = registry()["simclr"]
    objective = simclr.objective

    def worse(self: Method, projected: dict, batch: Batch, clock: Clock) -> StepOutput:
        output = objective(self, projected, batch, clock)
        if clock.step >= 2:
            if error is not None:
                raise error
            return StepOutput(output.loss * loss, output.terms, output.diagnostics, output.tensors)
        return output

    monkeypatch.setattr(simclr, "objective", worse)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "Out of memory: "),
        (RuntimeError("sizes differ. See here."), "Internal error (RuntimeError): sizes differ"),
        (OSError(28, "No space left on device", "x"), "x: the disk is full"),
    ],
)
def test_what_breaks_in_a_step_fails_the_run(
    images: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    _broken(monkeypatch, error)
    end = last(run(recipe(images), MemoryStore()))
    assert (end.step, end.reason) == (2, "failed")
    assert end.error.startswith(sentence)


def test_updates_that_are_not_finite_are_left_out(
    images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _broken(monkeypatch, None, float("nan"))
    store = MemoryStore()
    events = run(recipe(images), store)
    stepped = [one for one in events if isinstance(one, StepDone)]
    assert [one.skipped for one in stepped] == [False, False, True, True, True, True]
    assert [one.code for one in events if isinstance(one, Warned)] == ["not_finite"]
    held = checkpoint(store).weights
    assert all(torch.isfinite(one).all() for one in held.values())
    long = run(recipe(images, schedule__epochs=40), MemoryStore())
    assert (last(long).step, last(long).reason) == (52, "failed")
    assert "50 updates in a row" in last(long).error


@pytest.mark.parametrize("broken", [False, True])
def test_after_step_sees_the_whole_batch_of_every_update(
    images: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    seen: list[tuple[int, tuple[int, ...]]] = []

    def after(self: Method, tensors: dict[str, torch.Tensor], clock: Clock) -> None:
        seen.append((clock.step, tuple(tensors["z_a"].shape)))

    monkeypatch.setattr(registry()["simclr"], "after_step", after)
    if broken:
        _broken(monkeypatch, None, float("nan"))
    run(recipe(images, schedule__accumulate=2), MemoryStore())
    assert seen == [(step, (8, 8)) for step in range(2 if broken else STEPS)]


def test_torch_gets_its_threads_back(images: Path) -> None:
    before = torch.get_num_threads()
    seen: set[int] = set()
    chosen = recipe(images, schedule__epochs=1, run__threads=3)
    for event in train(chosen, Control(), MemoryStore()):
        if isinstance(event, StepDone):
            seen.add(torch.get_num_threads())
    assert seen == {3}
    assert torch.get_num_threads() == before


def test_files_that_vanish_are_told_of_once(tmp_path: Path, images: Path) -> None:
    folder = tmp_path / "images"
    shutil.copytree(images, folder)
    chosen = recipe(folder, schedule__epochs=6)

    def watched() -> Iterator[RunEvent]:
        for event in train(chosen, Control(), MemoryStore()):
            if isinstance(event, RunStarted):
                for file in (folder / "dark").iterdir():
                    file.unlink()
            yield event

    events = list(watched())
    assert last(events).reason == "completed", last(events).error
    codes = [one.code for one in events if isinstance(one, Warned)]
    assert codes in (["files_missing"], ["files_missing"] * 2)  # at the first and at the tenth


def test_recipes_come_back_from_checkpoints(images: Path) -> None:
    store, chosen = MemoryStore(), recipe(images, "moco_v2")
    run(chosen, store)
    kept = checkpoint(store)
    assert Recipe.from_toml(kept.recipe) == chosen
    method = kept.method()
    assert not method.training
    for name, value in method.state_dict().items():
        assert torch.equal(value, kept.weights[name])
