"""Encoders from outside: a list kept with the run, opened at the first image."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sslcore.__main__ import main
from sslcore.assessment import outside
from sslcore.assessment.outside import Outside
from sslcore.assessment.subject import Subject
from sslcore.config import ConfigError
from sslcore.nets.outside import open_encoder
from sslcore.runs import portable
from sslcore.runs.directory import RunDirectory


@pytest.fixture
def directory(trained: Path) -> RunDirectory:
    yield RunDirectory.open(trained)
    (trained / outside.FILE).unlink(missing_ok=True)


SQUEEZED, NAME = "torchvision:squeezenet1_1", "squeezenet1_1 (fresh)"


def test_the_list_is_kept_in_order_and_read_by_every_subject(directory: RunDirectory) -> None:
    assert outside.listed(directory) == ()
    outside.keep(directory, [SQUEEZED, str(directory.path)])
    assert outside.listed(directory) == (SQUEEZED, str(directory.path))
    with Subject.open(directory) as subject:
        assert subject.encoders == ("trained", "untrained", "pixels", NAME, "run")
    outside.keep(directory, [])
    with Subject.open(directory) as subject:
        assert subject.encoders == ("trained", "untrained", "pixels")


def test_more_can_be_named_for_one_time(directory: RunDirectory) -> None:
    outside.keep(directory, [SQUEEZED])
    found = outside.of(directory, 3, 16, "cpu", ["torchvision:alexnet", SQUEEZED])
    assert list(found) == [NAME, "alexnet (fresh)"]
    assert outside.listed(directory) == (SQUEEZED,)


def test_a_network_is_made_at_the_first_image(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make(text: str, channels: int, size: int) -> object:
        made.append(text)
        return open_encoder(text, channels, size, size=64)

    monkeypatch.setattr(outside, "open_encoder", make)
    one = Outside(SQUEEZED, 3, 16)
    assert made == []
    images = torch.rand(2, 3, 16, 16)
    features = one(images)
    assert features.shape == (2, 512)
    assert not features.requires_grad
    torch.testing.assert_close(one.feature_map(images).mean((-2, -1)), features)
    assert made == [SQUEEZED]


@pytest.mark.parametrize("channels", [4, 5])
def test_a_network_for_other_channels_is_refused(directory: RunDirectory, channels: int) -> None:
    for text in (SQUEEZED, str(directory.path)):
        with pytest.raises(ConfigError, match=f"of 3 channels, these have {channels}; choose one"):
            _ = Outside(text, channels, 16).encoder


def test_another_run_is_its_trained_encoder(directory: RunDirectory) -> None:
    with Subject.open(directory) as subject:
        images = subject.images(subject.queries)
        own = subject.encode("trained")(images)
    found = Outside(str(directory.path), 3, 16)
    assert found.title == "run"
    torch.testing.assert_close(found(images), own)


def test_an_exported_file_is_the_encoder_it_was_made_of(
    directory: RunDirectory, tmp_path: Path
) -> None:
    folder = tmp_path / "shapes"
    words = ["export", str(directory.path), "--format", "safetensors", "--out", str(folder)]
    assert main(words) == 0
    file = folder / portable.NAME
    found = Outside(str(file), 3, 16)
    assert found.title == "shapes"
    images = torch.rand(2, 3, 16, 16)
    with Subject.open(directory) as subject:
        torch.testing.assert_close(found(images), subject.encode("trained")(images))
    bare = tmp_path / "bare.safetensors"
    save_file({"weight": torch.zeros(2)}, bare)
    with pytest.raises(ConfigError, match="name the network the weights are for"):
        Outside(str(bare), 3, 16)(images)


def test_what_cannot_be_had_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="encoder from outside: 'nothing' names no encoder"):
        Outside("nothing", 3, 16)(torch.zeros(1, 3, 16, 16))
    with pytest.raises(ConfigError, match="encoder from outside: "):
        Outside(str(tmp_path), 3, 16)(torch.zeros(1, 3, 16, 16))


def test_titles_are_short_and_told_apart() -> None:
    for text, expected in {
        "torchvision:resnet18@DEFAULT": "resnet18 (pretrained)",
        "torchvision:resnet18@IMAGENET1K_V1": "resnet18 (IMAGENET1K_V1)",
        "timm:vit_tiny": "vit_tiny (fresh)",
        "timm:vit_tiny@pretrained": "vit_tiny (pretrained)",
        "/somewhere/else/mine.safetensors@resnet18": "mine (resnet18)",
        "C:\\weights\\mine.safetensors@torchvision:resnet18": "mine (resnet18)",
        " /runs/first ": "first",
        "/exports/shapes/encoder.safetensors": "shapes",
        "encoder.safetensors": "encoder.safetensors",
    }.items():
        assert outside.title(text) == expected
    outside.check(["/a/x", "/a/y"])
    with pytest.raises(ConfigError, match="'x': there is an encoder of this name already"):
        outside.check(["/a/x", "/b/x"])
    with pytest.raises(ConfigError, match="'pixels': there is"):
        outside.check(["pixels"])
    with pytest.raises(ConfigError, match="needs a name"):
        outside.check([" "])


def test_a_damaged_list_is_said(directory: RunDirectory) -> None:
    file = directory.path / outside.FILE
    file.parent.mkdir(exist_ok=True)
    file.write_text("[1, 2")
    with pytest.raises(ValueError, match="cannot be read; delete it"):
        outside.listed(directory)
    file.write_text('{"a": 1}')
    with pytest.raises(ValueError, match="not a list of encoders"):
        outside.listed(directory)
