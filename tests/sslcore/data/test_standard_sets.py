"""Sets in torchvision's own files, small ones made here, become folders the catalogue opens."""

import gzip
import struct
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from torchvision import datasets

from sslcore.config import ConfigError
from sslcore.data import standard_sets
from sslcore.data.catalogue import scan
from sslcore.data.pool import Cancelled


def idx(path: Path, values: NDArray[np.uint8]) -> None:
    """One array in the format of MNIST (http://yann.lecun.com/exdb/mnist)."""
    head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    path.write_bytes(head + values.tobytes())
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    raw = tmp_path / "downloads" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    random = np.random.default_rng(0)
    for part, count in (("train", 20), ("t10k", 10)):
        images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        idx(raw / f"{part}-images-idx3-ubyte", images)
        idx(raw / f"{part}-labels-idx1-ubyte", (np.arange(count) % 10).astype(np.uint8))
    return tmp_path / "downloads"


def test_a_set_becomes_a_folder_with_its_own_split(downloads: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    folder = tmp_path / "sets" / "fashion"
    made = standard_sets.make(
        "fashion_mnist", folder, downloads, lambda *word: told.append(word), download=False
    )
    catalogue = scan(made)
    assert len(catalogue) == 30
    assert catalogue.splits.count("test") == 10
    assert "Ankle boot" in catalogue.classes
    first = datasets.FashionMNIST(str(downloads), train=True)[0]
    name = datasets.FashionMNIST.classes[first[1]].replace("/", " or ")
    written = np.asarray(Image.open(folder / "train" / name / "00000.png"))
    assert np.array_equal(written, np.asarray(first[0]))
    # Names with a slash are no folders in folders.
    assert (folder / "train" / "T-shirt or top").is_dir()
    before = (folder / "train" / name / "00000.png").stat().st_mtime_ns
    assert standard_sets.make("fashion_mnist", folder, downloads, download=False) == folder
    assert (folder / "train" / name / "00000.png").stat().st_mtime_ns == before


def test_calling_off_leaves_nothing(downloads: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fashion"
    asked = iter([False] * 8 + [True] * 9)
    with pytest.raises(Cancelled):
        standard_sets.make(
            "fashion_mnist", folder, downloads, cancelled=lambda: next(asked), download=False
        )
    assert not folder.exists()
    assert [one.name for one in tmp_path.iterdir()] == ["downloads"]


def test_what_cannot_be_had_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="no such set; there are: cifar10"):
        standard_sets.make("imagenet", tmp_path / "new", tmp_path)
    with pytest.raises(ConfigError, match="CIFAR-10 could not be read"):
        standard_sets.make("cifar10", tmp_path / "new", tmp_path / "empty", download=False)

    def unreachable(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(datasets, "CIFAR10", unreachable)
    with pytest.raises(ConfigError, match=r"could not be downloaded \(no route to host\)"):
        standard_sets.make("cifar10", tmp_path / "new", tmp_path / "empty")
    assert not (tmp_path / "new").exists()


def test_another_folder_is_left_alone(downloads: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(ConfigError, match="holds something else"):
        standard_sets.make("fashion_mnist", tmp_path / "mine", downloads, download=False)


@pytest.mark.parametrize("key", sorted(standard_sets.SETS))
def test_every_set_is_one_that_torchvision_knows(key: str, tmp_path: Path) -> None:
    known = standard_sets.find(key)
    for load in known.parts.values():
        with pytest.raises(RuntimeError, match=r"(?i)not found|download"):
            load(str(tmp_path), False)
