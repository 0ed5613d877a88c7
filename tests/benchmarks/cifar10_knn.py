"""Methods on 10,000 CIFAR-10 images for the same wall-clock time: kNN, linear, references.

    python -m tests.benchmarks.cifar10_knn --archive cifar10.tar.gz --minutes 10 --keep RUNS

Uses the command line of the product as a person would: the shipped small preset of each method,
``sslcore train`` with as many epochs as fit the budget (from a short trial of speed), then
``sslcore evaluate --knn``; the linear probe is the library's, without its references (on pixels it
takes minutes). Queries are 2,000 test images; ``--validation`` takes 2,000 training images that are
not in the training subset instead, which is what presets are tuned on.
``--trials`` only times: on an idle machine, so that the runs themselves may go side by side.
Prints one Markdown row per method, ready for docs/results.md.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch

from sslcore import load_encoder
from tests.benchmarks.cifar10 import scores, subset, unpack
from tests.benchmarks.trained import epochs_in, knn, train

METHODS = (
    "simclr", "moco_v2", "moco_v3", "byol", "simsiam", "swav", "barlow_twins", "vicreg", "dino",
    "rotation", "mae",
)  # fmt: skip
HEAD = (
    "| method | epochs | images/s | kNN 20 | kNN 200 | linear | untrained, kNN 20 "
    "| pixels, kNN 20 |\n" + "|---" * 8 + "|"
)


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
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--epochs", type=int, help="this many, instead of a budget in minutes")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--trials", action="store_true", help="only time each method")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--keep", type=Path, help="folder for images and run directories")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        # Runs that are kept can be measured again: their images stay where they were.
        folder = data(arguments, arguments.keep or Path(temporary))
        runs = arguments.keep or Path(temporary) / "runs"
        if not arguments.trials:
            print(HEAD, flush=True)
        for method in arguments.methods:
            measure(method, folder, runs, arguments)


def measure(method: str, folder: Path, runs: Path, arguments: argparse.Namespace) -> None:
    """Train one method for the budget and print its row."""
    settings = [f"run.seed={arguments.seed}", "run.threads=1", *arguments.settings]
    recipe = ("--method", method)
    epochs = arguments.epochs or epochs_in(
        arguments.minutes, folder, arguments.images, runs / f"{method}-trial", recipe, settings
    )
    if arguments.trials:
        print(f"{method}: {epochs} epochs", flush=True)
        return
    run = runs / f"{method}-seed{arguments.seed}"
    long = [f"schedule.epochs={epochs}", f"run.evaluate_every={epochs}", "run.checkpoint_every=5"]
    found = train(folder, run, recipe, [*settings, *long])
    near, (_, straight) = knn(run), scores(load_encoder(run), folder)
    cells = [near[name]["20"] for name in ("knn", "untrained", "pixels")]
    cells[1:1] = [near["knn"]["200"], straight]
    figures = " | ".join(f"{one:.1%}" for one in cells)
    print(f"| {method} | {epochs} | {found.speed:.0f} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
