"""Every method learns on the demo set of its kind: by hand with ``pytest -m slow``, minutes a run.

Shape cannot be read from the demo's raw pixels or mean colour, so an encoder that tells shapes
apart has learned it. The shipped small presets run as they are, shortened to what a laptop does in
some minutes. Each run prints its numbers (``-s``), which docs/results.md records. Methods whose
task can be solved there without knowing shapes are held to that task instead, each with the reason.
"""

import math
import statistics
import sys
from pathlib import Path

import pytest

from sslcore.data import demo, demo_kinds
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import EmbeddingSaved, Evaluated, RunStopped, StepDone
from sslcore.method import find, registry
from sslcore.recipe import preset
from sslcore.runs.memory import MemoryStore

EPOCHS = 40
SETTINGS = {
    "schedule.epochs": EPOCHS,
    "run.evaluate_every": EPOCHS,
    "run.checkpoint_every": EPOCHS,
    "run.snapshot_every": 1_000_000,
    "run.device": "cpu",
}

OWN_TASK = {
    "colorization": "colour and shape are independent in the demo set",
    "split_brain": "colour and shape are independent in the demo set",
    "frame_prediction": "a dozen held-out clips are too few for kNN",
    "video_colorization": "a dozen held-out clips are too few for kNN",
    "cross_view": "depth of a scene of several shapes, of which one gives the class",
}
"""Methods that are asked only for a loss that falls, and why."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo sets are made, as the window makes them."""
    return tmp_path_factory.mktemp("demo")


def folder_for(needs: str, folders: Path) -> Path:
    if needs == "images":
        return demo.make(folders / needs)
    return demo_kinds.make(folders / needs, needs)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("key", sorted(registry()))
def test_a_method_learns(key: str, seed: int, folders: Path) -> None:
    folder = folder_for(find(key).card.needs, folders)
    recipe = preset(key).with_set({**SETTINGS, "data.folder": str(folder), "run.seed": seed})
    events = list(train(recipe, Control(), MemoryStore()))
    stopped = events[-1]
    assert isinstance(stopped, RunStopped)
    assert stopped.reason == "completed", stopped.error
    losses = [one.loss for one in events if isinstance(one, StepDone)]
    part = max(len(losses) // 10, 1)
    first, last = statistics.fmean(losses[:part]), statistics.fmean(losses[-part:])
    measured = [one for one in events if isinstance(one, Evaluated)]
    before, after = measured[0].metrics, measured[-1].metrics
    dimensions = next(one.dimensions for one in events if isinstance(one, EmbeddingSaved))
    spread = after["feature_std"] * math.sqrt(dimensions)
    knn = [f"{one['knn_20']:.1%}" if "knn_20" in one else "-" for one in (before, after)]
    sys.stdout.write(
        f"| {key} | {seed} | {first:.3f} | {last:.3f} | {knn[0]} | {knn[1]} | {spread:.2f} "
        f"| {after['rank_me']:.0f} |\n"
    )
    if key in OWN_TASK:
        assert last < first
    else:
        assert after["knn_20"] - before["knn_20"] >= 0.10
        assert spread > 0.3


def test_exceptions_are_methods() -> None:
    assert set(OWN_TASK) <= set(registry())
