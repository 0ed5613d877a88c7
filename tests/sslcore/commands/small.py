"""A run of the command line that is small enough for tests."""

from pathlib import Path

import pytest

from sslcore.__main__ import main

SMALL = (
    "data.image_size=16", "data.cache_gigabytes=0", "data.held_out=0.2", "backbone.name=convnet",
    "backbone.width=4", "schedule.epochs=2", "schedule.batch_size=8", "schedule.warmup_epochs=0",
    "run.threads=1", "run.device=cpu", "run.probe_images=10",
    "method.head_hidden=8", "method.head_output=4",
)  # fmt: skip


def train(*words: str | Path, small: bool = True) -> int:
    sets = [word for setting in SMALL if small for word in ("--set", setting)]
    return main(["train", *sets, *map(str, words)])


@pytest.fixture(scope="module")
def trained(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    assert train(images, "--method", "simclr", "--out", out) == 0
    return out
