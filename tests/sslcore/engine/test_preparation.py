"""Preparations tell how far they are, can be called off, and measure the images."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from sslcore.config import ConfigError
from sslcore.data.catalogue import Cancelled
from sslcore.data.source import Source
from sslcore.engine.control import Control
from sslcore.engine.preparation import (
    Asked,
    Material,
    Progress,
    TrainingImages,
    channel_statistics,
    narrated,
    open_data,
    sampled,
)
from sslcore.events import Preparing
from tests.sslcore.engine.tiny import recipe


def opened(folder: Path, **changes: object) -> Material:
    work = open_data(recipe(folder, **changes).data, Control())
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def test_progress_flows_while_work_goes_on() -> None:
    go = threading.Event()

    def work(progress: Progress, asked: Asked) -> str:
        progress(1, 3)
        go.wait(10)
        progress(3, 3)
        return "result"

    events: list[Preparing] = []
    generator = narrated("stage", Control(), work)
    results: list[str] = []

    def kept() -> Iterator[Preparing]:
        results.append((yield from generator))

    for event in kept():
        events.append(event)
        if event.done == 1:
            go.set()
    assert results == ["result"]
    assert events == [Preparing("stage", 0, 0), Preparing("stage", 1, 3), Preparing("stage", 3, 3)]


def test_what_work_raises_is_raised() -> None:
    def work(progress: Progress, asked: Asked) -> None:
        raise ConfigError("why")

    with pytest.raises(ConfigError, match="why"):
        list(narrated("stage", Control(), work))


@pytest.mark.parametrize("by", ["stop", "close"])
def test_work_is_called_off(by: str) -> None:
    control, ended = Control(), threading.Event()

    def work(progress: Progress, asked: Asked) -> None:
        until = time.monotonic() + 10
        while not asked():
            assert time.monotonic() < until
            time.sleep(0.001)
        ended.set()
        raise Cancelled("called off")

    generator = narrated("stage", control, work)
    next(generator)
    if by == "stop":
        control.stop()
        with pytest.raises(Cancelled):
            list(generator)
    else:
        generator.close()
    assert ended.is_set()


def test_statistics_are_those_of_the_training_pixels(images: Path) -> None:
    material = opened(images)
    mean, std = channel_statistics(material, lambda done, total: None, lambda: False)
    pixels = material.pixels.read(material.split.train).double()
    for channel in range(3):
        values = pixels[:, channel].flatten()
        assert mean[channel] == pytest.approx(values.mean().item())
        assert std[channel] == pytest.approx(values.std(correction=0).item())
    with pytest.raises(Cancelled):
        channel_statistics(material, lambda done, total: None, lambda: True)
    material.pixels.close()


def test_training_images_can_be_gone_through_again(images: Path) -> None:
    material = opened(images)
    told: list[tuple[int, int]] = []
    rows = material.split.train
    source = Source(material.catalogue, "images", material.pixels)
    samples = TrainingImages(
        source.sample, rows, lambda: False, lambda *numbers: told.append(numbers)
    )
    for _ in range(2):
        index = torch.cat([one.index for one in samples])
        assert index.tolist() == rows.tolist()
    assert told == [(24, 24)] * 2
    material.pixels.close()


def test_samples_of_rows_are_fixed_sorted_and_of_the_rows() -> None:
    rows = np.arange(100, 200, dtype=np.int64)
    first = sampled(rows, 10, 0, "bank")
    assert len(set(first.tolist())) == 10
    assert set(first.tolist()) <= set(rows.tolist())
    assert first.tolist() == sorted(first.tolist()) == sampled(rows, 10, 0, "bank").tolist()
    assert first.tolist() != sampled(rows, 10, 0, "queries").tolist()
    assert sampled(rows, 100, 0).tolist() == rows.tolist()


def test_a_folder_with_too_little_is_refused(images: Path, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    first = next((images / "dark").iterdir())
    (tmp_path / "one" / first.name).write_bytes(first.read_bytes())
    with pytest.raises(ConfigError, match="at least 2 images are needed"):
        opened(tmp_path / "one")
