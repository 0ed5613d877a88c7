"""A real, very short run of video colourisation on demo clips, for masks to be carried by."""

from pathlib import Path

from sslcore.data import demo_kinds
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.recipe import preset
from sslcore.runs.directory import RunDirectory

SIZE, CLIPS = 16, 4


def make(place: Path) -> Path:
    """Train it; clips lie in ``place / "clips"``. Returns the run."""
    folder = demo_kinds.make(place / "clips", "sequences", count=CLIPS, size=SIZE)
    recipe = preset("video_colorization").with_set(
        {
            "data.folder": str(folder),
            "data.image_size": SIZE,
            "data.cache_gigabytes": 0,
            "data.held_out": 0.25,
            "backbone.width": 8,
            "method.embedding": 4,
            "method.colours": 4,
            "schedule.epochs": 1,
            "schedule.batch_size": 16,
            "schedule.warmup_epochs": 0,
            "run.probe_images": 10,
            "run.threads": 1,
            "run.device": "cpu",
        }
    )
    directory = RunDirectory.create(place / "run", recipe)
    for _ in directory.record(train(recipe, Control(), directory)):
        pass
    directory.close()
    return directory.path


def clip(place: Path) -> Path:
    """The folder of the first clip."""
    return sorted((place / "clips").glob("*/clip_000"))[0]
