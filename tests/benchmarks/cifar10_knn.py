"""Every method on 10,000 CIFAR-10 images for the same wall-clock time: kNN beside its references.

    python -m tests.benchmarks.cifar10_knn --archive cifar10.tar.gz --minutes 15

Uses the command line of the product as a person would: the shipped small preset of each method,
``sslcore train`` with as many epochs as fit the budget (from a short trial of speed), then
``sslcore evaluate --knn``. Queries are 2,000 test images; ``--validation`` takes 2,000 training
images that are not in the training subset instead, which is what presets are tuned on.
Prints one Markdown row per method, ready for docs/results.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.cifar10 import subset, unpack

METHODS = ("simclr", "barlow_twins", "moco_v2", "denoising_autoencoder", "rotation")


def sslcore(*words: str) -> str:
    """Run the command line and return what it printed; its own error is shown and ends us."""
    done = subprocess.run(
        [sys.executable, "-m", "sslcore", *words], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def speed(run: Path) -> float:
    """Images per second over the later half of a run's steps."""
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    rates = [one["images_per_second"] for one in events if one["event"] == "StepDone"]
    return statistics.median(rates[len(rates) // 2 :])


def data(arguments: argparse.Namespace, folder: Path) -> Path:
    """Folder with train/ and test/ (the queries), linked out of the archive."""
    source = unpack(arguments.archive, arguments.unpacked or folder / "cifar10")
    place = folder / "subset"
    if arguments.validation:
        # Both parts come from one draw of the training images, so no image is in both.
        both = subset(source, folder / "both", "train", arguments.images + 2000, 0, "train")
        subset(both, place, "train", 2000, 1, "test")
        taken = {one.name + one.parent.name for one in (place / "test").rglob("*.jpg")}
        for file in (both / "train").rglob("*.jpg"):
            if file.name + file.parent.name not in taken:
                target = place / "train" / file.parent.name / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.hardlink_to(file)
        return place
    subset(source, place, "train", arguments.images, arguments.seed, "train")
    return subset(source, place, "test", 2000, 0, "test")


def main() -> None:
    """Read the arguments, train and measure each method, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--unpacked", type=Path, help="where the archive is unpacked already")
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--keep", type=Path, help="folder for the run directories")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = data(arguments, Path(temporary))
        runs = arguments.keep or Path(temporary) / "runs"
        print("| method | epochs | images/s | minutes | kNN 20 | kNN 200 | untrained | pixels |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for method in arguments.methods:
            measure(method, folder, runs, arguments)


def measure(method: str, folder: Path, runs: Path, arguments: argparse.Namespace) -> None:
    """Train one method for the budget and print its row."""
    settings = [f"run.seed={arguments.seed}", "run.checkpoint_every=5", *arguments.settings]
    common = [word for setting in settings for word in ("--set", setting)]
    trial = runs / f"{method}-trial"
    short = ("--set", "schedule.epochs=1", "--set", "data.limit=4000", "--resume", "never")
    sslcore("train", str(folder), "--method", method, *common, *short, "--out", str(trial))
    epochs = max(1, int(speed(trial) * arguments.minutes * 60 / arguments.images))
    run = runs / f"{method}-seed{arguments.seed}"
    long = ("--set", f"schedule.epochs={epochs}", "--set", f"run.evaluate_every={epochs / 5}")
    begin = time.perf_counter()
    sslcore(
        "train", str(folder), "--method", method, *common, *long, "--resume", "never",
        "--out", str(run),
    )  # fmt: skip
    minutes = (time.perf_counter() - begin) / 60
    found = json.loads(sslcore("evaluate", str(run), "--knn", "--json"))
    print(
        f"| {method} | {epochs} | {speed(run):.0f} | {minutes:.1f} | {found['knn']['20']:.1%} "
        f"| {found['knn']['200']:.1%} | {found['untrained']['20']:.1%} "
        f"| {found['pixels']['20']:.1%} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
