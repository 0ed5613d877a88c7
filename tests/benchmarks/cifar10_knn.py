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
import tempfile
from pathlib import Path

from tests.benchmarks.cifar10 import subset, unpack
from tests.benchmarks.trained import knn, train

METHODS = ("simclr", "barlow_twins", "moco_v2", "denoising_autoencoder", "rotation")


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
    parser.add_argument("--epochs", type=int, help="this many, instead of a budget in minutes")
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
    recipe = ("--method", method)
    epochs = arguments.epochs
    if epochs is None:
        short = ["schedule.epochs=1", "data.limit=4000"]
        trial = train(folder, runs / f"{method}-trial", recipe, [*settings, *short])
        epochs = max(1, int(trial.speed * arguments.minutes * 60 / arguments.images))
    run = runs / f"{method}-seed{arguments.seed}"
    long = [f"schedule.epochs={epochs}", f"run.evaluate_every={epochs / 5}"]
    found = train(folder, run, recipe, [*settings, *long])
    scores = knn(run)
    print(
        f"| {method} | {epochs} | {found.speed:.0f} | {found.minutes:.1f} "
        f"| {scores['knn']['20']:.1%} | {scores['knn']['200']:.1%} "
        f"| {scores['untrained']['20']:.1%} | {scores['pixels']['20']:.1%} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
