"""Sequences and depth of a real camera: what the methods that need them make of it.

    apt-get install visp-images-data
    python -m tests.benchmarks.real_sequences --images /usr/share/visp-images-data/ViSP-images \
        --keep RUNS

ViSP's test images have grey sequences (a cube, a castle, dots, an ellipse, a line; 955 frames) and
70 frames with depth of a sensor, in a format of ViSP's own (height and width as 32-bit integers,
then 16-bit depths), which is written as 16-bit PNG here. Each method's shipped small preset is
trained for some epochs; its terms, first and last tenth of the run, are printed. The sequences have
no colour: video colourisation is asked to start as well, and what it says is printed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from tests.benchmarks.trained import train

CLIPS = {
    "dots": "mire-2", "cube-turning": "mbt/cube", "cube": "cube", "ellipse": "ellipse-1",
    "line": "line", "castle": "mbt-depth/castel/castel",
    "castle-rendered": "mbt-depth/Castle-simu/Images",
}  # fmt: skip
DEPTHS = {
    "castle": ("mbt-depth/castel/castel", "image_*.pgm", "depth_image_{}.bin"),
    "castle-rendered": ("mbt-depth/Castle-simu", "Images/Image_*.pgm", "Depth/Depth_{}.bin"),
}
METHODS = (
    ("frame_prediction", "sequences", 1, ()),
    ("cpc", "sequences", 1, ("method.over=frames",)),
    ("cross_view", "pairs", 10, ("schedule.batch_size=32",)),
)
"""Key, folder, how many times as many epochs (there are few pairs), settings."""


def main() -> None:
    """Prepare both folders, train, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=Path, required=True, help="ViSP-images of the package")
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    keep = arguments.keep.absolute()
    sequences(arguments.images, keep / "sequences")
    pairs(arguments.images, keep / "pairs")
    print("| method | epochs | terms, first and last tenth | images/s |\n|---|---|---|---|")
    for key, kind, times, settings in METHODS:
        epochs = times * arguments.epochs
        wanted = [f"schedule.epochs={epochs}", f"run.seed={arguments.seed}", *settings]
        run = keep / f"{key}-seed{arguments.seed}"
        found = train(keep / kind, run, ("--method", key), [*wanted, "run.threads=1"])
        names = ["loss", *found.steps[-1]["terms"]]
        told = (f"{name} {a:.4g} to {b:.4g}" for name in names for a, b in [found.around(name)])
        print(f"| {key} | {found.epochs:.0f} | {', '.join(told)} | {found.speed:.0f} |", flush=True)
    command = [sys.executable, "-m", "sslcore", "train", str(keep / "sequences")]
    refused = subprocess.run(
        [*command, "--method", "video_colorization", "--out", str(keep / "video_colorization")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(f"\nvideo_colorization: {refused.stderr.strip().splitlines()[-1]}")


def sequences(source: Path, folder: Path) -> None:
    """Link every clip's frames into a folder of its own."""
    for name, place in CLIPS.items():
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        for frame in sorted((source / place).glob("*.pgm")):
            link = target / frame.name
            if not link.exists():
                link.symlink_to(frame)


def pairs(source: Path, folder: Path) -> None:
    """Write images and depths of equal names into ``images`` and ``depth``."""
    for name, (place, images, depths) in DEPTHS.items():
        for image in sorted((source / place).glob(images)):
            number = image.stem.rpartition("_")[2]
            raw = (source / place / depths.format(number)).read_bytes()
            high, wide = np.frombuffer(raw[:8], "<u4")
            depth = np.frombuffer(raw[8:], "<u2").reshape(high, wide)
            for part, picture in (("images", Image.open(image)), ("depth", Image.fromarray(depth))):
                (folder / part).mkdir(parents=True, exist_ok=True)
                picture.save(folder / part / f"{name}-{number}.png")


if __name__ == "__main__":
    main()
