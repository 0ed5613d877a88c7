"""torchvision's own class takes the state dict, and computes the same after normalisation."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision import models

from sslcore.export import format as formats
from sslcore.export.source import Source
from tests.sslcore.engine.tiny import images
from tests.sslcore.export import taken

__all__ = ["images"]


def test_strictly_loaded_it_gives_the_same_features(
    large: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = formats.export(large, "torchvision", tmp_path / "taken")
    network = models.resnet18(weights=None)
    network.fc = nn.Identity()
    state = torch.load(done.path / "state_dict.pth", weights_only=True)
    network.load_state_dict(state, strict=True)
    probe = large.images(3)
    with torch.no_grad():
        found = network.eval()((probe - large.encoder.mean) / large.encoder.std)
    wanted = taken.expected(large, probe)
    assert torch.allclose(found, wanted, atol=1e-4)
    assert torch.allclose(
        taken.said_by_card(done.path, probe, monkeypatch), wanted, rtol=1e-4, atol=1e-4
    )


def test_what_torchvision_has_no_class_for(plain: Source, small_stem: Source) -> None:
    assert "no class for convnet" in formats.unfit(plain, "torchvision")
    assert formats.unfit(plain, "torchvision").endswith("take module")
    reason = formats.unfit(small_stem, "torchvision")
    assert "trained on 16 px" in reason
    assert "take module, or train at 96 px or more" in reason


def test_vision_transformers_are_sent_to_timm(patches: Source) -> None:
    assert formats.unfit(patches, "torchvision").endswith("take timm")


@pytest.mark.parametrize(
    ("key", "said"), [("cpc", "puts group norm"), ("colorization", "changes the colours")]
)
def test_methods_that_change_the_network(key: str, said: str, images: Path, tmp_path: Path) -> None:
    few = {
        "data__image_size": 96,
        "schedule__epochs": 1,
        "data__limit": 4,
        "schedule__batch_size": 4,
    }
    source = taken.source(images, tmp_path / "run", key, backbone__name="resnet18", **few)
    assert said in formats.unfit(source, "torchvision")
    with pytest.raises(formats.ExportError, match=said):
        formats.export(source, "torchvision", tmp_path / "taken")
    assert not (tmp_path / "taken").exists()
