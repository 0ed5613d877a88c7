"""Trains methods on the virtual device and on the CPU; a JSON line of losses for each.

    python -m tests.sslcore.engine.elsewhere FOLDER KEY [KEY ...]

A process of its own: torch counts devices at the first backward pass of a process.
"""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from lightning_fabric import Fabric

from sslcore.engine import devices
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import Evaluated, RunEvent, RunStopped, Snapshot, StepDone
from sslcore.recipe import Recipe, RunSection
from sslcore.runs.memory import MemoryStore
from tests.sslcore.engine.tiny import recipe
from tests.sslcore.virtual_device import NAME, virtual_device

STOP = 2
"""Step after which a run is stopped and resumed."""


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


def trained(chosen: Recipe) -> dict[str, object]:
    """What a run of a recipe that was stopped and resumed ended with, by its events."""
    store, control, events = MemoryStore(), Control(), list[RunEvent]()
    for event in train(chosen, control, store):
        events.append(event)
        if isinstance(event, StepDone) and event.step == STOP:
            control.stop()
    events += train(chosen, Control(), store, "auto")
    *_, end = (one for one in events if isinstance(one, RunStopped))
    return {
        "reason": end.reason,
        "error": end.error,
        "losses": [one.loss for one in events if isinstance(one, StepDone)],
        "metrics": [dict(one.metrics) for one in events if isinstance(one, Evaluated)],
        "shown": sorted({name for one in events if isinstance(one, Snapshot)
                         for name in one.diagnostics}),
    }  # fmt: skip


def main() -> None:
    """Train every method twice."""
    warnings.simplefilter("error")
    folder, here = Path(sys.argv[1]), devices.place
    for key in sys.argv[2:]:
        chosen = recipe(folder, key, schedule__epochs=1)
        devices.place = elsewhere
        with virtual_device():
            there = trained(chosen)
        devices.place = here
        found = {"key": key, "there": there, "here": trained(chosen)}
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
