"""Trains methods on the virtual device and on the CPU; a JSON line of losses for each.

    python -m tests.sslcore.engine.elsewhere FOLDER KEY [KEY ...]

A process of its own: torch counts devices at the first backward pass of a process.
"""

from __future__ import annotations

import json
import sys
import warnings
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from lightning_fabric import Fabric

from sslcore.engine import devices
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import Evaluated, RunEvent, RunStopped, Snapshot, StepDone
from sslcore.recipe import Recipe
from sslcore.runs.memory import MemoryStore
from sslcore.sections import RunSection
from tests.sslcore.engine.tiny import recipe
from tests.sslcore.virtual_device import NAME, virtual_device

STOP = 2
"""Step after which a run is stopped and resumed."""
HERE = devices.place


@dataclass(frozen=True)
class Elsewhere(devices.Placement):
    """A placement on the virtual device."""

    @property
    def device(self) -> torch.device:
        """The virtual one."""
        return torch.device(NAME, 0)

    def fabric(self) -> Fabric:
        """One that moves nothing."""
        return Fabric(accelerator="cpu", devices=1, precision=self.precision)


def elsewhere(section: RunSection) -> devices.Placement:
    """In place of :func:`sslcore.engine.devices.place`."""
    del section
    return Elsewhere("cpu", 0, "32-true", "virtual")


def trained(chosen: Recipe, there: bool) -> dict[str, object]:
    """What a run of a recipe that was stopped and resumed ended with, by its events.

    On the virtual device it begins where there is no float64, as on MPS, and goes on where there
    is, as on CUDA.
    """
    store, control, events = MemoryStore(), Control(), list[RunEvent]()
    devices.place = elsewhere if there else HERE
    with virtual_device(doubles=False) if there else nullcontext():
        for event in train(chosen, control, store):
            events.append(event)
            if isinstance(event, StepDone) and event.step == STOP:
                control.stop()
    with virtual_device() if there else nullcontext():
        events += train(chosen, Control(), store, "auto")
    *_, end = (one for one in events if isinstance(one, RunStopped))
    return {
        "reason": end.reason,
        "error": end.error,
        "losses": [one.loss for one in events if isinstance(one, StepDone)],
        "metrics": [dict(one.metrics) for one in events if isinstance(one, Evaluated)],
        "shown": sorted(
            {name for one in events if isinstance(one, Snapshot) for name in one.diagnostics}
        ),
    }


def main() -> None:
    """Train every method twice."""
    warnings.simplefilter("error")
    folder = Path(sys.argv[1])
    for key in sys.argv[2:]:
        chosen = recipe(folder, key, schedule__epochs=1)
        found = {"key": key, "there": trained(chosen, True), "here": trained(chosen, False)}
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
