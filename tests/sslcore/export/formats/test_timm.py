"""timm's classes take the state dict, and compute the same after normalisation."""

import sys
from pathlib import Path

import pytest
import torch

from sslcore.export import format as formats
from sslcore.export.source import Source
from tests.sslcore.engine.tiny import images
from tests.sslcore.export import taken

__all__ = ["images"]


@pytest.mark.parametrize(
    "name",
    [
        "timm:resnet10t",
        "timm:vit_tiny_patch16_224",
        "vit_mini",
        "timm:swin_tiny_patch4_window7_224",
    ],
)
def test_strictly_loaded_it_gives_the_same_features(
    name: str, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("timm")
    few = {"data__image_size": 32, "schedule__epochs": 1, "data__limit": 8}
    source = taken.source(images, tmp_path / "run", "simclr", backbone__name=name, **few)
    done = formats.export(source, "timm", tmp_path / "taken")
    probe = source.images(3)
    found = taken.said_by_card(done.path, probe, monkeypatch)
    assert torch.allclose(found, taken.expected(source, probe), atol=1e-4)


def test_what_timm_has_no_class_for(
    plain: Source, small_stem: Source, patches: Source, images: Path, tmp_path: Path
) -> None:
    pytest.importorskip("timm")
    assert formats.unfit(plain, "timm").endswith("take module")
    assert formats.unfit(small_stem, "timm").endswith("take torchvision or module")
    ours = taken.source(images, tmp_path / "run", "simclr", backbone__name="resnet_small")
    assert formats.unfit(ours, "timm").endswith("for vit_*); take module")
    assert "18 px are no multiple of 4" in formats.unfit(patches, "timm")


def test_without_timm_it_says_how_to_get_it(
    patches: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(formats.ExportError, match=r'pip install "ssl-workbench\[timm\]"'):
        formats.export(patches, "timm", tmp_path / "taken")
