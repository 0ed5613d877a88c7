"""The encoder as one file that needs to be told nothing."""

from pathlib import Path

import pytest
import torch

from sslcore import load_encoder
from sslcore.export import format as formats
from sslcore.export.source import Source
from tests.sslcore.export import taken


@pytest.mark.parametrize("which", ["plain", "split", "patches"])
def test_it_comes_back_as_the_encoder_it_was(
    which: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source: Source = request.getfixturevalue(which)
    done = formats.export(source, "safetensors", tmp_path / "taken")
    assert done.files == ("encoder.safetensors", "README.md")
    images = source.images(3)
    for place in (tmp_path / "taken", tmp_path / "taken" / "encoder.safetensors"):
        encoder = load_encoder(place)
        assert type(encoder) is type(source.encoder)
        assert encoder.image_size == source.size
        with torch.no_grad():
            assert torch.equal(encoder(images), taken.expected(source, images))
    found = taken.said_by_card(tmp_path / "taken", images, monkeypatch)
    assert torch.equal(found, taken.expected(source, images))


def test_the_place_of_the_images_stays_at_home(plain: Source, tmp_path: Path) -> None:
    done = formats.export(plain, "safetensors", tmp_path / "taken")
    folder = plain.opened.recipe.data.folder
    for name in done.files:
        assert folder.encode() not in (done.path / name).read_bytes()
