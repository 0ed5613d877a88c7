"""What is left of a run's probe images."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from sslcore.assessment.watch import Watch
from sslcore.data.catalogue import scan
from sslcore.data.pool import Cancelled
from sslcore.export.source import Source
from sslcore.runs.directory import RunDirectory
from tests.sslcore.data.pictures import five_bands
from tests.sslcore.engine.tiny import images
from tests.sslcore.export import taken

__all__ = ["images"]


def test_features_classes_and_pixels(plain: Source) -> None:
    found = plain.probe(Watch())
    index, features = plain.directory.embedding(6)
    assert found.step == 6
    assert np.array_equal(found.index, index)
    assert np.array_equal(found.features, features)
    assert found.catalogue is not None
    names = [found.classes[label] for label in found.labels]
    assert names == [found.catalogue.paths[row].partition("/")[0] for row in index]
    pixels = found.pixels(index[:3], 16)
    for row, one in zip(index[:3], pixels, strict=True):
        assert np.array_equal(one, np.asarray(Image.open(found.catalogue.path(int(row)))))
    assert found.pixels(index[:2], 5).shape == (2, 5, 5, 3)


def test_of_many_channels_the_first_three_are_seen(tmp_path: Path) -> None:
    images = five_bands(tmp_path / "images", 12)
    source = taken.source(images, tmp_path / "run", schedule__batch_size=4, schedule__epochs=1)
    found = source.probe(Watch())
    assert found.catalogue is not None
    seen = found.pixels(found.index[:2], 16)
    values = tifffile.imread(found.catalogue.path(int(found.index[0]))) / 257
    if values.shape[0] == 5:
        values = values.transpose(1, 2, 0)
    assert np.abs(seen[0] - values[..., :3]).max() <= 0.51


def test_a_folder_that_changed_or_went_away(images: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    shutil.copytree(images, folder)
    source = taken.source(folder, tmp_path / "run")
    (folder / "dark" / "00.png").unlink()
    found = source.probe(Watch())
    assert found.catalogue is None
    assert "The folder has changed" in found.reason
    assert len(found.features) > 0
    assert set(found.labels.tolist()) == {-1}
    assert found.classes == ()
    with pytest.raises(ValueError, match="has changed"):
        found.pixels(found.index, 8)
    shutil.rmtree(folder)
    assert "The images are gone" in source.probe(Watch()).reason


def test_damaged_features_fall_back_to_older_ones(plain: Source, tmp_path: Path) -> None:
    shutil.copytree(plain.directory.path, tmp_path / "run")
    saved = sorted((tmp_path / "run" / "embeddings").iterdir())
    saved[-1].write_bytes(b"no")
    source = Source.open(RunDirectory.open(tmp_path / "run"))
    assert source.probe(Watch()).step == 3
    for one in saved:
        one.write_bytes(b"no")
    found = source.probe(Watch())
    assert (found.step, found.features.shape) == (-1, (0, 0))
    assert "step_00000000.npz" in found.reason


def test_reading_the_folder_can_be_called_off(plain: Source) -> None:
    with pytest.raises(Cancelled):
        plain.probe(Watch(cancelled=lambda: True))


def test_grey_images_get_three_channels(tmp_path: Path) -> None:
    folder = tmp_path / "grey"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(20):
        pixels = random.integers(0, 255, (16, 16), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    source = taken.source(folder, tmp_path / "run")
    found = source.probe(Watch())
    assert scan(folder).channels == 1
    assert found.pixels(found.index[:1], 16).shape == (1, 16, 16, 3)
