"""A mask carried along a clip by a real run: what is read, what is asked, what is refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sslcore.assessment.carrying import (
    CarryError,
    carry,
    fitting,
    frames_of,
    open_carrier,
    read_frame,
)
from sslcore.assessment.trained import open_trained
from sslcore.assessment.watch import Watch
from sslcore.data.image_file import UnreadableError
from sslcore.data.pool import Cancelled
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.evaluation.mask_propagation import carried
from sslcore.runs.directory import RunDirectory
from tests.sslcore.assessment import sequence_run

MASK = np.zeros((16, 16), np.int64)
MASK[4:12, 2:9] = 5


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("carrying")
    sequence_run.make(found)
    return found


@pytest.fixture
def run(place: Path) -> RunDirectory:
    return RunDirectory.open(place / "run")


def pictures(folder: Path, *names: str, size: tuple[int, int] = (8, 6)) -> Path:
    folder.mkdir()
    for name in names:
        Image.new("RGB", size).save(folder / name)
    return folder


def test_frames_come_in_order_of_their_numbers(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "clip", "10.png", "9.png", "100.png", ".hidden.png")
    (folder / "notes.txt").write_text("no frame")
    assert [one.name for one in frames_of(folder)] == ["9.png", "10.png", "100.png"]
    assert [one.name for one in frames_of(folder, "10.png")] == ["10.png", "100.png"]
    assert [one.name for one in frames_of(folder, "9", 2)] == ["9.png", "10.png"]


def test_what_is_no_clip_is_told(tmp_path: Path) -> None:
    single = pictures(tmp_path / "one", "1.png")
    with pytest.raises(CarryError, match="a single frame to carry along"):
        frames_of(single)
    with pytest.raises(CarryError, match="no frame to carry along"):
        frames_of(pictures(tmp_path / "none"))
    with pytest.raises(CarryError, match=r"there is no such folder or video"):
        frames_of(tmp_path / "missing")
    with pytest.raises(CarryError, match=r"--first 7: there is no such frame"):
        frames_of(single, "7")
    (tmp_path / "film.mp4").write_bytes(b"no film")
    with pytest.raises(CarryError, match=r"film\.mp4: "):
        frames_of(tmp_path / "film.mp4")


def test_what_is_carried_is_what_the_method_makes_of_the_whole_frames(
    place: Path, run: RunDirectory
) -> None:
    paths = frames_of(sequence_run.clip(place), count=4)
    told: list[tuple[int, int]] = []
    watch = Watch(lambda _, done, total: told.append((done, total)))
    carrier = open_carrier(run)
    assert (carrier.size, carrier.temperature) == (32, 0.5)
    found = list(carry(carrier, paths, MASK, watch=watch))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert torch.is_grad_enabled()
    method = open_trained(run).method
    frames = []
    for path in paths:
        enlarged = Image.open(path).convert("RGB").resize((32, 32), Image.Resampling.BICUBIC)
        frames.append(torch.from_numpy(np.array(enlarged)).permute(2, 0, 1).float() / 255)
    plain = list(carried(method, lambda number: frames[number], 4, MASK, temperature=0.5))
    for (picture, labels), path, expected in zip(found, paths, plain, strict=True):
        assert np.array_equal(np.asarray(picture), np.asarray(Image.open(path)))
        assert np.array_equal(labels, expected)
    assert set(np.unique(found[-1][1])) <= {0, 5}


def test_frames_keep_their_shape_and_the_settings_count(run: RunDirectory) -> None:
    carrier = open_carrier(run, size=24, temperature=2.0)
    assert carrier.temperature == 2.0
    assert carrier.prepared(Image.new("RGB", (80, 40))).shape == (3, 24, 48)
    assert carrier.prepared(Image.new("RGB", (10, 30))).shape == (3, 72, 24)
    with pytest.raises(CarryError, match="--size 2: "):
        open_carrier(run, size=2)
    with pytest.raises(CarryError, match="--temperature 0: "):
        open_carrier(run, temperature=0.0)


def test_a_frame_of_another_size_and_a_broken_one_are_named(
    tmp_path: Path, run: RunDirectory
) -> None:
    folder = pictures(tmp_path / "clip", "0.png", "1.png")
    Image.new("RGB", (9, 6)).save(folder / "1.png")
    carrier = open_carrier(run)
    mask = np.eye(6, 8, dtype=np.int64)
    with pytest.raises(CarryError, match=r"1\.png: 9 x 6 pixels, the first frame has 8 x 6"):
        list(carry(carrier, frames_of(folder), mask))
    (folder / "1.png").write_bytes(b"")
    with pytest.raises(UnreadableError, match=r"1\.png: "):
        list(carry(carrier, frames_of(folder), mask))


def test_a_mask_has_the_size_of_its_frame(place: Path) -> None:
    first = read_frame(frames_of(sequence_run.clip(place))[0])
    assert fitting(MASK, first, ("m.png", "0.png")) is MASK
    with pytest.raises(CarryError, match=r"m\.png: 8 x 16 pixels, but 0\.png has 16 x 16"):
        fitting(MASK[:, :8], first, ("m.png", "0.png"))


def test_it_stops_when_called_off(place: Path, run: RunDirectory) -> None:
    asked = iter([False, False, True])
    work = carry(
        open_carrier(run),
        frames_of(sequence_run.clip(place)),
        MASK,
        watch=Watch(cancelled=lambda: next(asked)),
    )
    assert [next(work)[1].shape, next(work)[1].shape] == [MASK.shape] * 2
    with pytest.raises(Cancelled):
        next(work)


def test_a_run_of_another_method_is_refused(trained: Path) -> None:
    with pytest.raises(CarryError, match=r"SimCLR did not learn where .* video colourisation"):
        open_carrier(RunDirectory.open(trained))


def test_a_run_on_more_than_colours_is_refused(
    place: Path, run: RunDirectory, tmp_path: Path
) -> None:
    clips = shutil.copytree(place / "clips", tmp_path / "clips")
    for path in clips.rglob("*.png"):
        Image.open(path).convert("RGBA").save(path)
    recipe = run.recipe().with_set({"data.folder": str(clips), "data.channels": "native"})
    directory = RunDirectory.create(tmp_path / "see-through", recipe)
    for _ in directory.record(train(recipe, Control(), directory)):
        pass
    directory.close()
    assert open_trained(directory).method.encoder().channels == 4
    with pytest.raises(CarryError, match=r"see-through: was trained on images of 4 channels; mas"):
        open_carrier(directory)
