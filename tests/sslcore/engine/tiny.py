"""Runs small enough for tests: 30 coloured squares, a network of a few hundred weights."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sslcore.data import demo_kinds
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import RunEvent, StepDone
from sslcore.method import find
from sslcore.recipe import Recipe

STEPS = 6


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 30 images of 16 pixels in two classes."""
    folder = tmp_path_factory.mktemp("tiny")
    random = np.random.default_rng(0)
    for number in range(30):
        name = "light" if number % 2 else "dark"
        low = 120 if number % 2 else 0
        pixels = random.integers(low, low + 130, (16, 16, 3), dtype=np.uint8)
        (folder / name).mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / name / f"{number:02d}.png")
    return folder


def recipe(folder: Path, key: str = "simclr", **changes: object) -> Recipe:
    """Six steps of 8 images in two epochs of three; ``changes`` by path with "__" for the dot."""
    card = find(key).card
    if card.needs in COUNTS:
        place = folder.parent / card.needs
        folder = demo_kinds.make(place, card.needs, count=COUNTS[card.needs], size=16)
    on_patches = card.backbone == "tokens"
    small = {
        "data": {
            "folder": str(folder),
            "image_size": 16,
            "held_out": 0.2,
            "cache_gigabytes": 0.0,
        },
        "method": {"key": key, **SMALL.get(key, {})},
        "backbone": {"name": "vit_mini" if on_patches else "convnet", "width": 4},
        "schedule": {"epochs": 2, "batch_size": 8},
        "run": {"device": "cpu", "threads": 1, "snapshot_every": 2, "probe_images": 10},
    }
    paths = {name.replace("__", "."): value for name, value in changes.items()}
    return Recipe.parse(small).with_set(paths)


COUNTS = {"sequences": 3, "captions": 30}
"""Items of demo sets of other kinds that give 24 samples to train on, as the 30 images do."""

SMALL: dict[str, dict[str, object]] = {
    "simclr": {"head_hidden": 16, "head_output": 8},
    "barlow_twins": {"head_hidden": 16, "head_output": 8},
    "byol": {"head_hidden": 16, "head_output": 8, "predictor_hidden": 16},
    "simsiam": {"head_hidden": 16, "head_output": 8, "predictor_hidden": 8},
    "vicreg": {"head_hidden": 16, "head_output": 8},
    "triplet": {"head_hidden": 16, "head_output": 8},
    "moco_v1": {"queue_size": 16, "splits": 2, "head_output": 8},
    "moco_v3": {"head_hidden": 16, "head_output": 8, "predictor_hidden": 16},
    "moco_v2": {"queue_size": 16, "splits": 2, "head_hidden": 16, "head_output": 8},
    "denoising_autoencoder": {"decoder_width": 8},
    "frame_prediction": {"decoder_width": 8},
    "video_colorization": {"embedding": 8},
    "clip": {"head_output": 8, "text_width": 16, "text_layers": 1},
    "mae": {"decoder_width": 16, "decoder_depth": 1},
    "i_jepa": {"predictor_width": 16, "predictor_depth": 1},
    "masked_tokens": {"words": 16},
}
"""Settings that make a method small; those that are not named here run with their defaults."""


def run(recipe: Recipe, store: object, resume: str | None = None) -> list[RunEvent]:
    """All events of a run."""
    return list(train(recipe, Control(), store, resume))


def steps(events: list[RunEvent]) -> list[tuple[object, ...]]:
    """What of a log must be equal between two runs: everything but times and memory."""
    return [
        (one.step, one.epoch, one.loss, tuple(one.terms.items()), one.learning_rate, one.skipped)
        for one in events
        if isinstance(one, StepDone)
    ]
