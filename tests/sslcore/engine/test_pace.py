"""What is due when."""

from pathlib import Path

import numpy as np
import pytest

from sslcore.engine import pace
from sslcore.engine.checkpoint import OPTIMISER, WEIGHTS
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import EmbeddingSaved, Evaluated, StepDone
from sslcore.runs.memory import MemoryStore
from tests.sslcore.engine.tiny import recipe, run, steps


def test_due() -> None:
    assert pace.every(1.0, 30) == 30
    assert pace.every(0.5, 5) == 2
    assert pace.every(0.01, 3) == 1
    assert [step for step in range(9) if pace.due(step, 3, 8)] == [3, 6, 8]


def test_speed_counts_images_of_the_last_steps() -> None:
    speed = pace.Speed(window=2)
    rates: list[float] = []
    for images in (10, 20, 30):
        speed.start()
        rates.append(speed.stop(images))
    assert all(rate > 0 for rate in rates)


@pytest.mark.parametrize(
    ("snapshots", "images", "step_images", "total", "interval"),
    [
        (0, 4000, 128, 19_500, 0),  # never
        (1, 4000, 128, 19_500, 50),  # at every snapshot, whatever it costs
        (7, 4000, 128, 19_500, 350),
        # 4,000 images cost what 4000 / (3 * 128) = 10.4 steps do: a tenth of 105 steps, so 150.
        (None, 4000, 128, 1_000, 150),
        # Where a step sees a quarter of its images: a tenth of 417 steps.
        (None, 4000, 128 * 0.25, 1_000, 450),
        # A hundred along 19,500 steps: one in 195, so 200.
        (None, 4000, 128, 19_500, 200),
        (None, 400, 128, 1_000, 50),  # no more often than snapshots are
    ],
)
def test_features_are_kept_as_asked_or_as_often_as_costs_little(
    snapshots: int | None, images: int, step_images: float, total: int, interval: int
) -> None:
    assert pace.features(snapshots, 50, images, step_images, total) == interval


@pytest.mark.parametrize("key", ["simclr", "barlow_twins", "dino"])
def test_features_along_the_run_change_nothing_of_it(images: Path, key: str) -> None:
    without, dense = MemoryStore(), MemoryStore()
    usual = recipe(images, key, run__embed_every=0, run__snapshot_every=1)
    plain = run(usual, without)
    followed = run(usual.with_set({"run.embed_every": 1}), dense)
    assert steps(plain) == steps(followed)
    one, other = without.load("auto"), dense.load("auto")
    assert one is not None
    assert other is not None
    for name in (WEIGHTS, OPTIMISER):
        assert one.files[name] == other.files[name]
    assert [one.step for one in plain if isinstance(one, EmbeddingSaved)] == [0, 3, 6]
    assert [one.step for one in followed if isinstance(one, EmbeddingSaved)] == list(range(7))
    assert [one.step for one in followed if isinstance(one, Evaluated)] == [0, 3, 6]
    for step in (0, 3, 6):
        name = f"embeddings/step_{step:08d}"
        np.testing.assert_array_equal(
            without.arrays[name]["features"], dense.arrays[name]["features"]
        )
    first, last = (dense.arrays[f"embeddings/step_{step:08d}"] for step in (1, 5))
    np.testing.assert_array_equal(first["index"], last["index"])
    assert not np.array_equal(first["features"], last["features"])


def test_features_of_a_resumed_run_are_those_of_one_that_was_not_stopped(images: Path) -> None:
    chosen = recipe(images, run__embed_every=1, run__snapshot_every=2, run__checkpoint_every=2 / 3)
    straight, halted, control = MemoryStore(), MemoryStore(), Control()
    run(chosen, straight)
    for event in train(chosen, control, halted):
        if isinstance(event, StepDone) and event.step == 3:
            control.stop()
    list(train(chosen, Control(), halted, "auto"))
    assert straight.arrays.keys() == halted.arrays.keys()
    assert {f"embeddings/step_{step:08d}" for step in (0, 2, 3, 4, 6)} == set(straight.arrays)
    for name, arrays in straight.arrays.items():
        np.testing.assert_array_equal(arrays["features"], halted.arrays[name]["features"])


def test_a_snapshot_that_is_asked_for_keeps_features(images: Path) -> None:
    for every, wanted in ((100, [0, 2, 3, 6]), (0, [0, 3, 6])):
        control = Control()
        found: list[int] = []
        chosen = recipe(images, run__embed_every=every)
        for event in train(chosen, control, MemoryStore()):
            if isinstance(event, StepDone) and event.step == 1:
                control.snapshot_now()
            if isinstance(event, EmbeddingSaved):
                found.append(event.step)
        assert found == wanted
