"""``sslcore evaluate``: the trained encoder beside the untrained one and raw pixels."""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sslcore.commands.console import InputError, Meter, note, open_run, say, shown
from sslcore.commands.trained import open_trained
from sslcore.engine.control import Control
from sslcore.engine.preparation import Material, open_data
from sslcore.evaluation import features, knn
from sslcore.method import Method

NEIGHBOURS = (20, 200)


def run(arguments: argparse.Namespace) -> int:
    """Measure kNN accuracy on the held-out split with the training split as the bank."""
    trained = open_trained(open_run(arguments.run), arguments.checkpoint)
    material = shown(open_data(trained.recipe.data, Control()))
    try:
        if trained.checkpoint.catalogue != material.catalogue.fingerprint:
            note("Warning: the folder is not what it was when the run began.")
        _require_labels(material)
        size = trained.recipe.data.image_size
        rows = np.concatenate([material.split.train, material.split.held_out])

        def encoded(title: str, method: Method[Any]) -> NDArray[np.float32]:
            meter = Meter(title)
            try:
                return features.extract(
                    method.embed,
                    material.pixels,
                    rows,
                    device=trained.device,
                    progress=meter,
                    image_size=size,
                )
            finally:
                meter.close()

        results = {
            "knn": _accuracies(material, encoded("trained", trained.method)),
            "untrained": _accuracies(material, encoded("untrained", trained.untrained())),
            "pixels": _accuracies(material, features.pixels(material.pixels, rows, size)),
        }
    finally:
        material.pixels.close()
    if arguments.json:
        say(json.dumps(results))
    else:
        say(f"{'kNN accuracy':<14}" + "".join(f"{f'k = {k}':>9}" for k in NEIGHBOURS))
        for title, found in results.items():
            name = "trained" if title == "knn" else title
            say(f"{name:<14}" + "".join(f"{value:>9.1%}" for value in found.values()))
    return 0


def _require_labels(material: Material) -> None:
    split, labels = material.split, material.catalogue.labels
    if not len(split.held_out):
        raise InputError("no image was held out from training; set data.held_out above 0")
    if not (labels[split.train] >= 0).any() or not (labels[split.held_out] >= 0).any():
        raise InputError(
            f"{material.catalogue.root}: no labels to measure kNN with; use sub-folders as classes "
            "or a CSV with a column 'label'"
        )


def _accuracies(material: Material, found: NDArray[np.float32]) -> dict[str, float]:
    split, labels = material.split, material.catalogue.labels
    bank, queries = found[: len(split.train)], found[len(split.train) :]
    return {
        str(k): knn.accuracy(bank, labels[split.train], queries, labels[split.held_out], k)
        for k in NEIGHBOURS
    }
