"""Every constant at which a loss stands that learned nothing, reached on purpose: is it recognised?

    python -m tests.benchmarks.tell_tales

Each method is made to fail: a weight decay that takes all weights away, so that every image gets
the same answer, or a shipped experiment that collapses. The run is stopped once its loss is called
stuck, or to grow. Prints at which steps features were called collapsed and the loss stuck, and
in what words. Small networks on a small demo set; some minutes of CPU.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from sslcore.data import demo, demo_kinds
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import StepDone, Warned
from sslcore.method import find, registry
from sslcore.recipe import preset
from sslcore.runs.memory import MemoryStore

FADE = {
    "optimiser.kind": "sgd",
    "optimiser.learning_rate": 0.05,
    "optimiser.weight_decay": 2.0,
    "optimiser.momentum": 0.0,
}
"""Every step takes a tenth of every weight away."""
SMALL = {
    "backbone.width": 8,
    "schedule.batch_size": 32,
    "schedule.warmup_epochs": 0,
    "schedule.decay": "constant",
    "run.device": "cpu",
    "run.threads": 1,
    "run.probe_images": 64,
    "run.evaluate_every": 5,
    "run.checkpoint_every": 1000,
    "run.snapshot_every": 1_000_000,
}
COLLAPSING = (
    "simclr.no_negatives",
    "simsiam.no_stop_gradient",
    "simsiam.no_predictor",
    "vicreg.no_variance",
)
CODES = ("collapsed", "stuck")
ENDS = ("stuck", "diverging")
"""Warnings after which a run is stopped."""
STEPS = 600


def main() -> None:
    """Make each method fail and print the first warning."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--recipes", nargs="+", default=[*registry(), *COLLAPSING])
    arguments = parser.parse_args()
    print("| recipe | made to fail by | collapsed at | stuck at | words |\n|" + "---|" * 5)
    with tempfile.TemporaryDirectory() as temporary:
        for name in arguments.recipes:
            print(row(name, Path(temporary)), flush=True)


def row(name: str, folder: Path) -> str:
    """Train a recipe until it is warned of or its steps are over; a Markdown row."""
    recipe = preset(name)
    needs = find(recipe.method.key).card.needs
    place = folder / needs
    if not place.exists():
        if needs == "images":
            demo.make(place, count=240)
        else:
            demo_kinds.make(place, needs)
    shipped = name in COLLAPSING
    settings = {
        **SMALL,
        **({} if shipped else FADE),
        "data.folder": str(place),
        "data.limit": 200,
        "schedule.epochs": STEPS // 6,
    }
    if not recipe.backbone.name.startswith("resnet_small"):
        settings.pop("backbone.width")
    control = Control()
    loss, warned = float("nan"), dict[str, Warned]()
    for event in train(recipe.with_set(settings), control, MemoryStore()):
        if isinstance(event, StepDone):
            loss = event.loss
        if isinstance(event, Warned):
            warned.setdefault(event.code, event)
            if event.code in ENDS:
                control.stop()
    cause = "the shipped experiment" if shipped else "weight decay"
    cells = [str(warned[code].step) if code in warned else "-" for code in CODES]
    named = [warned[code].message for code in (*ENDS, "not_finite") if code in warned]
    told = next(iter(named), f"at {loss:.4g}")
    words = told.partition(": the value")[0]
    return f"| {name} | {cause} | {' | '.join(cells)} | {words} |"


if __name__ == "__main__":
    main()
