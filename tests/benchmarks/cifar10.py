"""A small CIFAR-10: seeded, stratified subsets of the JPEG archive as links, and scores on them.

Used by the benchmark scripts. The archive (60,000 JPEGs in train/ and test/, one folder per class)
is not part of the project; give its path.
"""

from __future__ import annotations

import os
import random
import tarfile
from pathlib import Path

import numpy as np

from sslcore import embed_folder
from sslcore.evaluation import knn, linear
from sslcore.nets.encoder import Encoder


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack the archive once; returns the folder that holds train/ and test/."""
    if not (folder / "train").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    return folder


def subset(source: Path, folder: Path, split: str, count: int, seed: int, name: str) -> Path:
    """Link ``count`` images of ``source/split``, the same number of every class, to folder/name.

    Returns:
        ``folder``, which then holds ``name/CLASS/*.jpg``.

    Raises:
        ValueError: if the classes do not divide the count or have too few images.
    """
    classes = sorted(one.name for one in (source / split).iterdir() if one.is_dir())
    each, rest = divmod(count, len(classes))
    if rest:
        raise ValueError(f"{count} images do not divide evenly over {len(classes)} classes")
    draw = random.Random(seed)
    for one in classes:
        files = sorted((source / split / one).iterdir())
        if len(files) < each:
            raise ValueError(f"class {one} has {len(files)} images, {each} were asked for")
        place = folder / name / one
        place.mkdir(parents=True, exist_ok=True)
        for file in draw.sample(files, each):
            target = place / file.name
            if not target.exists():
                os.link(file, target)
    return folder


def scores(encoder: Encoder, folder: Path) -> tuple[float, float]:
    """kNN (k = 20) and linear accuracy on the test images."""
    found = {part: embed_folder(encoder, folder / part, 32) for part in ("train", "test")}
    labels = {
        part: np.unique([path.split("/")[0] for path in paths], return_inverse=True)[1]
        for part, (paths, _) in found.items()
    }
    bank, queries = found["train"][1], found["test"][1]
    near = knn.accuracy(bank, labels["train"], queries, labels["test"], 20)
    probe, _ = linear.chosen(bank, labels["train"])
    return near, linear.measure(probe, queries, labels["test"]).top_1
