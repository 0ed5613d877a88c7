"""``sslcore check``: does this machine train, and does its accelerator agree with its CPU?"""

from __future__ import annotations

import argparse
import math
import platform
import tempfile
from contextlib import suppress
from pathlib import Path

from sslcore.commands.console import note, say
from sslcore.data import demo
from sslcore.engine import devices
from sslcore.engine.control import Control
from sslcore.engine.environment import environment
from sslcore.engine.train import train
from sslcore.events import RunStopped, StepDone
from sslcore.recipe import Recipe
from sslcore.runs.memory import MemoryStore
from sslcore.sections import RunSection

STEPS, BATCH = 20, 64
TOLERANCE = {"float32": 0.02, "auto": 0.1}
"""Largest mean relative difference of losses; mixed precision rounds more."""


def run(_: argparse.Namespace) -> int:
    """Train 20 steps of SimCLR on the CPU and on the accelerator, if there is one; compare."""
    for name, value in environment().items():
        say(f"{name:<14}{value}")
    accelerator = devices.accelerator()
    say(f"{'processor':<14}{processor()}")
    say(f"{'accelerator':<14}{title(accelerator)}")
    with tempfile.TemporaryDirectory() as folder:
        images = demo.make(Path(folder) / "demo", count=STEPS * BATCH // 4)
        reference = losses(images, "cpu", "float32")
        say(f"{'CPU':<14}{STEPS} steps, loss {reference[0]:.4f} to {reference[-1]:.4f}")
        good = all(map(math.isfinite, reference))
        if accelerator is not None:
            for precision, tolerance in TOLERANCE.items():
                found = losses(images, accelerator, precision)
                off = difference(reference, found)
                verdict = "agrees" if off <= tolerance else "DIFFERS"
                good = good and off <= tolerance
                say(
                    f"{accelerator:<14}{precision}: loss {found[0]:.4f} to {found[-1]:.4f}, "
                    f"{verdict} with the CPU ({off:.2%} off on average)"
                )
    if not good:
        note("sslcore: this machine does not train as it should; see the lines above")
    return 0 if good else 1


def title(accelerator: str | None) -> str:
    """The accelerator's name for people, and how ``run.device`` calls it."""
    if accelerator is None:
        return "none; training runs on the CPU"
    return f"{devices.place(RunSection(device=accelerator)).title}, as run.device: {accelerator}"


def processor(facts: Path = Path("/proc/cpuinfo")) -> str:
    """The CPU's name: Linux keeps it in a file, elsewhere Python knows the family at least."""
    with suppress(OSError):
        for line in facts.read_text("utf-8", "replace").splitlines():
            what, _, name = line.partition(":")
            if what.strip() == "model name" and name.strip():
                return name.strip()
    return platform.processor() or platform.machine() or "CPU"


def losses(folder: Path, device: str, precision: str) -> list[float]:
    """Losses of the first steps on a device.

    Raises:
        ValueError: if the run fails, with its reason.
    """
    recipe = Recipe.parse(
        {
            # A budget of 0 streams the images, so that no cache is left behind.
            "data": {"folder": str(folder), "held_out": 0.0, "cache_gigabytes": 0.0},
            "method": {"key": "simclr"},
            "schedule": {"epochs": STEPS * BATCH // (STEPS * BATCH // 4), "batch_size": BATCH},
            "run": {"device": device, "precision": precision, "evaluate_every": 10_000},
        }
    )
    found: list[float] = []
    for event in train(recipe, Control(), MemoryStore()):
        if isinstance(event, StepDone):
            found.append(event.loss)
        elif isinstance(event, RunStopped) and event.reason == "failed":
            raise ValueError(f"training on {device} ({precision}) failed: {event.error}")
    return found


def difference(reference: list[float], found: list[float]) -> float:
    """Mean of |a - b| / |a| over the steps; infinite if a number is not finite."""
    parts = [abs(a - b) / max(abs(a), 1e-12) for a, b in zip(reference, found, strict=True)]
    mean = sum(parts) / len(parts)
    return mean if math.isfinite(mean) else math.inf
