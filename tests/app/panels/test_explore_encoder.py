import numpy as np
import pytest
import torch
from PIL import Image

from app.panels.explore_encoder import EncoderAt, read_as_stored
from sslcore.data.catalogue import scan
from sslcore.data.pixel_store import PixelStore
from sslcore.engine.store import CheckpointError
from sslcore.runs.directory import RunDirectory
from sslcore.runs.export import load_encoder
from sslcore.runs.record import RunRecord
from tests.app.panels import trained


@pytest.fixture
def run(pictures, tmp_path):
    path = trained.run(pictures, tmp_path / "run")
    directory = RunDirectory.open(path)
    record = RunRecord()
    for event in directory.replay():
        record.apply(event)
    return path, list(record.checkpoints)


def test_the_checkpoint_of_the_step_is_taken_and_kept(run):
    path, checkpoints = run
    encoders = EncoderAt()
    first = checkpoints[0]
    step, encoder = encoders.load(path, checkpoints, first.step)
    assert step == first.step
    images = torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(encoder(images), load_encoder(path, first.path)(images))
    assert encoders.load(path, checkpoints, first.step)[1] is encoder
    encoders.forget()
    assert encoders.load(path, checkpoints, first.step)[1] is not encoder


def test_the_newest_stands_in_for_one_that_is_gone(run):
    path, checkpoints = run
    newest = checkpoints[-1].step
    assert EncoderAt().load(path, checkpoints, 12_345)[0] == newest
    gone = path / "checkpoints" / f"step_{checkpoints[0].step:08d}"
    for file in gone.iterdir():
        file.unlink()
    assert EncoderAt().load(path, checkpoints, checkpoints[0].step)[0] == newest
    for file in (path / "checkpoints").rglob("*"):
        if file.is_file():
            file.unlink()
    with pytest.raises(CheckpointError):
        EncoderAt().load(path, checkpoints, newest)


def test_files_are_read_as_the_store_keeps_them(run, pictures, tmp_path):
    path, checkpoints = run
    _, encoder = EncoderAt().load(path, checkpoints, checkpoints[-1].step)
    catalogue = scan(pictures)
    with PixelStore.open(catalogue, encoder.image_size, budget_bytes=0) as store:
        stored = store.read(np.array([5]))
    read = read_as_stored(catalogue.path(5), encoder, catalogue)
    torch.testing.assert_close(read, stored)
    alone = read_as_stored(catalogue.path(5), encoder, None)
    assert alone.shape == (1, 3, 16, 16)
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(ValueError, match="it is no image file"):
        read_as_stored(tmp_path / "notes.txt", encoder, catalogue)
    Image.new("L", (9, 9)).save(tmp_path / "grey.png")
    assert read_as_stored(tmp_path / "grey.png", encoder, catalogue).shape[1] == 3
