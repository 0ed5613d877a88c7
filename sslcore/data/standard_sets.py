"""The field's standard sets as folders of images: downloaded by torchvision, written as PNG files.

A set becomes ``train/CLASS/00000.png`` and ``test/CLASS/00000.png``, in the order of the set, so
that it opens like any other folder, with its own split. Whoever has the set already can point to
it: nothing is downloaded that lies where torchvision would put it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

from PIL import Image

from sslcore.config import ConfigError
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled

Load = Callable[[str, bool], Any]
"""(folder, whether to download) -> a dataset of torchvision that gives (image, class)."""

_DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class StandardSet:
    """One set.

    Attributes:
        title: as the field writes it.
        images: in all.
        words: what is in it, in a few words.
        side: of an image in pixels.
        megabytes: to download.
        parts: folder name ("train", "test") -> how torchvision loads it.
        classes: names, where torchvision does not give them.
    """

    title: str
    images: int
    words: str
    side: int
    megabytes: int
    parts: dict[str, Load]
    classes: tuple[str, ...] = ()


def _trained(name: str) -> dict[str, Load]:
    """Parts of a set that torchvision asks ``train=True`` or ``False`` of."""

    def load(train: bool) -> Load:
        def work(root: str, download: bool) -> Any:
            from torchvision import datasets

            return getattr(datasets, name)(root, train=train, download=download)

        return work

    return {"train": load(True), "test": load(False)}


def _split(name: str, **parts: str) -> dict[str, Load]:
    """Parts of a set that torchvision asks ``split="..."`` of."""

    def load(split: str) -> Load:
        def work(root: str, download: bool) -> Any:
            from torchvision import datasets

            return getattr(datasets, name)(root, split=split, download=download)

        return work

    return {part: load(split) for part, split in parts.items()}


SETS: dict[str, StandardSet] = {
    "cifar10": StandardSet(
        "CIFAR-10", 60_000, "colour photographs of 10 things", 32, 170, _trained("CIFAR10")
    ),
    "cifar100": StandardSet(
        "CIFAR-100", 60_000, "colour photographs of 100 things", 32, 169, _trained("CIFAR100")
    ),
    "fashion_mnist": StandardSet(
        "Fashion-MNIST", 70_000, "grey pictures of 10 garments", 28, 31, _trained("FashionMNIST")
    ),
    "mnist": StandardSet("MNIST", 70_000, "grey handwritten digits", 28, 12, _trained("MNIST")),
    "svhn": StandardSet(
        "SVHN",
        99_289,
        "digits of house numbers",
        32,
        246,
        _split("SVHN", train="train", test="test"),
        _DIGITS,
    ),
    "stl10": StandardSet(
        "STL-10, labelled part",
        13_000,
        "photographs of 10 things",
        96,
        2640,
        _split("STL10", train="train", test="test"),
    ),
}


def find(key: str) -> StandardSet:
    """The set of a key.

    Raises:
        ConfigError: naming those there are.
    """
    if key not in SETS:
        raise ConfigError(f"{key!r}: no such set; there are: {', '.join(SETS)}")
    return SETS[key]


def make(
    key: str,
    folder: Path,
    downloads: Path,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
    *,
    download: bool = True,
) -> Path:
    """Write a set into a folder, whole or not at all.

    Args:
        key: of the set.
        folder: where images go; one that holds the set already is left as it is.
        downloads: where torchvision keeps what it downloads.
        progress: told (images written, images in all).
        cancelled: asked between images; downloads themselves cannot be called off.
        download: False if the set must lie in ``downloads`` already.

    Raises:
        ConfigError: if there is no such set, it cannot be had, or the folder holds something else.
        Cancelled: if it was called off.
    """
    known = find(key)
    if folder.exists() and any(folder.iterdir()):
        if all((folder / part).is_dir() for part in known.parts):
            return folder
        raise ConfigError(f"{folder}: holds something else; choose an empty or a new folder")
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    done = 0
    try:
        for part, load in known.parts.items():
            raise_if_cancelled(cancelled)
            for path, image in _images(_loaded(known, load, downloads, download), known):
                raise_if_cancelled(cancelled)
                target = partial / part / path
                target.parent.mkdir(parents=True, exist_ok=True)
                image.save(target)
                done += 1
                if progress is not None and not done % 100:
                    progress(done, max(known.images, done))
        if folder.exists():
            folder.rmdir()
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _loaded(known: StandardSet, load: Load, downloads: Path, download: bool) -> Any:
    try:
        downloads.mkdir(parents=True, exist_ok=True)
        return load(str(downloads), download)
    except (URLError, ConnectionError, TimeoutError) as error:
        reason = getattr(error, "reason", error)
        raise ConfigError(
            f"{known.title} could not be downloaded ({reason}); check the connection, or put what "
            f"torchvision downloads into {downloads}"
        ) from None
    except (RuntimeError, OSError) as error:
        raise ConfigError(
            f"{known.title} could not be read in {downloads}: {' '.join(str(error).split())}"
        ) from None


def _images(dataset: Any, known: StandardSet) -> Iterator[tuple[Path, Image.Image]]:
    """Path below the part, and image, one by one."""
    names = [str(one) for one in getattr(dataset, "classes", None) or known.classes]
    for number in range(len(dataset)):
        image, label = dataset[number]
        name = names[int(label)].replace("/", " or ")
        yield Path(name) / f"{number:05d}.png", image
