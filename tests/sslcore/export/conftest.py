"""Runs shared by the tests of all formats."""

from pathlib import Path

import pytest

from sslcore.export.source import Source
from tests.sslcore.engine.tiny import images
from tests.sslcore.export import taken

__all__ = ["images"]


@pytest.fixture(scope="session")
def plain(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """SimCLR with the laptop ConvNet."""
    return taken.source(images, tmp_path_factory.mktemp("taken") / "plain run")


@pytest.fixture(scope="session")
def matrix(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Barlow Twins, which shows a matrix."""
    folder = tmp_path_factory.mktemp("taken") / "matrix"
    return taken.source(images, folder, "barlow_twins")


@pytest.fixture(scope="session")
def split(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Split-Brain, whose encoder is two networks that see colours apart."""
    return taken.source(images, tmp_path_factory.mktemp("taken") / "split", "split_brain")


@pytest.fixture(scope="session")
def patches(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """A Vision Transformer, at a size that is no multiple of the patch."""
    folder = tmp_path_factory.mktemp("taken") / "patches"
    return taken.source(images, folder, backbone__name="vit_mini", data__image_size=18)


@pytest.fixture(scope="session")
def large(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """ResNet-18 with the stem of ImageNet."""
    folder = tmp_path_factory.mktemp("taken") / "large"
    small = {"data__image_size": 96, "schedule__epochs": 1, "data__limit": 8}
    return taken.source(images, folder, "simclr", backbone__name="resnet18", **small)


@pytest.fixture(scope="session")
def small_stem(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """ResNet-18 with the stem for small images."""
    folder = tmp_path_factory.mktemp("taken") / "small"
    return taken.source(images, folder, "simclr", backbone__name="resnet18")
