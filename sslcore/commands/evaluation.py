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
from sslcore.evaluation import features, knn, linear
from sslcore.method import Method

NEIGHBOURS = (20, 200)


def run(arguments: argparse.Namespace) -> int:
    """Measure accuracy on the held-out split, with the training split to learn from."""
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

        found = {
            "trained": encoded("trained", trained.method),
            "untrained": encoded("untrained", trained.untrained()),
            "pixels": features.pixels(material.pixels, rows, size),
        }
        results: dict[str, Any] = {}
        if arguments.knn or not arguments.linear:
            scores = {title: _neighbours(material, rows) for title, rows in found.items()}
            results["knn"] = scores.pop("trained")
            results |= scores
        if arguments.linear:
            results["linear"] = {
                title: _linear(material, rows, f"linear, {title}", trained.device)
                for title, rows in found.items()
            }
    finally:
        material.pixels.close()
    if arguments.json:
        say(json.dumps(results))
        return 0
    if "knn" in results:
        say(f"{'kNN accuracy':<16}" + "".join(f"{f'k = {k}':>9}" for k in NEIGHBOURS))
        for title in ("knn", "untrained", "pixels"):
            name = "trained" if title == "knn" else title
            say(f"{name:<16}" + "".join(f"{value:>9.1%}" for value in results[title].values()))
    if "linear" in results:
        say(f"{'linear accuracy':<16}{'top 1':>9}{'top 5':>9}")
        for title, scores in results["linear"].items():
            say(f"{title:<16}{scores['top_1']:>9.1%}{scores['top_5']:>9.1%}")
    return 0


def _require_labels(material: Material) -> None:
    split, labels = material.split, material.catalogue.labels
    if not len(split.held_out):
        raise InputError("no image was held out from training; set data.held_out above 0")
    if not (labels[split.train] >= 0).any() or not (labels[split.held_out] >= 0).any():
        raise InputError(
            f"{material.catalogue.root}: no labels to measure accuracy with; use sub-folders as "
            "classes or a CSV with a column 'label'"
        )


def _neighbours(material: Material, found: NDArray[np.float32]) -> dict[str, float]:
    split, labels = material.split, material.catalogue.labels
    bank, queries = found[: len(split.train)], found[len(split.train) :]
    return {
        str(k): knn.accuracy(bank, labels[split.train], queries, labels[split.held_out], k)
        for k in NEIGHBOURS
    }


def _linear(
    material: Material, found: NDArray[np.float32], title: str, device: Any
) -> dict[str, float]:
    """A linear classifier of the training split's features, measured on the held-out split."""
    split, labels = material.split, material.catalogue.labels
    bank, queries = found[: len(split.train)], found[len(split.train) :]
    meter = Meter(title)
    try:
        probe, _ = linear.chosen(bank, labels[split.train], device=device, progress=meter)
    finally:
        meter.close()
    scores = linear.measure(probe, queries, labels[split.held_out])
    return {"top_1": scores.top_1, "top_5": scores.top_5, "penalty": probe.penalty}
