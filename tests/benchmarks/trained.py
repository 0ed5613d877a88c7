"""Runs of the product's own command line, and what their events say: for benchmark scripts."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def sslcore(*words: str) -> str:
    """Run the command line and return what it printed; its own error is shown and ends us."""
    done = subprocess.run(
        [sys.executable, "-m", "sslcore", *words], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def train(folder: Path, run: Path, recipe: tuple[str, str], settings: list[str]) -> Trained:
    """Train from scratch in a directory of its own.

    Args:
        folder: of images.
        run: the run directory; what is there is left alone and read.
        recipe: ("--method", key) or ("--recipe", file).
        settings: of ``--set``, "path=value" each.
    """
    if not (run / "events.jsonl").exists():
        set_words = [word for setting in settings for word in ("--set", setting)]
        sslcore("train", str(folder), *recipe, *set_words, "--resume", "never", "--out", str(run))
    return Trained.read(run)


def epochs_in(
    minutes: float,
    folder: Path,
    images: int,
    run: Path,
    recipe: tuple[str, str],
    settings: list[str],
) -> int:
    """How many passes over so many images fit the minutes, by a short trial (kept in ``run``).

    The trial of a machine that was idle is read again by later calls, which may then run beside
    others: what they fix is epochs, not seconds.
    """
    short = ["schedule.epochs=1", f"data.limit={min(images, 4000)}", "run.probe_images=200"]
    trial = train(folder, run, recipe, [*settings, *short])
    return max(1, round(trial.speed * minutes * 60 / images))


def knn(run: Path) -> dict[str, dict[str, float]]:
    """What ``sslcore evaluate --knn --json`` finds: knn, untrained, pixels by k."""
    return json.loads(sslcore("evaluate", str(run), "--knn", "--json"))


@dataclass(frozen=True)
class Trained:
    """What the events of a run say.

    Attributes:
        steps: events of all steps, in order.
        reference: metrics of the untrained encoder.
        metrics: metrics of the last evaluation.
        epochs: passes over the images.
        minutes: from the first step to the last, by the steps' own speed.
    """

    steps: list[dict[str, Any]]
    reference: dict[str, float]
    metrics: dict[str, float]
    epochs: float
    minutes: float

    @classmethod
    def read(cls, run: Path) -> Trained:
        """Of a run directory."""
        lines = (run / "events.jsonl").read_text("utf-8").splitlines()
        events = [json.loads(line) for line in lines]
        steps = [one for one in events if one["event"] == "StepDone"]
        measured = [one for one in events if one["event"] == "Evaluated"]
        started = next(one for one in events if one["event"] == "RunStarted")
        images = started["images"] / started["steps_per_epoch"]  # a step, nearly
        seconds = sum(images / max(one["images_per_second"], 1e-9) for one in steps)
        return cls(
            steps=steps,
            reference=next((one["metrics"] for one in measured if one["reference"]), {}),
            metrics=next((one["metrics"] for one in reversed(measured)), {}),
            epochs=len(steps) / started["steps_per_epoch"],
            minutes=seconds / 60,
        )

    @property
    def speed(self) -> float:
        """Median of the images per second over the later half of the steps."""
        rates = [one["images_per_second"] for one in self.steps]
        return statistics.median(rates[len(rates) // 2 :])

    def around(self, name: str) -> tuple[float, float]:
        """Mean of the loss or a term over the first and the last tenth of the steps.

        NaN where the method has no such term.
        """
        values = [
            one["loss"] if name == "loss" else one["terms"].get(name, float("nan"))
            for one in self.steps
        ]
        part = max(len(values) // 10, 1)
        return statistics.fmean(values[:part]), statistics.fmean(values[-part:])
