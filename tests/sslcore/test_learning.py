"""Every method learns shape on the demo set: minutes per run, by hand with ``pytest -m slow``.

Shape cannot be read from the demo's raw pixels or mean colour, so an encoder that tells shapes
apart has learned it. The shipped small presets run as they are, shortened to what a laptop does in
some minutes. Each run prints its numbers (``-s``), which docs/results.md records.
"""

import math
import sys
from pathlib import Path

import pytest

from sslcore.data import demo
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import Evaluated, RunStopped
from sslcore.method import registry
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

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo set as the window makes it."""
    return demo.make(tmp_path_factory.mktemp("demo") / "demo")


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("key", sorted(registry()))
def test_shape_is_learned(key: str, seed: int, shapes: Path) -> None:
    recipe = preset(key).with_set({**SETTINGS, "data.folder": str(shapes), "run.seed": seed})
    events = list(train(recipe, Control(), MemoryStore()))
    stopped = events[-1]
    assert isinstance(stopped, RunStopped)
    assert stopped.reason == "completed", stopped.error
    measured = [one for one in events if isinstance(one, Evaluated)]
    before, after = measured[0].metrics, measured[-1].metrics
    dimensions = 4 * recipe.backbone.width
    spread = after["feature_std"] * math.sqrt(dimensions)
    sys.stdout.write(
        f"| {key} | {seed} | {before['knn_20']:.1%} | {after['knn_20']:.1%} | {spread:.2f} "
        f"| {after['rank_me']:.0f} |\n"
    )
    assert after["knn_20"] - before["knn_20"] >= 0.10
    assert spread > 0.3
